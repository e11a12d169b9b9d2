// --trace, UMA_TRACE, `uma trace render`, -v, --curl, --dry-run: the command-line conventions 12, 13, 20 and 21, in this process.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { httpSend } from '../../src/adapters/http.ts';
import { commandsOf } from '../../src/cli/locate.ts';
import { REGISTRY } from '../../src/commands/registry.ts';
import { startGateway } from '../../src/gateway/start.ts';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { Recorder } from '../../src/trace/recorder.ts';
import { arrowsOf, merge, type Trace, type TracedExchange } from '../../src/trace/trace.ts';
import { runUma, startUma, type Uma } from './uma.ts';

const RS_SECRET = 'rs-secret-4711-rs-secret';
const CLIENT_SECRET = 'client-secret-4711-client';
const ENV = { UMA_RS_CLIENT_SECRET: RS_SECRET, UMA_CLIENT_SECRET: CLIENT_SECRET };

let uma: Uma;
/** Every secret that any answer or setting brought, read from where they are kept. */
const secrets = (): string[] => {
  const folder = join(uma.directory, 'tokens');
  const kept = (existsSync(folder) ? readdirSync(folder) : []).flatMap((name) => {
    const { value } = JSON.parse(readFileSync(join(uma.directory, 'tokens', name), 'utf8')) as {
      value: Record<string, unknown>;
    };
    return ['access_token', 'id_token', 'refresh_token'].map((member) => value[member]);
  });
  return [RS_SECRET, CLIENT_SECRET, ...kept.filter((value) => typeof value === 'string')];
};
const withoutSecrets = (text: string, ...more: string[]) => {
  for (const secret of [...secrets(), ...more]) assert.ok(!text.includes(secret), `${secret} in ${text}`);
};
const path = (name: string) => join(uma.directory, name);
const run = (argv: readonly string[], env: Record<string, string> = {}, stdin?: string) =>
  uma.run(argv, { env: { ...ENV, ...env }, ...(stdin === undefined ? {} : { stdin }) });
const traceIn = (name: string) => JSON.parse(readFileSync(path(name), 'utf8')) as Trace;
const exchangesIn = ({ entries }: Trace) =>
  entries.filter((entry): entry is TracedExchange => entry.kind === 'exchange');
const forgetTokens = () => rmSync(join(uma.directory, 'tokens'), { recursive: true, force: true });
const TICKET = ['ticket', '--resource', 'Album', '--scope', 'view'];

before(async () => {
  const config = walkthroughConfig();
  config.clients = config.clients.map((client) => {
    if (client.client_id === 'UMA-Resource-Server') return { ...client, client_secret: RS_SECRET };
    return client.client_id === 'UmaClient' ? { ...client, client_secret: CLIENT_SECRET } : client;
  });
  uma = await startUma({ config });
  const registered = await run(['register', '--name', 'Album', '--scope', 'view']);
  assert.equal(registered.code, 0, registered.err);
});
after(() => uma.close());

describe('-v', () => {
  test('cli 12: one line per exchange with -v, headers and bodies with -vv, secrets masked; --show-secrets unmasks; not with --quiet', async () => {
    const one = await run([...TICKET, '-v']);
    assert.equal(one.code, 0, one.err);
    assert.match(
      one.err,
      /^\[1\/5\] GET \/\.well-known\/uma2-configuration -> 200 \(\d+ ms\) {2}resource server -> AS http:\S+, discovery$/m,
    );
    withoutSecrets(one.err, String(one.json().ticket));

    const ticket = String((await run(TICKET)).json().ticket);
    const two = await run(['rpt', '--party', 'bob', '-vv'], { UMA_TICKET: ticket });
    assert.equal(two.code, 7, two.err);
    assert.match(two.err, /^> POST \/token HTTP\/1\.1$/m);
    assert.match(two.err, /^> authorization: Basic …$/m);
    assert.match(two.err, /^< HTTP\/1\.1 403$/m);
    assert.match(two.err, /^< {3}"error": "request_submitted",$/m);
    assert.match(two.err, /^# request: claim_token, decoded: .*"sub":"bob"/m);
    withoutSecrets(two.err, ticket, String(two.json().ticket));

    const shown = await run([...TICKET, '-vv', '--show-secrets']);
    assert.ok(shown.err.includes(String(shown.json().ticket)));
    assert.match(shown.err, /^> authorization: Bearer [\w-]{40,}$/m);
    assert.equal((await run([...TICKET, '-v', '--quiet'])).code, 2);
    assert.equal((await run([...TICKET, '--curl', '--quiet'])).code, 2);
  });

  test('cli 13: every line numbers the step of UMA, without any colour', async () => {
    const steps: string[] = [];
    const lines = async (argv: string[], env: Record<string, string> = {}) => {
      const { err, out } = await run([...argv, '-v', '--no-color'], env);
      const traced = err.split('\n').filter((line) => line.includes(' -> '));
      steps.push(...traced.map((line) => line.replace(/ \(\d+ ms\).*/, '')));
      return out;
    };
    forgetTokens();
    const { ticket } = JSON.parse(await lines(TICKET)) as { ticket: string };
    await lines(['rpt', '--party', 'bob'], { UMA_TICKET: ticket });
    await lines(['approve', '--all', '--owner', 'alice']);
    const again = JSON.parse(await lines(TICKET)) as { ticket: string };
    const rpt = JSON.parse(await lines(['rpt', '--party', 'bob'], { UMA_TICKET: again.ticket })) as {
      access_token: string;
    };
    await lines(['introspect'], { UMA_RPT: rpt.access_token, UMA_TOKEN: rpt.access_token });
    const golden = readFileSync(new URL('trace.golden.txt', import.meta.url), 'utf8');
    assert.equal(
      `${steps.map((line) => line.replace(/requests\/[\w-]+/, 'requests/ID').replace(/resource_set\/[\w-]+/, 'resource_set/ID')).join('\n')}\n`,
      golden,
    );
  });
});

describe('--dry-run and --curl', () => {
  test('cli 20: --dry-run prints the requests and sends none', async () => {
    let count = 0;
    const stub = createServer((_request, response) => {
      count += 1;
      response.writeHead(500).end();
    });
    await once(stub.listen(0, '127.0.0.1'), 'listening');
    after(() => stub.close());
    const issuer = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;
    const dry = async (argv: string[], env: Record<string, string> = {}) => {
      const { code, out, err } = await run([...argv, '--dry-run'], { UMA_ISSUER: issuer, ...env });
      assert.equal(code, 0, err);
      assert.match(err, /nothing was sent/);
      return (JSON.parse(out) as { requests: { method: string; url: string; body?: string }[] }).requests;
    };
    const told = (requests: { method: string; url: string }[]) =>
      requests.map(({ method, url }) => `${method} ${url.slice(issuer.length)}`);
    assert.deepEqual(told(await dry(TICKET)), [
      'GET /.well-known/uma2-configuration',
      'POST /token',
      'POST /permission',
    ]);
    const rpt = await dry(['rpt', '--party', 'bob'], { UMA_TICKET: 'ticket-ticket-ticket-ticket' });
    assert.deepEqual(told(rpt), ['GET /.well-known/uma2-configuration', 'POST /token', 'POST /token']);
    assert.match(rpt[2]?.body ?? '', /ticket=tick…cket/);
    assert.deepEqual(told(await dry(['approve', '--all', '--owner', 'alice'])).slice(0, 3), [
      'GET /.well-known/uma2-configuration',
      'POST /token',
      'GET /owner/requests?status=pending',
    ]);
    assert.deepEqual(told(await dry([...TICKET, '--issuer', `${issuer}/realms/x`])).slice(1), [
      'POST /realms/x/protocol/openid-connect/token',
      'POST /realms/x/authz/protection/permission',
    ]);
    // Every command that speaks to a server, with what it needs least: none may send.
    for (const { path: words, entry } of commandsOf(REGISTRY)) {
      const { command } = await entry.load();
      if (command.groups?.includes('as') === true)
        await run(
          [
            ...words,
            ...(command.args ?? []).filter(({ name }) => name.startsWith('<')).map(() => 'x'),
            '--dry-run',
            '--no-input',
          ],
          { UMA_ISSUER: issuer },
        );
    }
    assert.equal(count, 0);
    for (const command of [['serve'], ['demo'], ['conformance'], ['profile', 'add', 'x']])
      assert.match((await run([...command, '--dry-run'], { UMA_ISSUER: issuer })).err, /has no --dry-run/);
    // What was made up was not kept.
    assert.equal((await run(TICKET)).code, 0);
  });

  test('cli 20: --dry-run leaves no trace file and keeps no token', async () => {
    const kept = readdirSync(join(uma.directory, 'tokens')).length;
    const { code } = await run([...TICKET, '--owner', 'chris', '--dry-run', '--trace', path('dry.json')]);
    assert.equal(code, 0);
    assert.equal(readdirSync(join(uma.directory, 'tokens')).length, kept);
    assert.throws(() => statSync(path('dry.json')));
  });

  test('cli 21: --curl prints runnable lines with secrets as variables; run by sh, they do what the command does', async () => {
    forgetTokens();
    const { code, err } = await run([...TICKET, '--curl']);
    assert.equal(code, 0, err);
    withoutSecrets(err);
    const lines = err.split('\n').filter((line) => line.startsWith('curl '));
    // Discovery, a new PAT, the ticket (by name: a search, too).
    assert.ok(lines.length >= 3);
    for (const line of lines) execFileSync('sh', ['-n', '-c', line]);
    const sh = async (line: string, env: Record<string, string>) => {
      const { stdout } = await promisify(execFile)('sh', ['-euc', line], { env: { PATH: process.env.PATH, ...env } });
      return JSON.parse(stdout) as Record<string, string>;
    };
    const token = lines.find((line) => line.endsWith('/token'))!;
    assert.match(token, /-u UMA-Resource-Server:"\$UMA_RS_CLIENT_SECRET"/);
    const { access_token: pat = '' } = await sh(token, {
      UMA_RS_CLIENT_SECRET: RS_SECRET,
      UMA_OWNER_PASSWORD: 'password',
    });
    const { ticket = '' } = await sh(lines.at(-1)!, { UMA_PAT: pat });
    assert.equal((await run(['rpt', '--party', 'bob'], { UMA_TICKET: ticket })).code, 0);
    // The same without sending anything.
    const dry = await run([...TICKET, '--dry-run', '--curl']);
    assert.match(dry.out, /^(curl [^\n]+\n)+$/);
    withoutSecrets(dry.out);
  });
});

describe('--trace', () => {
  test('several commands of one flow add to one trace, also at the same time; uma trace render makes the page', async () => {
    const env = { UMA_TRACE: path('flow.json') };
    const ticket = String((await run(TICKET, env)).json().ticket);
    const rpt = (await run(['rpt', '--party', 'bob'], { ...env, UMA_TICKET: ticket })).json<{ access_token: string }>();
    await Promise.all(['request', 'policy', 'resource'].map((noun) => run([noun, 'list', '--owner', 'alice'], env)));
    const trace = traceIn('flow.json');
    const titles = new Set(trace.entries.map(({ section }) => section.title));
    assert.deepEqual([...titles].sort(), [
      'uma policy list',
      'uma request list',
      'uma resource list',
      'uma rpt',
      'uma ticket',
    ]);
    assert.deepEqual(
      exchangesIn(trace)
        .flatMap(({ label, answerLabel }) => [label, answerLabel])
        .filter((label) => label !== ''),
      // The resource is named by its name, so that the first ticket is refused.
      ['3', '3', '6', '8'],
    );
    assert.equal(statSync(path('flow.json')).mode & 0o777, 0o600);
    const rendered = await run(['trace', 'render', path('flow.json')]);
    assert.deepEqual(rendered.json(), { file: path('flow.html'), exchanges: exchangesIn(trace).length });
    const page = readFileSync(path('flow.html'), 'utf8');
    withoutSecrets(page + readFileSync(path('flow.json'), 'utf8'), ticket, rpt.access_token);
    assert.match((await run(['trace', 'render', path('flow.json'), '--format', 'mmd'])).out, /^sequenceDiagram\n/);
    assert.equal(
      (await run(['trace', 'render', '-', '--to', path('x.har')], {}, readFileSync(path('flow.json'), 'utf8'))).code,
      0,
    );
    assert.equal((JSON.parse(readFileSync(path('x.har'), 'utf8')) as { log: { version: string } }).log.version, '1.2');
  });

  test('uma get at a gateway: both halves of the flow in one trace, in the order of the labels', async (t) => {
    const send = httpSend({ timeout: 5, insecure: false });
    const photos = createServer((_request, response) => response.end('the photo'));
    await once(photos.listen(0, '127.0.0.1'), 'listening');
    t.after(() => photos.close());
    const upstream = `http://127.0.0.1:${(photos.address() as AddressInfo).port}`;
    const pat = String((await run(['pat', '--owner', 'alice'])).json().access_token);
    // The gateway is a process of its own as a rule; its half of the flow is recorded in the same way.
    const half = new Recorder({ title: 'uma gateway', now: () => performance.timeOrigin + performance.now() });
    const gateway = await startGateway({
      upstream,
      routes: { default: 'deny', owner: 'alice', routes: [{ path: '/*', scopes: ['view'], resource: 'Photos' }] },
      issuer: uma.server.issuer,
      client: { id: 'UMA-Resource-Server', secret: RS_SECRET, method: 'client_secret_basic' },
      send: half.listen(send, 'resource server'),
      port: 0,
      pat: { mode: 'given', pat, owner: 'alice' },
    });
    t.after(() => gateway.close());
    const get = () => run(['get', `${gateway.url}/a.jpg`, '--party', 'bob'], { UMA_TRACE: path('get.json') });
    assert.equal((await get()).code, 7);
    assert.equal((await run(['approve', '--all', '--owner', 'alice'])).code, 0);
    assert.equal((await get()).out, 'the photo');
    const whole = merge(traceIn('get.json'), half.trace());
    const labels = arrowsOf(whole.entries).map((arrow) =>
      arrow.kind === 'back' ? arrow.entry.answerLabel : arrow.entry.label,
    );
    assert.deepEqual(
      labels.filter((label) => label !== ''),
      '2 3 4 6 7 2 3 4 6 8 9 10 11'.split(' '),
    );
    withoutSecrets(JSON.stringify(whole), pat);
  });

  test('what failed is recorded, too: a refusal, a peer that is not there', async () => {
    await run(['rpt', '--party', 'bob', '--trace', path('bad.json')], { UMA_TICKET: 'no-such-ticket' });
    const refused = exchangesIn(traceIn('bad.json')).at(-1);
    assert.deepEqual([refused?.response?.status, refused?.answerLabel], [400, '7']);
    const gone = await run([...TICKET, '--trace', path('gone.json')], { UMA_ISSUER: 'http://127.0.0.1:9' });
    assert.equal(gone.code, 8);
    assert.equal(exchangesIn(traceIn('gone.json'))[0]?.error?.code, 'connection_refused');
  });

  test('an ending that names no format: exit 2, nothing is sent; a file that is no trace is left alone', async () => {
    const wrong = await run([...TICKET, '-v', '--trace', path('flow.txt')]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /\.html.*\.mmd.*\.har.*\.json/);
    assert.doesNotMatch(wrong.err, / -> 200/);
    writeFileSync(path('notes.json'), '{"mine":1}');
    const foreign = await run([...TICKET, '--trace', path('notes.json')]);
    assert.equal(foreign.code, 2);
    assert.equal(readFileSync(path('notes.json'), 'utf8'), '{"mine":1}');
    assert.equal((await run([...TICKET, '--trace', path('no/such/folder.json')])).code, 2);
  });

  test('every command that speaks to a server records it, whatever comes of it', async () => {
    const needed: Record<string, string[]> = {
      register: ['--name', 'Traced', '--scope', 'view'],
      ticket: TICKET.slice(1),
      rpt: ['--ticket', 'no-such-ticket'],
      introspect: [],
      approve: ['--all'],
      deny: ['--all'],
      revoke: ['--resource', 'Album', '--party', 'bob', '--yes'],
      'policy add': ['--resource', 'Album', '--party', 'bob'],
      'policy update': ['--scope', 'view'],
      'resource update': ['--scope', 'view'],
      conformance: ['--suite', 'claims'],
      login: ['--party', 'bob', '--grant', 'password'],
    };
    /** Servers have no end of their own; what the demo writes has a test of its own. */
    const others = ['serve', 'gateway', 'demo'];
    const silent: string[] = [];
    for (const { path: words, entry } of commandsOf(REGISTRY)) {
      const { command } = await entry.load();
      const name = words.join(' ');
      if (command.groups?.includes('as') !== true && name !== 'conformance') continue;
      if (others.includes(name) || words[0] === 'profile') continue;
      const args = (command.args ?? []).filter(({ name }) => name.startsWith('<'));
      const file = path(`traced-${words.join('-')}.json`);
      forgetTokens();
      const argv = [...words, ...args.map(() => `${uma.server.issuer}/x`), ...(needed[name] ?? [])];
      const { err } = await run([...argv, '--no-input', '--trace', file], { UMA_RPT: 'no-such-rpt', CI: '1' });
      const recorded = existsSync(file) ? exchangesIn(JSON.parse(readFileSync(file, 'utf8')) as Trace).length : 0;
      if (recorded === 0) silent.push(`${name}: ${err}`);
      else withoutSecrets(readFileSync(file, 'utf8'));
    }
    // Nobody has signed in: there is nothing to revoke.
    assert.deepEqual(
      silent.filter((line) => !line.startsWith('logout: ')),
      [],
    );
  });

  test('a command that sends nothing says so', async () => {
    const { code, err } = await run(['profile', 'list', '--trace', path('none.html')]);
    assert.equal(code, 0);
    assert.match(err, /no exchange to record/);
  });

  test('uma demo --trace: every step in order, the labels 1 to 11, no secret', async () => {
    const { code, err } = await runUma(['demo', '--trace', path('demo.json')], {}, uma.directory);
    assert.equal(code, 0, err);
    const trace = traceIn('demo.json');
    const sections = [...new Set(trace.entries.map(({ section }) => section.title))];
    assert.deepEqual(
      sections.map((title) => title.split('. ')[0]),
      [...Array.from({ length: 12 }, (_, at) => String(at + 1)), 'Everything is removed again'],
    );
    const labels = new Set(
      trace.entries.flatMap((entry) => [entry.label, entry.kind === 'exchange' ? entry.answerLabel : '']),
    );
    labels.delete('');
    assert.deepEqual(
      [...labels].map(Number).sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
    const basic = Buffer.from('UmaClient:password').toString('base64');
    assert.ok(!readFileSync(path('demo.json'), 'utf8').includes(basic));
    assert.ok(exchangesIn(trace).some(({ tokens }) => tokens.some(({ payload }) => payload.sub === 'bob')));
  });
});
