/** A generator in Node, for machines without wrk. Reads its order from standard input, prints its counts as one JSON line. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Chain, Shot } from './row.ts';

interface Order {
  url: string;
  what: Shot | Chain;
  seconds: number;
  connections: number;
}

const { url, what, seconds, connections } = JSON.parse(await text(process.stdin)) as Order;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const latencies: number[] = [];
let bad = 0;

function send({ method, path, headers, body }: Shot): Promise<{ ok: boolean; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, url), { method, headers, agent }, (answer) => {
      text(answer).then((body) => resolve({ ok: (answer.statusCode ?? 500) < 400, body }), reject);
    });
    outgoing.on('error', reject).end(body);
  });
}

async function once(): Promise<boolean> {
  if (!('permission' in what)) return (await send(what)).ok;
  const { ticket } = JSON.parse((await send(what.permission)).body) as { ticket?: string };
  const { ok, body } = await send({ ...what.token, body: `${what.token.body}${ticket}` });
  return ok && body.includes('"access_token"');
}

const start = performance.now();
const end = start + seconds * 1000;
await Promise.all(
  Array.from({ length: connections }, async () => {
    for (let at = performance.now(); at < end; at = performance.now()) {
      if (await once()) latencies.push(performance.now() - at);
      else bad += 1;
    }
  }),
);
const took = (performance.now() - start) / 1000;
latencies.sort((a, b) => a - b);
const percentile = (share: number) => latencies[Math.max(0, Math.ceil(latencies.length * share) - 1)] ?? 0;
const counts = { good: latencies.length, bad, seconds: took, p50: percentile(0.5), p99: percentile(0.99) };
process.stdout.write(`${JSON.stringify(counts)}\n`);
agent.destroy();
