import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { Actor } from '../../src/protocol/actors.ts';
import { bearer, clientAuthentication, formPost, type HttpRequest, jsonRequest } from '../../src/protocol/http.ts';
import { curlLine } from '../../src/trace/curl.ts';

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

const received: Received[] = [];
const server = createServer(async (request, response) => {
  const { method, url, headers } = request;
  received.push({ method, url, headers, body: await text(request) });
  response.end('ok');
});
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => server.close());
const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

const NASTY = `it's "so" $HOME \`id\` \\ & ; é\n=%`;
const TOKEN = 'T0kenT0kenT0kenT0kenT0kenT0ken';
const basic = clientAuthentication({ id: 'c', secret: TOKEN, method: 'client_secret_basic' }).headers;

/** Request, who sends it, the variables it needs. */
const CASES: Record<string, [HttpRequest, Actor, Record<string, string>]> = {
  'a token request': [
    formPost(at('/token'), { grant_type: 'password', username: NASTY, password: NASTY, scope: 'a b' }, basic),
    'resource server',
    { UMA_RS_CLIENT_SECRET: TOKEN, UMA_OWNER_PASSWORD: NASTY },
  ],
  'an RPT request': [
    formPost(at('/token'), { ticket: TOKEN, claim_token: TOKEN, client_id: 'c', client_secret: TOKEN }),
    'client',
    { UMA_TICKET: TOKEN, UMA_CLAIM_TOKEN: TOKEN, UMA_CLIENT_SECRET: TOKEN },
  ],
  'a JSON body': [
    jsonRequest('PUT', at('/rreg/1'), { name: NASTY, client_secret: TOKEN }, bearer(TOKEN)),
    'resource server',
    { UMA_PAT: TOKEN, UMA_RS_CLIENT_SECRET: TOKEN },
  ],
  'a query': [
    { method: 'GET', url: at(`/x?a=[1]&ticket=${TOKEN}`), headers: bearer(TOKEN) },
    'client',
    { UMA_RPT: TOKEN, UMA_TICKET: TOKEN },
  ],
  'text sent as a form, as by uma get -d': [
    { method: 'POST', url: at('/x'), headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: NASTY },
    'client',
    {},
  ],
  'a form with a NUL': [formPost(at('/x'), { ticket: TOKEN, a: '\0$(id)\0' }), 'client', { UMA_TICKET: TOKEN }],
  "a name with NULs, which was the server's": [
    jsonRequest('PUT', at('/rreg/1'), { name: '\0UMA_PAT$(exit 9)\0', client_secret: TOKEN }),
    'resource server',
    { UMA_RS_CLIENT_SECRET: TOKEN },
  ],
  'a deletion': [
    { method: 'DELETE', url: at('/owner/policies/1'), headers: bearer(TOKEN) },
    'owner',
    { UMA_OWNER_TOKEN: TOKEN },
  ],
};

for (const [what, [request, from, variables]] of Object.entries(CASES)) {
  test(`21: ${what} as a curl line: one line, good shell, no secret, and curl sends the same`, async () => {
    const line = curlLine(request, { from });
    assert.ok(!line.includes(TOKEN), line);
    execFileSync('sh', ['-n', '-c', line]);
    for (const name of Object.keys(variables)) assert.ok(line.includes(`"$${name}"`), `${name} in ${line}`);
    await promisify(execFile)('sh', ['-euc', line], { env: { PATH: process.env.PATH, ...variables } });
    const got = received.at(-1)!;
    assert.equal(got.method, request.method);
    assert.equal(got.url, request.url.slice(at('').length));
    const form = request.headers['content-type']?.includes('urlencoded') === true;
    if (form) assert.deepEqual([...new URLSearchParams(got.body)], [...new URLSearchParams(request.body)]);
    else assert.equal(got.body, request.body ?? '');
    for (const [name, value] of Object.entries(request.headers)) assert.equal(got.headers[name], value, name);
  });
}

test('21: a body that no argument can hold is a file to name', () => {
  const put = { method: 'PUT', url: at('/x'), headers: {}, body: 'a\0$(id)\0' } as const;
  assert.equal(curlLine(put, { from: 'client' }), `curl -sS -X PUT --data-binary @"$UMA_BODY_FILE" ${at('/x')}`);
});
