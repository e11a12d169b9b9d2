// The library as a user of the package has it: built, by its name, with its types.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ensureBuilt } from '../scripts/fresh.ts';
import { startServer, UmaClient, UmaError } from '../src/index.ts';

const root = new URL('..', import.meta.url).pathname;
const node = (...args: string[]) =>
  promisify(execFile)(process.execPath, args, { cwd: root, env: withoutTestContext() });
/** A test runner inside of a test runner would report to the outer one. */
const withoutTestContext = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_TEST_CONTEXT'));
/** Where `uma-cli` is the package itself. */
const scratch = join(root, '.cache', `library-${process.pid}`);

before(() => {
  ensureBuilt();
  mkdirSync(scratch, { recursive: true });
});
after(() => rmSync(scratch, { recursive: true }));

test('docs/examples/album.test.ts passes, as a user runs it', async () => {
  const { stdout } = await node('--test', '--test-reporter=tap', 'docs/examples/album.test.ts');
  assert.match(stdout, /^# pass 2$/m);
  assert.match(stdout, /^# fail 0$/m);
});

test('import and require give one and the same library', async () => {
  const script = `
    const required = require('uma-cli');
    import('uma-cli').then((imported) => {
      const names = Object.keys(imported).sort();
      console.log(JSON.stringify({ names, same: names.every((name) => imported[name] === required[name]) }));
    });`;
  const { stdout } = await node('-e', script);
  assert.deepEqual(JSON.parse(stdout), {
    names: ['UmaClient', 'UmaError', 'fetchSend', 'startGateway', 'startServer', 'walkthroughConfig'],
    same: true,
  });
});

test('the types describe it: the example is well typed, misuse is not', async () => {
  await node('scripts/declarations.ts');
  const exported = readFileSync(join(root, 'types/index.d.ts'), 'utf8');
  for (const name of ['UmaClient', 'UmaError', 'fetchSend', 'startGateway', 'startServer', 'walkthroughConfig'])
    assert.match(exported, new RegExp(`\\b${name}\\b`));
  const misuse = join(scratch, 'misuse.ts');
  writeFileSync(
    misuse,
    `import { startServer, UmaClient } from 'uma-cli';
// @ts-expect-error the port is a number
await startServer({ port: '1' });
const account = { id: 'c', secret: 's' };
const uma = new UmaClient({ issuer: 'https://as.example', resourceServer: account, client: account, people: {} });
const outcome = await uma.rpt('bob', 'ticket');
// @ts-expect-error only a granted outcome has an RPT
outcome.rpt;
if (outcome.kind === 'granted') outcome.rpt satisfies string;
`,
  );
  const project = join(scratch, 'tsconfig.json');
  writeFileSync(
    project,
    JSON.stringify({
      extends: '../../docs/examples/tsconfig.json',
      include: ['misuse.ts', '../../docs/examples/*.ts'],
    }),
  );
  const { stdout } = await node('node_modules/typescript/bin/tsc', '--noEmit', '-p', project);
  assert.equal(stdout, '');
});

test('in a project of its own, which has none of its libraries, the types resolve: nodenext and bundler, import and require', async () => {
  const project = mkdtempSync(join(tmpdir(), 'uma-types-'));
  after(() => rmSync(project, { recursive: true }));
  const modules = join(project, 'node_modules');
  for (const part of ['package.json', 'types', 'dist'])
    cpSync(join(root, part), join(modules, 'uma-cli', part), { recursive: true });
  for (const part of ['@types/node', 'undici-types'])
    cpSync(join(root, 'node_modules', part), join(modules, part), { recursive: true });
  writeFileSync(
    join(project, 'used.mts'),
    `import { type ServerConfig, startGateway, startServer, UmaClient, walkthroughConfig } from 'uma-cli';
const config: ServerConfig = walkthroughConfig();
export const issuers: string[] = config.trusted_issuers.map(({ issuer }) => issuer);
const server = await startServer({ config });
export const client = new UmaClient({ issuer: server.issuer, resourceServer: { id: 'a' }, client: { id: 'b' }, people: {} });
export const gateway = await startGateway({ upstream: 'http://x', routes: {}, issuer: server.issuer, client: { id: 'a', method: 'none' } });
// @ts-expect-error the port is a number
await startServer({ port: '1' });
`,
  );
  writeFileSync(
    join(project, 'required.cts'),
    `import uma = require('uma-cli');
export const started: Promise<uma.RunningServer> = uma.startServer();
`,
  );
  const check = async (moduleResolution: string, module: string, files: string[]) => {
    // Nothing is left out of the check: what the types lead to has to be there.
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2024',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await node(tsc, '-p', project).catch((failed: { stdout: string }) => failed);
    assert.equal(stdout, '', moduleResolution);
  };
  await check('nodenext', 'nodenext', ['used.mts', 'required.cts']);
  await check('bundler', 'esnext', ['used.mts']);
});

test('a server on a free port, and errors that can be told apart', async (t) => {
  const [server, other] = await Promise.all([startServer(), startServer()]);
  t.after(() => Promise.all([server.close(), other.close()]));
  assert.notEqual(server.issuer, other.issuer);
  const uma = (issuer: string, secret = 'password') =>
    new UmaClient({
      issuer,
      resourceServer: { id: 'UMA-Resource-Server', secret },
      client: { id: 'UmaClient', secret: 'password' },
      people: { alice: 'password', bob: 'wrong' },
    });
  const code = (wanted: string) => (error: unknown) => error instanceof UmaError && error.code === wanted;
  await assert.rejects(uma(server.issuer, 'wrong').pat('alice'), code('invalid_client'));
  await assert.rejects(uma(server.issuer).rpt('bob', 'x'), code('invalid_grant'));
  await assert.rejects(uma(server.issuer).pat('mallory'), code('unknown_person'));
  await assert.rejects(uma('http://127.0.0.1:9').pat('alice'), code('connection_failed'));
  await assert.rejects(uma('http://as.example').pat('alice'), code('plain_http'));
  const good = uma(server.issuer);
  const id = await good.register('alice', { name: 'A', resource_scopes: ['s'] });
  await assert.rejects(good.revoke('alice', id, 'nobody'), code('unknown_person'));
  // A challenge that names another AS gets no claims (decision 11).
  const challenge = `UMA realm="x", as_uri="${other.issuer}", ticket="t"`;
  const resource = createServer((_request, response) =>
    response.writeHead(401, { 'www-authenticate': challenge }).end(),
  );
  await once(resource.listen(0, '127.0.0.1'), 'listening');
  t.after(() => resource.close());
  const url = `http://127.0.0.1:${(resource.address() as AddressInfo).port}/`;
  await assert.rejects(good.get('alice', url), code('untrusted_as'));
});
