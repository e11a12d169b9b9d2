/**
 * fuzz/: changed bytes for every parser, over raw sockets to real servers and to the pure parsers. Seeded: the seed and the number of
 * an input make it again. What must hold: no 5xx, nothing unanswered, no error but the parser's own, no growth of memory.
 */
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Harness, start } from '../server/http/harness.ts';
import { chanceOf, mutated } from './bytes.ts';
import { PARSERS } from './parsers.ts';
import { placesOf } from './requests.ts';

/** Milliseconds after which an input counts as hung. A password that is checked takes a tenth of a second. */
const PATIENCE = 20_000;
/** Inputs on their way at once. */
const AT_ONCE = 32;
/** The part of the inputs that goes to servers. */
const OVER_HTTP = 0.4;
/** Bytes that the heap may grow by, after garbage collection, from a tenth of the inputs to the end. */
export const GROWTH = 16 * 1024 * 1024;

export interface Fuzzed {
  seed: number;
  inputs: number;
  /** Inputs by place, and by status (`none`: the connection was closed without an answer, as for what is no HTTP). */
  places: Record<string, number>;
  statuses: Record<string, number>;
  /** Bytes, see {@link GROWTH}. */
  growth: number;
  faults: string[];
}

export async function fuzz({ inputs, seed }: { inputs: number; seed: number }): Promise<Fuzzed> {
  const result: Fuzzed = { seed, inputs, places: {}, statuses: {}, growth: 0, faults: [] };
  const overHttp = Math.floor(inputs * OVER_HTTP);
  fuzzParsers(inputs - overHttp, seed, result);
  const logged: unknown[] = [];
  const servers = await Promise.all(
    ['standard', 'keycloak', 'forgerock'].map((layout) =>
      start({
        layout,
        trustProxy: ['127.0.0.1'],
        log: (...entry) => void logged.push(entry),
      }),
    ),
  );
  try {
    await fuzzServers(servers, overHttp, seed, result);
    for (const entry of logged.slice(0, 5)) result.faults.push(`logged: ${String(entry)}`);
  } finally {
    await Promise.all(servers.map((as) => as[Symbol.asyncDispose]()));
  }
  return result;
}

function fuzzParsers(count: number, seed: number, { places, faults }: Fuzzed): void {
  for (let number = 0; number < count; number += 1) {
    const chance = chanceOf(seed * 1_000_003 + number);
    const { name, input, parse, refuses } = chance.pick(PARSERS);
    const text = mutated(Buffer.from(input), chance).toString(chance.below(2) === 0 ? 'utf8' : 'latin1');
    places[name] = (places[name] ?? 0) + 1;
    const begin = performance.now();
    try {
      parse(text);
    } catch (error) {
      if (!refuses(error))
        faults.push(`parser ${name}, input ${number}: ${String(error)} for ${JSON.stringify(text.slice(0, 300))}`);
    }
    if (performance.now() - begin > PATIENCE) faults.push(`parser ${name}, input ${number}: hung`);
  }
}

async function fuzzServers(servers: readonly Harness[], count: number, seed: number, result: Fuzzed): Promise<void> {
  const standard = servers[0]!;
  const places = await placesOf(standard);
  const ports = servers.map(({ server }) => Number(new URL(server.issuer).port));
  let number = 0;
  const worker = async (until: number) => {
    while (number < until) {
      const mine = number;
      number += 1;
      const chance = chanceOf(seed * 1_000_003 + count + mine);
      const place = chance.pick(places);
      const input = place.make(chance);
      result.places[place.name] = (result.places[place.name] ?? 0) + 1;
      const port = place.name.startsWith('layouts') ? chance.pick(ports) : ports[0]!;
      // The name of the server that it goes to: the requests were made for the first one.
      const bytes =
        port === ports[0] ? input : Buffer.from(input.toString('latin1').replace(`:${ports[0]}`, `:${port}`), 'latin1');
      const answer = await exchange(port, bytes);
      const status = answer === undefined ? 'hung' : (/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none');
      result.statuses[status] = (result.statuses[status] ?? 0) + 1;
      if (status === 'hung' || (status >= '5' && status !== 'none'))
        result.faults.push(
          `${place.name}, input ${mine}: ${status} for ${JSON.stringify(bytes.toString('latin1').slice(0, 600))}`,
        );
    }
  };
  const run = (until: number) => Promise.all(Array.from({ length: AT_ONCE }, () => worker(until)));
  await run(Math.floor(count / 10));
  const before = heapNow();
  await run(count);
  result.growth = heapNow() - before;
  // Whatever was sent, they still serve.
  for (const as of servers) {
    const { status } = await as.send('/health');
    if (status !== 200) result.faults.push(`${as.server.issuer} answers ${status} at the end`);
  }
}

/** The answer to these bytes; empty where the server only closes. Undefined when nothing happens. */
function exchange(port: number, bytes: Buffer): Promise<string | undefined> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const end = (hung: boolean) => {
      clearTimeout(late);
      socket.destroy();
      resolve(hung ? undefined : Buffer.concat(parts).toString('latin1'));
    };
    const late = setTimeout(() => end(true), PATIENCE);
    socket.on('data', (part) => parts.push(part));
    socket.once('end', () => end(false));
    // Closed before all was read: what was answered counts.
    socket.once('error', () => end(false));
    // Nothing more comes: a server that waits for the rest has to notice.
    socket.end(bytes);
  });
}

function heapNow(): number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
