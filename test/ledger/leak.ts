// A test that passes and leaks: what ledger.test.ts lets scripts/test.ts run.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

const TOKEN = 'q3nXb7-vT1mK9sLwE5rYu2Zp0aHd6fGjC8oQiNxVtAk';

test('a server gives a token, and somebody tells people', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ access_token: TOKEN }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text();
  server.close();
  if (process.env.LEAK !== undefined) console.error(`the token is ${TOKEN}!`);
});
