import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig, type Sources } from '../../src/conformance/config.ts';
import { configTemplate } from '../../src/conformance/template.ts';

const environment = {
  RS1_SECRET: 's1',
  RS2_SECRET: 's2',
  CLIENT1_SECRET: 's3',
  ALICE_PASSWORD: 'p1',
  CAROL_PASSWORD: 'p2',
  BOB_PASSWORD: 'p3',
  DAVE_PASSWORD: 'p4',
};
const nothing = () => {
  throw new Error('no file is named');
};
const sources: Sources = { environment, readFile: nothing };

test('the template of --init reads back, with its comments, and takes secrets from the environment', () => {
  const config = parseConfig(configTemplate('https://as.example/tenant'), sources);
  assert.equal(config.issuer, 'https://as.example/tenant');
  assert.deepEqual(
    config.resource_servers.map(({ client_id, client_secret, method }) => [client_id, client_secret, method]),
    [
      ['rs1', 's1', 'client_secret_basic'],
      ['rs2', 's2', 'client_secret_basic'],
    ],
  );
  assert.deepEqual(config.clients.main.claims_redirect_uris, ['https://client.example/claims?a=1']);
  assert.deepEqual(config.parties, [
    { username: 'bob', password: 'p3' },
    { username: 'dave', password: 'p4' },
  ]);
  assert.equal(config.sign_in, 'code');
  assert.equal(config.owner_side, undefined);
});

test('every commented-out line of the template is good configuration too', () => {
  const text = configTemplate().replace(/^(\s*)\/\/ (?=\s*(?:"\w+":|[\]{}]))/gm, '$1');
  const config = parseConfig(text.replaceAll('"ca_file": "ca.pem",', ''), {
    environment: new Proxy({}, { get: () => 'x' }),
    readFile: nothing,
  });
  assert.deepEqual(Object.keys(config.clients), [
    'main',
    'other',
    'bare',
    'public',
    'public_bare',
    'limited',
    'without_grant',
    'key',
  ]);
  assert.equal(typeof config.owner_side, 'object');
  assert.equal(config.claim_issuer?.issuer, 'https://idp.example');
});

const minimal = {
  issuer: 'https://as.example',
  resource_servers: [{ client_id: 'rs', client_secret: 's' }],
  clients: { main: { client_id: 'c', client_secret: 's' } },
  owners: [{ username: 'alice', password: 'p' }],
  parties: [{ username: 'bob', password: 'p' }],
};

test('files hold secrets too, and the end of their last line is no part of them', () => {
  const clients = { main: { client_id: 'c', client_secret_file: 'secret.txt' } };
  const config = parseConfig(JSON.stringify({ ...minimal, clients }), {
    environment: {},
    readFile: (path) => `content of ${path}\n`,
  });
  assert.equal(config.clients.main.client_secret, 'content of secret.txt');
});

const BAD: readonly (readonly [what: string, change: object, message: RegExp])[] = [
  ['no issuer', { issuer: undefined }, /issuer must be a non-empty string/],
  ['no main client', { clients: {} }, /clients\.main is required/],
  ['an unknown kind of client', { clients: { ...minimal.clients, second: {} } }, /clients\.second is none of/],
  [
    'a client without its secret',
    { clients: { main: { client_id: 'c', method: 'client_secret_post' } } },
    /clients\.main\.client_secret is required/,
  ],
  [
    'a variable that is not set',
    { owners: [{ username: 'alice', password_env: 'NOT_SET' }] },
    /owners\[0\]\.password_env names the variable NOT_SET/,
  ],
  ['a person without a password', { parties: [{ username: 'bob' }] }, /parties\[0\]\.password is required/],
  ['two scopes', { scopes: ['a', 'b'] }, /scopes needs at least three/],
  ['another way to sign in', { sign_in: 'magic' }, /sign_in must be/],
  ['an unknown recipe', { owner_side: { share: [] } }, /owner_side\.share must be/],
];

for (const [what, change, message] of BAD) {
  test(`${what} is named by its place`, () => {
    const text = JSON.stringify({ ...minimal, ...change });
    assert.throws(() => parseConfig(text, sources), { code: 'invalid_config', message });
  });
}

test('text that is no JSON is told apart', () => {
  assert.throws(() => parseConfig('{', sources), { code: 'invalid_config', category: 'config' });
});

test('a string that looks like a comment stays whole', () => {
  const text = `{ // the server\n${JSON.stringify(minimal).slice(1)}`;
  assert.equal(parseConfig(text, sources).issuer, 'https://as.example');
});
