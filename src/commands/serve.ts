/** `uma serve`: the built-in authorization server, until it is told to stop. */
import { stayFrugal } from '../adapters/server-process.ts';
import { defineCommand } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { parseDuration } from '../cli/duration.ts';
import { clean } from '../cli/paint.ts';
import { parsePort } from '../cli/port.ts';
import { UmaError } from '../protocol/errors.ts';
import { notReady } from '../server/operation/readiness.ts';
import { announce } from './announce.ts';
import { allOf, answerOperator, OPERATION_FLAGS, openLog, openOperation } from './serve-operation.ts';
import { checkShared, layoutFor, type ServeOptions, start } from './serve-start.ts';
import { STORE_ENVIRONMENT, STORE_FLAGS } from './serve-store.ts';
import type { Served, Started } from './serve-workers.ts';

/** Names of server/layouts/index.ts, here so that help and completion need not load a server; a test compares the two. */
export const LAYOUTS = ['standard', 'keycloak', 'forgerock'] as const;

export const command = defineCommand<ServeOptions>({
  description:
    'Run the built-in authorization server until Ctrl-C or SIGTERM. Without a configuration it has the people and clients of the walkthrough (alice, bob, chris, jdoe, password `password`), on this machine only. Piped, it prints one JSON object once it answers.',
  flags: [
    { flags: '--host <address>', description: 'the address to listen on (default 127.0.0.1)' },
    { flags: '--port <number>', description: 'the port (default 9400, 0: any free one)', parse: parsePort },
    { flags: '--issuer <url>', description: 'the public address, when it is behind a proxy' },
    { flags: '--tls-cert <file>', description: 'certificate (PEM), with --tls-key' },
    { flags: '--tls-key <file>', description: 'key of the certificate (PEM)' },
    ...STORE_FLAGS,
    {
      flags: '--workers <number>',
      description: 'processes that share the port and the work (default 1); with --data or --store',
      parse: parseWorkers,
    },
    {
      flags: '--drop-old',
      description: 'keys rotate: the keys before sign and vouch for nothing any more, and sessions end',
    },
    {
      flags: '--config <file>',
      description: 'people, clients, resources, policies, lifetimes (docs/config.schema.json)',
    },
    {
      flags: '--layout <name>',
      description:
        "whose addresses and shapes it speaks (default standard); another one's people are those of its manual",
      choices: LAYOUTS,
    },
    {
      flags: '--import <realm.json>',
      description:
        'people, clients, resources and policies of a Keycloak realm file; with --layout keycloak, its default',
    },
    {
      flags: '--ticket-ttl <duration>',
      description: 'life of a permission ticket (default 120s)',
      parse: parseLife,
    },
    {
      flags: '--rpt-ttl <duration>',
      description: 'life of an RPT (default 3600s; 300s for jwt)',
      parse: parseLife,
    },
    { flags: '--rpt-format <format>', description: 'what an RPT is (default opaque)', choices: ['opaque', 'jwt'] },
    { flags: '--introspection-get', description: 'also GET /introspect?token=..., for old resource servers' },
    {
      flags: '--trust-proxy <network>',
      description:
        'a proxy whose X-Forwarded-For and -Proto are believed: address, network (10.0.0.0/8) or loopback; repeatable',
      list: true,
    },
    { flags: '--insecure-http', description: 'plain http on other addresses than loopback' },
    ...OPERATION_FLAGS,
    {
      flags: '--expose-demo-people',
      description: 'the people of the walkthrough, whose passwords are public, on other addresses than loopback',
    },
  ],
  examples: [
    { comment: "the walkthrough's server on port 9400", line: 'uma serve' },
    { comment: 'any free port; the issuer for a script', line: 'uma serve --port 0 > serve.json &' },
    { comment: 'in place of a Keycloak, with its realm', line: 'uma serve --import photoz-realm.json' },
    { comment: 'own people and clients, kept on disk', line: 'uma serve --config uma-serve.json --data ./uma-data' },
    { comment: 'one of several servers on one database', line: 'uma serve --store postgres://uma@db.example/uma' },
  ],
  args: [
    {
      name: '[task...]',
      description:
        'instead of serving: `check` (whether it would start: configuration, TLS files, store; writes nothing), `keys rotate` (a new signing key, taken up by running servers), `export` (all of a store as JSON lines), `import FILE` (into an empty one)',
    },
  ],
  fields: ['issuer', 'url', 'pid', 'admin', 'added', 'dropped', 'records', 'ok', 'store', 'not_taken_over', 'faults'],
  spec: 'UMA Grant, UMA Federated Authorization',
  environment: STORE_ENVIRONMENT,
  stopsItself: true,
  async run(options, context) {
    const { signal } = context;
    if (options.task !== undefined && options.task.length > 0) {
      return (await import('./serve-tasks.ts')).runTask(options.task, options, context);
    }
    stayFrugal();
    const log = await openLog(options, context);
    const begin = () => operated(options, context, log);
    const { workers: count = 1 } = options;
    if (count > 1) {
      await checkShared(options, context);
      const { serveByWorkers } = await import('./serve-workers.ts');
      await serveByWorkers(
        {
          count,
          begin,
          operator: (ask) => answerOperator(options, allOf(ask)),
          announce: (server, admin) => started(server, admin, options, context, log),
          warn: (text) => log('warn', text),
          hangup: options.auditLog !== undefined,
        },
        context,
      );
      return undefined;
    }
    let server: Served | undefined;
    const operator = await answerOperator(options, {
      ready: async () => (await server?.ready()) ?? notReady('starting'),
      metrics: async () => (await server?.metrics()) ?? '',
    });
    try {
      server = await begin();
      if (!signal.aborted) {
        await started(server, operator.url, options, context, log);
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      }
    } finally {
      await server?.close();
      await operator.close();
    }
    return undefined;
  },
});

/** A running server with those who watch it. */
async function operated(options: ServeOptions, context: Context, log: ServeLog): Promise<Served> {
  const operation = await openOperation(options, log, context);
  try {
    const server = await start(options, context, log, operation.watchers);
    return {
      ...server,
      metrics: operation.metrics,
      counted: operation.counted,
      async close() {
        await server.close();
        operation.close();
      },
    };
  } catch (error) {
    operation.close();
    throw error;
  }
}

type ServeLog = Awaited<ReturnType<typeof openLog>>;

async function started(
  { issuer, url, notes, switches }: Started,
  admin: string | undefined,
  options: ServeOptions,
  context: Context,
  log: ServeLog,
): Promise<void> {
  const layout = layoutFor(options);
  const who = layout === 'standard' ? 'walkthrough: alice, bob, chris, jdoe' : `people of the ${layout} manual`;
  const known = options.config === undefined && options.import === undefined ? ` (${who})` : '';
  log.tell('info', `uma serve listens on ${issuer === url ? url : `${url} as ${issuer}`}${known}`);
  if (admin !== undefined) log.tell('info', `health and metrics on ${admin}`);
  for (const note of notes) log.tell('warn', `not taken over from ${options.import}: ${clean(note)}`);
  for (const { name, reason } of switches) log.tell('info', `layout ${layout}, switch ${name}: ${reason}`);
  for (const [given, danger] of [
    [options.insecureHttp, '--insecure-http: whoever is on the way reads passwords and tokens'],
    [options.exposeDemoPeople, '--expose-demo-people: everybody knows the passwords'],
    [options.allowReadableFiles, '--allow-readable-files: files with secrets were not looked at'],
  ] as const) {
    if (given === true) log.tell('warn', danger);
  }
  await announce({ issuer, url, pid: context.pid, admin }, { ...options }, context);
}

/** @throws UmaError `invalid_workers` (usage). */
function parseWorkers(text: string): number {
  const count = Number(text);
  if (/^\d{1,3}$/.test(text) && count >= 1 && count <= 128) return count;
  throw new UmaError('usage', 'invalid_workers', `"${text}" is no number of workers`, {
    hint: 'a number from 1 to 128',
  });
}

/** Whole seconds, as the configuration file has them: times in tokens are. @throws UmaError `invalid_duration` (usage). */
function parseLife(text: string): number {
  const seconds = parseDuration(text);
  if (Number.isInteger(seconds) && seconds >= 1) return seconds;
  throw new UmaError('usage', 'invalid_duration', `"${text}" is no life of a ticket or token`, {
    hint: 'whole seconds, 1 or more: 30s, 5m, 1h',
  });
}
