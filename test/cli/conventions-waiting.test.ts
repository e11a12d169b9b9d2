// Conventions about waiting, interrupting and the browser (cli.md 17 to 19, 28 to 31, 47), on real terminals and with fake clocks.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Connection } from '../../src/client/connection.ts';
import { obtainRpt } from '../../src/client/requesting-party.ts';
import { signIn } from '../../src/client/sign-in.ts';
import type { HttpRequest, HttpResponse } from '../../src/protocol/http.ts';
import { STEPS } from '../../src/server/stores/sqlite/schema.ts';
import { startPeer } from './peer.ts';
import { onTerminal } from './terminal.ts';
import { serve, start, temporaryDirectory, uma } from './uma.ts';

const peer = await startPeer();
const { issuer, claimToken } = peer;
const rptLine = `$UMA rpt --ticket t --issuer ${issuer} --claim-token-file ${claimToken}`;

/** An AS that answers nothing, and how to learn of a request. */
async function silent() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const text = (stream: NodeJS.ReadableStream | null) => {
  let all = '';
  stream?.on('data', (part: Buffer) => {
    all += part.toString();
  });
  return () => all;
};

/** Resolves once the text shows; rejects with all of it when it does not. */
const shows = (stream: NodeJS.ReadableStream | null, pattern: RegExp) =>
  new Promise<RegExpExecArray>((resolve, reject) => {
    let all = '';
    stream?.on('data', (part: Buffer) => {
      all += part.toString();
      const found = pattern.exec(all);
      if (found !== null) resolve(found);
    });
    stream?.on('end', () => reject(new Error(`${pattern} does not show in ${JSON.stringify(all)}`)));
  });

/** Nothing that steers a terminal. */
const plain = (text: string) => assert.ok(!text.includes('\u001b') && !text.includes('\r'), text);

test('cli 18: a destructive verb asks on a terminal: no changes nothing, yes does it; --yes does not ask', async () => {
  const home = temporaryDirectory();
  const add = `$UMA profile add p --issuer https://as.example --quiet >/dev/null`;
  const no = await onTerminal(`${add}; $UMA profile delete p`, [[/\(y\/N\)/, 'n\r']], home);
  assert.notEqual(no.code, 0);
  assert.match(no.output, /was not deleted/);
  assert.match((await onTerminal('$UMA profile show p --field issuer', [], home)).output, /https:\/\/as\.example/);
  const yes = await onTerminal('$UMA profile delete p', [[/\(y\/N\)/, 'y\r']], home);
  assert.equal(yes.code, 0, yes.output);
  const unasked = await onTerminal(`${add}; $UMA profile delete p --yes`, [], home);
  assert.doesNotMatch(unasked.output, /\(y\/N\)/);
  assert.equal(unasked.code, 0);
});

test('cli 18: uma profile add NAME asks its way through discovery, and says which flag where nobody can be asked', async () => {
  const home = temporaryDirectory();
  const { issuer: as } = await serve();
  const { code, output } = await onTerminal(
    '$UMA profile add home',
    [
      [/Address \(issuer\)/, `${as}\r`],
      [/found uma2-configuration[\s\S]*Client id of the resource server/, 'UMA-Resource-Server\r'],
      [/Secret of UMA-Resource-Server/, 'password\r'],
      [/Client id of the requesting party/, 'UmaClient\r'],
      [/Secret of UmaClient/, 'password\r'],
      [/Public client/, 'uma-cli\r'],
      [/Name of the resource owner/, 'alice\r'],
      [/Name of the requesting party/, 'bob\r'],
    ],
    home,
  );
  assert.equal(code, 0, output);
  assert.doesNotMatch(output, /password\b(?!.*--)/, 'secrets are not echoed');
  const env = { UMA_CONFIG_DIR: home, UMA_PARTY_PASSWORD: 'password' };
  const used = await uma(['claims', '--field', 'claim_token_format'], { env });
  assert.match(used.stdout, /#IDToken/, used.stderr);
  const unasked = await uma(['profile', 'add', 'other']);
  assert.equal(unasked.code, 2);
  assert.match(unasked.stderr, /--issuer URL/);
});

test('cli 18: uma profile add NAME asks again, with the reason, for an address that is none, where nobody answers, or that is no UMA server', async () => {
  const home = temporaryDirectory();
  const { issuer: as } = await serve();
  const { server, url: page } = await silent();
  server.on('request', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'));
  const { server: empty, url: nothing } = await silent();
  empty.on('request', (_request, response) => response.writeHead(404).end());
  const { server: oauth, url: plainOauth } = await silent();
  oauth.on('request', (request, response) => {
    const metadata = { issuer: plainOauth, token_endpoint: `${plainOauth}/token` };
    response.writeHead(request.url === '/.well-known/openid-configuration' ? 200 : 404);
    response.end(JSON.stringify(metadata));
  });
  const asked = (reason: string) => new RegExp(`uma: .*${reason}[\\s\\S]*Address \\(issuer\\)`);
  const { code, output } = await onTerminal(
    '$UMA profile add home --quiet',
    [
      [/Address \(issuer\)/, 'as.example\r'],
      [asked('"as.example" is no address of a server; as the server writes it: https://'), '\r'],
      [asked('"" is no address'), 'http://127.0.0.1:1\r'],
      [asked('nobody listens at http://127.0.0.1:1'), 'http://as.example\r'],
      [asked('http://as.example'), `${page}\r`],
      [asked('is not JSON'), `${nothing}\r`],
      [/publishes no metadata[\s\S]*right all the same\?/, 'n\r'],
      [/Address \(issuer\)/, `${plainOauth}\r`],
      [/without UMA, good for claims at most[\s\S]*right all the same\?/, '\r'],
      [/Address \(issuer\)/, `${as}/\r`],
      [asked('issuer'), `${as}\r`],
      [/Client id of the resource server/, '\r'],
      [/Client id of the requesting party/, '\r'],
      [/Public client/, '\r'],
      [/Name of the resource owner/, 'alice\r'],
      [/Name of the requesting party/, '\u0003'],
    ],
    home,
  );
  assert.equal(code, 130, output);
  assert.deepEqual(
    readdirSync(home).filter((name) => name.endsWith('.json')),
    [],
    'nothing is kept',
  );
});

test('cli 18: a server without metadata can be added all the same, by its product', async () => {
  const home = temporaryDirectory();
  const { server, url } = await silent();
  server.on('request', (_request, response) => response.writeHead(404).end());
  const { code, output } = await onTerminal(
    '$UMA profile add home',
    [
      [/Address \(issuer\)/, `${url}\r`],
      [/right all the same\?/, 'y\r'],
      [/Which product is it\?/, '\r'],
      [/Client id of the resource server/, '\r'],
      [/Client id of the requesting party/, '\r'],
      [/Public client/, '\r'],
      [/Name of the resource owner/, '\r'],
      [/Name of the requesting party/, '\r'],
    ],
    home,
  );
  assert.equal(code, 0, output);
  const { stdout } = await uma(['profile', 'show', 'home'], { env: { UMA_CONFIG_DIR: home } });
  assert.deepEqual(JSON.parse(stdout), { name: 'home', issuer: url, dialect: 'standard' });
});

test('cli 19: a sign-in prints the address under --quiet too, opens nothing with --no-browser, comes back to 127.0.0.1', async () => {
  const { issuer: as } = await serve();
  const args = ['login', '--issuer', as, '--grant', 'browser', '--no-browser', '--quiet'];
  const env = { PATH: '/nonexistent', DISPLAY: ':0' };
  const child = start(args, { env });
  const [, url = ''] = await shows(child.stderr, /sign in at (\S+)/);
  const back = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
  assert.equal(back.hostname, '127.0.0.1');
  assert.notEqual(back.port, '0');
  child.kill('SIGINT');
  await once(child, 'exit');
  const port = await freePort();
  const fixed = start([...args, '--port', String(port)], { env });
  const [, again = ''] = await shows(fixed.stderr, /sign in at (\S+)/);
  assert.equal(new URL(new URL(again).searchParams.get('redirect_uri') ?? '').port, String(port));
  const second = await uma([...args, '--port', String(port)], { env });
  assert.equal(second.code, 2, 'the port is taken');
  assert.match(second.stderr, /--port/);
  fixed.kill('SIGINT');
  await once(fixed, 'exit');
});

async function freePort(): Promise<number> {
  const { server } = await silent();
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

test('cli 19: a machine without anything that opens a browser is no error', async () => {
  const { issuer: as } = await serve();
  const { code, output } = await onTerminal(`PATH=/nonexistent $UMA login --grant browser --issuer ${as}`, [
    [/sign in at \S+/, '\u0003'],
  ]);
  assert.equal(code, 130, output);
  assert.doesNotMatch(output, /xdg-open|ENOENT/);
});

/** An AS of which only the token endpoint matters: it gives these answers, one after the other. */
function scripted(answers: readonly [number, Record<string, unknown>][]) {
  const left = [...answers];
  const sent: HttpRequest[] = [];
  const slept: number[] = [];
  const connection = new Connection({
    issuer: 'https://as.example',
    endpoints: {
      token_endpoint: 'https://as.example/token',
      device_authorization_endpoint: 'https://as.example/device',
    },
    dialect: 'standard',
    now: () => slept.reduce((sum, seconds) => sum + seconds, 0),
    send: async (request): Promise<HttpResponse> => {
      sent.push(request);
      const [status, body] = left.shift() ?? [500, {}];
      return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    },
  });
  const sleep = async (seconds: number) => void slept.push(seconds);
  return { connection, sleep, slept, sent };
}

test('cli 29: polling a device code honours interval, and slow_down adds 5 s', async () => {
  const device = { device_code: 'd', user_code: 'u', verification_uri: 'https://as.example/code', interval: 2 };
  const { connection, sleep, slept } = scripted([
    [200, device],
    [400, { error: 'authorization_pending' }],
    [400, { error: 'slow_down' }],
    [400, { error: 'slow_down' }],
    [200, { access_token: 'a', token_type: 'Bearer' }],
  ]);
  const how = { grant: 'device', listen: () => assert.fail('no browser'), show() {}, sleep } as const;
  const exchange = await signIn(connection, { id: 'c', method: 'none' }, undefined, how);
  assert.equal(exchange.response.status, 200);
  assert.deepEqual(slept, [2, 2, 7, 12]);
});

test('cli 29: --wait ends in time, and polls at the interval of each answer', async () => {
  const pending = (ticket: string, interval?: number): [number, Record<string, unknown>] => [
    403,
    { error: 'request_submitted', ticket, ...(interval === undefined ? {} : { interval }) },
  ];
  const { connection, sleep, slept, sent } = scripted([pending('t1', 3), pending('t2'), pending('t3', 30)]);
  const wait = { limit: 20, sleep };
  const outcome = await obtainRpt(connection, { id: 'c', method: 'none' }, { ticket: 't0' }, { wait });
  assert.equal(outcome.kind, 'request_submitted');
  assert.deepEqual(slept, [3, 5], 'the next pause would end after 20 s');
  assert.equal(sent.length, 3);
});

test('cli 29: --timeout limits each request', async () => {
  const { url } = await silent();
  const { code, stderr } = await uma(['discover', '--issuer', url, '--timeout', '50ms']);
  assert.equal(code, 8);
  assert.match(stderr, /within 0\.05 s/);
  assert.match(stderr, /^Try: .*--timeout/m);
});

test('cli 30: Ctrl-C ends at once with 130: nothing on standard output, the listener closed, nothing half written', async () => {
  const config = temporaryDirectory();
  const { issuer: as } = await serve();
  const child = start(['login', '--issuer', as, '--grant', 'browser'], { env: { UMA_CONFIG_DIR: config } });
  const out = text(child.stdout);
  const [, url = ''] = await shows(child.stderr, /sign in at (\S+)/);
  const { port } = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 130);
  assert.equal(out(), '');
  assert.deepEqual(readdirSync(config), []);
  const [error] = (await once(connect(Number(port), '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
});

test('cli 30: Ctrl-C at a prompt restores the cursor and ends with 130', async () => {
  const { code, output } = await onTerminal(`$UMA rpt --ticket t --issuer ${issuer} --client c`, [
    [/Secret of the client c/, '\u0003'],
  ]);
  assert.equal(code, 130, output);
  assert.ok(output.lastIndexOf('\u001b[?25h') > output.lastIndexOf('\u001b[?25l'), 'the cursor is back');
});

test('cli 30: what stops by itself gets the chance to at the first Ctrl-C, and is ended by the second', async () => {
  const script = `
    import { onInterrupt } from ${JSON.stringify(new URL('../../src/adapters/terminal.ts', import.meta.url).href)};
    const controller = new AbortController();
    onInterrupt(controller, () => true);
    controller.signal.addEventListener('abort', () => console.log('stopping'));
    setInterval(() => {}, 1000);
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await shows(child.stdout, /ready/);
  child.kill('SIGINT');
  await shows(child.stdout, /stopping/);
  assert.equal(child.exitCode, null);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [130, null]);
  const server = start(['serve', '--port', '0']);
  await shows(server.stdout, /issuer/);
  server.kill('SIGINT');
  assert.deepEqual(await once(server, 'exit'), [0, null], 'a server that was told to stop did what it should');
});

test('cli 31: a slow answer is told on a terminal, and the line is gone again; nothing of it in a pipe', async () => {
  const { server, url } = await silent();
  const host = new URL(url).host;
  server.on('request', (_request, response) => waiting.then(() => response.writeHead(404).end()));
  let answer: (() => void) | undefined;
  const waiting = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const shown = await onTerminal(`$UMA discover --issuer ${url}`, [
    [
      new RegExp(`waiting for ${host} \\.\\.\\.`),
      () => {
        answer?.();
        return undefined;
      },
    ],
  ]);
  assert.ok(shown.output.includes('\r\u001b[2K'));
  const piped = await uma(['discover', '--issuer', url]);
  assert.doesNotMatch(piped.stderr, /waiting/);
  plain(piped.stderr);
});

test('cli 47: waiting for the owner shows one plain line a poll, on a terminal and in a pipe', async () => {
  peer.answer = { status: 403, body: { error: 'request_submitted', ticket: 'other', interval: 1 } };
  const line = /(^|\[2K)the owner has not decided; asking again in 1 s \(waited 0 s of 5 s\)\r?$/m;
  assert.match((await onTerminal(`${rptLine} --wait 5s`)).output, line);
  const args = ['rpt', '--ticket', 't', '--issuer', issuer, '--claim-token-file', claimToken, '--wait', '5s'];
  const piped = await uma(args);
  assert.match(piped.stderr, line);
  plain(piped.stderr);
});

/** A data directory as the first program with a store left it. */
function oldData(): string {
  const data = temporaryDirectory();
  const file = join(data, 'uma.sqlite');
  const handle = new DatabaseSync(file);
  handle.exec(`${STEPS[0]}; PRAGMA user_version = 1`);
  handle.close();
  chmodSync(file, 0o600);
  return data;
}

test('cli 47: a start that brings an older store up to date says so in a line, on a terminal and in a pipe, and once', async () => {
  const told = `the store is brought from schema 1 to ${STEPS.length}`;
  const shown = await onTerminal(`$UMA serve --port 0 --data ${oldData()}`, [[/listens on/, '\u0003']]);
  assert.ok(shown.output.includes(told), shown.output);
  const data = oldData();
  for (const expected of [true, false]) {
    const child = start(['serve', '--port', '0', '--workers', '2', '--data', data]);
    const err = text(child.stderr);
    await shows(child.stdout, /issuer/);
    child.kill('SIGTERM');
    await once(child, 'exit');
    assert.equal(err().split(told).length, expected ? 2 : 1, err());
    plain(err());
  }
});

test('cli 47: a conformance run counts on one line of a terminal, and prints one line a check elsewhere', async () => {
  const shown = await onTerminal('$UMA conformance --suite claims', [[/\[2\/\d+\] done: /, '\u0003']]);
  assert.ok(/\[1\/\d+\] done: /.test(shown.output) && shown.output.includes('\r\u001b[K['), shown.output);
  const child = start(['conformance', '--suite', 'claims']);
  const err = text(child.stderr);
  await shows(child.stderr, /^\[1\/\d+\] \S.*\n\[2\/\d+\] /m);
  child.kill('SIGINT');
  await once(child, 'exit');
  plain(err());
});
