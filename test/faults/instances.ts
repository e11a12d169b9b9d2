/** One server of several processes: `uma serve` as the tests of this folder start, ask, kill and start it again. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { start, temporaryDirectory } from '../cli/uma.ts';
import { type Answer, Harness } from '../server/http/harness.ts';

/** The name of the server, whichever process answers; nobody has to listen there. */
const ISSUER = 'http://localhost:9400';

export interface Place {
  name: string;
  /** Flags and variables by which an instance finds the store. */
  args: readonly string[];
  env: Record<string, string>;
}

export const onFile = (_t?: TestContext, directory = temporaryDirectory()): Place & { directory: string } => ({
  name: 'SQLite file',
  args: ['--data', directory],
  env: {},
  directory,
});

export interface Instance {
  child: ChildProcess;
  port: number;
  /** What it has written to standard error so far. */
  said: string[];
}

/** Requests go to each living instance in turn, each on a connection of its own, as many at once as are asked for. */
export class Instances extends Harness {
  readonly place: Place;
  readonly more: readonly string[];
  readonly members: Instance[] = [];
  #turn = 0;
  #up = Promise.withResolvers<void>();

  constructor(place: Place, more: readonly string[] = []) {
    super({ issuer: ISSUER, url: ISSUER, switches: [], notes: [], close: async () => {} }, []);
    this.place = place;
    this.more = more;
  }

  /** Resolves when it answers. `env`: in addition to that of the place. */
  async launch(env: Record<string, string> = {}): Promise<Instance> {
    const { args, env: of } = this.place;
    const child = start(['serve', '--port', '0', '--issuer', ISSUER, ...args, ...this.more], {
      env: { ...of, ...env },
    });
    const said: string[] = [];
    child.stderr?.setEncoding('utf8').on('data', (part: string) => said.push(part));
    const [line] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])) as [Buffer | number];
    assert.ok(line instanceof Buffer, `it did not start: ${said.join('')}`);
    const { url } = JSON.parse(line.toString()) as { url: string };
    const instance = { child, port: Number(new URL(url).port), said };
    this.members.push(instance);
    this.#up.resolve();
    return instance;
  }

  /** Resolves as soon as one runs. */
  get up(): Promise<void> {
    return this.#up.promise;
  }

  /** kill -9, and gone. */
  async kill(instance: Instance): Promise<void> {
    this.members.splice(this.members.indexOf(instance), 1);
    if (this.members.length === 0) this.#up = Promise.withResolvers();
    const gone = once(instance.child, 'exit');
    instance.child.kill('SIGKILL');
    await gone;
  }

  override send(path: string, init: RequestInit = {}): Promise<Answer> {
    this.#turn += 1;
    const instance = this.members[this.#turn % this.members.length];
    if (instance === undefined) return Promise.reject(new Error('no instance runs'));
    return this.ask(instance, path.replace(ISSUER, ''), init);
  }

  /** @throws when the connection breaks before the answer is whole. */
  async ask({ port }: Pick<Instance, 'port'>, path: string, { method = 'GET', headers, body }: RequestInit = {}) {
    const outgoing = request({
      agent: false,
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { ...(headers as Record<string, string>), host: new URL(ISSUER).host },
    });
    outgoing.end(body ?? undefined);
    const [answer] = await once(outgoing, 'response');
    const whole = await text(answer);
    let value: unknown;
    try {
      value = JSON.parse(whole);
    } catch {
      value = undefined;
    }
    const fields = (answer as IncomingMessage).headersDistinct;
    const pairs = Object.entries(fields).flatMap(([name, all = []]) => all.map((one): [string, string] => [name, one]));
    return { status: answer.statusCode as number, headers: new Headers(pairs), text: whole, body: value };
  }

  async stop(): Promise<void> {
    for (const { child } of this.members) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
  }
}

/** So many instances, started at once on a store that may be empty; stopped after the test. */
export async function instances(
  t: TestContext,
  place: Place,
  count: number,
  more: readonly string[] = [],
): Promise<Instances> {
  const as = new Instances(place, more);
  t.after(() => as.stop());
  await Promise.all(Array.from({ length: count }, () => as.launch()));
  return as;
}
