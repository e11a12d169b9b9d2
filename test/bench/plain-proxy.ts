/** What the gateway is measured beside: its proxy library alone, set up as it is there. The upstream is the first argument. */
import proxy from '@fastify/http-proxy';
import fastify from 'fastify';

const app = fastify({ logger: false });
app.register(proxy, {
  upstream: process.argv[2] ?? '',
  undici: false,
  http: { requestOptions: { timeout: 60_000 }, agentOptions: { keepAlive: true, maxSockets: 4096 } },
  disableRequestLogging: true,
} as never);
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${JSON.stringify({ url })}\n`);
process.on('SIGTERM', () => process.exit());
