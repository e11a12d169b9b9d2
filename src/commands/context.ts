/** Puts the adapters together for one run of a command. The one place that knows them all. */
import { join, resolve } from 'node:path';
import { fileCache } from '../adapters/cache.ts';
import { systemClock } from '../adapters/clock.ts';
import { configDirectory } from '../adapters/config-directory.ts';
import { files } from '../adapters/files.ts';
import { httpSend } from '../adapters/http.ts';
import { findProjectFile } from '../adapters/project-file.ts';
import { terminalPrompts } from '../adapters/prompts.ts';
import { resourceAsk } from '../adapters/resource.ts';
import { configFile, settingsStore, storageMemory } from '../adapters/settings-store.ts';
import { onHangup } from '../adapters/terminal.ts';
import { makeVault, STORAGES, type Storage } from '../adapters/vault.ts';
import { tellWaiting } from '../adapters/waiting.ts';
import type { Cache, Context } from '../cli/context.ts';
import { DEMO_ISSUER } from '../cli/demo-profile.ts';
import { type PassedOn, readPiped } from '../cli/input.ts';
import type { Io } from '../cli/io.ts';
import type { OutputOptions } from '../cli/output.ts';
import { clean } from '../cli/paint.ts';
import { resolveSettings } from '../cli/resolve-settings.ts';
import type { Actor } from '../protocol/actors.ts';
import { UmaError } from '../protocol/errors.ts';
import type { Send } from '../protocol/http.ts';
import type { Ask, ResourceAnswer } from '../protocol/resource-request.ts';
import { asksForTracing } from './trace-flags.ts';
import type { Tracing } from './tracing.ts';

/** Thrown through the command when standard input is a refused outcome: the frame prints it unchanged. */
export class PassOn {
  readonly refused: PassedOn;
  constructor(refused: PassedOn) {
    this.refused = refused;
  }
}

/** Seconds. */
const DEFAULT_TIMEOUT = 10;

/** `title` is the command as typed, without its flags: `uma rpt`. The tracing is there when a flag or UMA_TRACE asked for it. */
export async function makeContext(
  flags: Readonly<Record<string, unknown>>,
  output: OutputOptions,
  io: Io,
  signal: AbortSignal,
  title: string,
): Promise<{ context: Context; tracing: Tracing | undefined }> {
  const directory = configDirectory(io);
  const prompts = terminalPrompts(io, flags.asks !== false);
  const read = files(io);
  const readSecret = async (flag: string, path: string) => {
    const secret = (await read.readFile(flag, path)).trim();
    if (secret !== '') return secret;
    throw new UmaError('usage', 'empty_secret', `${flag}: ${path === '-' ? 'standard input' : path} is empty`, {
      hint: path === '-' ? `is the variable set? printf %s "$SECRET" | uma ... ${flag} -` : undefined,
    });
  };
  const warn = (text: string) => io.err(`uma: ${clean(text, true)}\n`);
  const config = configFile(directory);
  const vault = makeVault({
    keyring: async () => (await import('../adapters/keyring.ts')).systemKeyring,
    ...storageMemory(config),
    asked: () => storageIn(io.env),
    insecure: flags.insecureStorage === true,
    warn,
    name: resolve(io.cwd, directory),
  });
  const store = settingsStore(directory, config, vault);
  const settings = await resolveSettings({
    flags,
    env: io.env,
    project: findProjectFile(io.cwd),
    store,
    prompts,
    readSecret,
  });
  const insecure = flags.insecure === true;
  if (insecure) warn('warning: --insecure: certificates are not checked, http:// is allowed');
  const ca = typeof flags.caFile === 'string' ? await read.readFile('--ca-file', flags.caFile) : undefined;
  const httpOptions = {
    timeout: typeof flags.timeout === 'number' ? flags.timeout : DEFAULT_TIMEOUT,
    insecure,
    ca,
    env: io.env,
    hintWhenRefused: (url: string) =>
      settings.profile.value === 'demo' && url.startsWith(DEMO_ISSUER)
        ? `start it in another terminal: uma serve`
        : (io.env.HTTPS_PROXY ?? io.env.https_proxy) === undefined
          ? undefined
          : 'the environment names a proxy: check HTTPS_PROXY, or list the host in NO_PROXY',
  };
  const tracing = asksForTracing(flags, io.env)
    ? (await import('./tracing.ts')).makeTracing({ flags, output, io, settings, title })
    : undefined;
  const waiting = tellWaiting(io, output.quiet, signal);
  const told =
    <Q extends { url: string }, A>(port: (request: Q) => Promise<A>) =>
    (request: Q) =>
      waiting(request.url, () => port(request));
  const plain = { send: told(httpSend({ ...httpOptions, signal })), sendToTheEnd: httpSend(httpOptions) };
  const traced = (port: Send, from?: Actor): Send => (tracing === undefined ? port : tracing.listen(port, from));
  const sendAs = (from?: Actor) => ({ send: traced(plain.send, from), sendToTheEnd: traced(plain.sendToTheEnd, from) });
  const { send, sendToTheEnd } = sendAs();
  const cache = fileCache(join(directory, 'tokens'), { now: systemClock.now, vault, warn });
  let piped: ReturnType<Context['input']> | undefined;
  const context: Context = {
    io,
    settings,
    settingsOf: (profile) =>
      resolveSettings({ flags: { profile }, env: {}, project: undefined, store, prompts, readSecret }),
    send,
    sendToTheEnd,
    sendAs,
    listened: (port) => traced(port),
    trace: tracing ?? { section() {}, deed() {} },
    ask: listened(told(resourceAsk({ ...httpOptions, signal })), (port) => traced(port)),
    exchange: async (request) => ({ request, response: await send(request) }),
    clock: systemClock,
    prompts,
    cache: tracing?.rehearsed === undefined ? cache : readOnly(cache),
    store,
    pid: process.pid,
    signal,
    onHangup,
    input() {
      piped ??= read.stdin().then((text) => {
        const input = text === undefined ? undefined : readPiped(text);
        if (input?.form === 'refused') throw new PassOn(input);
        return input;
      });
      return piped;
    },
    readFile: read.readFile,
    readSecret,
    async readJson(flag, path) {
      const text = await read.readFile(flag, path);
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new UmaError(
          'usage',
          'invalid_json',
          `${flag}: ${path === '-' ? 'standard input' : path} is not JSON: ${(error as Error).message}`,
        );
      }
    },
    note(text) {
      if (!output.quiet) io.err(`${clean(text, true)}\n`);
    },
    warn,
  };
  return { context, tracing };
}

/** A trace listens to the port of exchanges: a streamed one passes it with an empty body. */
function listened(ask: Ask, traced: (port: Send) => Send): Ask {
  return async (request) => {
    let streamed: ResourceAnswer | undefined;
    const { method, url, headers, body } = request;
    const text = body === undefined ? {} : { body: new TextDecoder().decode(body) };
    const seen = await traced(async () => {
      streamed = await ask(request);
      return { status: streamed.status, headers: streamed.headers, body: '' };
    })({ method, url, headers, ...text });
    // A dry run asks nobody.
    return streamed ?? { ...seen, body: bodyOf(seen.body), discard() {} };
  };
}

async function* bodyOf(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** A dry run leaves no made-up token behind. */
const readOnly = (cache: Cache): Cache => ({
  get: (key) => cache.get(key),
  put: async () => {},
  forget: async () => {},
  list: () => cache.list(),
  alone: (_key, act) => act(),
});

/** `UMA_STORAGE`. @throws UmaError `invalid_storage` (config). */
function storageIn({ UMA_STORAGE: asked }: Io['env']): Storage | undefined {
  const found = STORAGES.find((name) => name === asked);
  if (found !== undefined || asked === undefined || asked === '') return found;
  throw new UmaError('config', 'invalid_storage', `UMA_STORAGE is "${asked}"`, { hint: STORAGES.join(' or ') });
}
