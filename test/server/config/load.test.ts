import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { UmaError } from '../../../src/protocol/errors.ts';
import { DEFAULT_SETTINGS } from '../../../src/server/authorization/settings.ts';
import { descriptionOf } from '../../../src/server/config/config.ts';
import { type LoadOptions, loadConfig } from '../../../src/server/config/load.ts';
import { verifyPassword } from '../../../src/server/config/passwords.ts';

const directory = mkdtempSync(join(tmpdir(), 'uma-config-'));
after(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'uma.json');

function load(content: unknown, options?: LoadOptions) {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, 0o600);
  return loadConfig(path, options);
}

const ALICE = { username: 'alice', sub: 'a-1', name: 'Alice' };
const BOB = { username: 'bob', sub: 'b-1', name: 'Bob Baker' };
const RS = { client_id: 'photos', client_secret: 'hush', grant_types: ['client_credentials'] };
const PHOTO = {
  id: 'photo',
  owner: 'alice',
  rs: 'photos',
  name: 'Photo',
  resource_scopes: ['view'],
  'name#fr': 'Photo',
};
const POLICY = { owner: 'alice', resource_id: 'photo', effect: 'allow', subject: { party: { username: 'bob' } } };
const base = { people: [ALICE, BOB], clients: [RS], resources: [PHOTO], policies: [POLICY] };
const PUBLIC_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

describe('a good file', () => {
  it('is completed with defaults', async () => {
    const config = await load({ people: [{ username: 'alice' }] });
    assert.deepEqual(config.people, [{ username: 'alice', sub: 'alice' }]);
    assert.deepEqual(config.settings, DEFAULT_SETTINGS);
    assert.equal(config.settings.ticket_ttl, 120);
    assert.equal(config.settings.rpt_ttl, 3600);
    assert.equal(config.lifetimes.access_token, 3600);
    assert.equal(config.password_grant, false);
    assert.equal(config.registration, undefined);
  });

  it('hashes passwords and keeps none in the clear', async () => {
    const config = await load({ people: [{ ...ALICE, password: 'open sesame' }] });
    assert.ok(!JSON.stringify(config).includes('open sesame'));
    assert.equal(await verifyPassword('open sesame', config.people[0]?.password_hash), true);
  });

  it('resolves owners, parties and members of resources', async () => {
    const config = await load(base);
    const { id: _, owner: __, rs: ___, ...description } = PHOTO;
    assert.deepEqual(config.resources, [{ id: 'photo', owner: 'a-1', rs: 'photos', description }]);
    const [policy] = config.policies;
    assert.ok(policy);
    assert.equal(policy.owner, 'a-1');
    assert.deepEqual(descriptionOf(policy, 'https://as.example'), {
      resource_id: 'photo',
      effect: 'allow',
      subject: { party: { iss: 'https://as.example', sub: 'b-1', name: 'Bob Baker' } },
    });
  });

  it('gives resources and policies without an id the same one at every start', async () => {
    const { id: _, ...nameless } = PHOTO;
    const [first, second] = [
      await load({ ...base, policies: [], resources: [nameless] }),
      await load({ ...base, policies: [], resources: [nameless] }),
    ];
    assert.match(first.resources[0]?.id ?? '', /^[\w-]{22}$/);
    assert.equal(first.resources[0]?.id, second.resources[0]?.id);
    assert.equal((await load(base)).policies[0]?.id, (await load(base)).policies[0]?.id);
  });

  it('takes client secrets from a file and from the environment', async () => {
    writeFileSync(join(directory, 'secret.txt'), 'from file\n', { mode: 0o600 });
    const clients = [
      { client_id: 'a', client_secret_file: 'secret.txt', grant_types: ['client_credentials'] },
      { client_id: 'b', client_secret_env: 'B_SECRET', grant_types: ['client_credentials'] },
      { client_id: 'c', redirect_uris: ['http://127.0.0.1/callback'] },
    ];
    const config = await load({ clients }, { env: { B_SECRET: 'from env' } });
    assert.deepEqual(
      config.clients.map((client) => [
        client.client_secret,
        client.token_endpoint_auth_method,
        client.application_type,
      ]),
      [
        ['from file', 'client_secret_basic', 'web'],
        ['from env', 'client_secret_basic', 'web'],
        [undefined, 'none', 'native'],
      ],
    );
  });

  it('the command line decides over the file, and JWT RPTs live shorter by default', async () => {
    assert.equal((await load({ settings: { rpt_format: 'jwt' } })).settings.rpt_ttl, 300);
    assert.equal((await load({}, { overrides: { rpt_format: 'jwt', ticket_ttl: undefined } })).settings.rpt_ttl, 300);
    const file = { settings: { rpt_format: 'jwt' }, lifetimes: { rpt: 900, ticket: 60, refresh_token: 50 } };
    assert.equal((await load(file)).settings.rpt_ttl, 900);
    const { settings, lifetimes } = await load(file, { overrides: { rpt_ttl: 10, ticket_ttl: 7 } });
    assert.deepEqual([settings.rpt_ttl, settings.ticket_ttl, settings.refresh_ttl], [10, 7, 50]);
    assert.equal(lifetimes.refresh_token, 50);
  });

  it('reads trusted issuers with their keys', async () => {
    writeFileSync(join(directory, 'keys.json'), JSON.stringify({ keys: [PUBLIC_KEY] }));
    const config = await load({
      trusted_issuers: [
        { issuer: 'https://a.example', jwks_uri: 'https://a.example/jwks' },
        { issuer: 'https://b.example', jwks_file: 'keys.json', algorithms: ['EdDSA'], audience: 'me' },
      ],
    });
    assert.deepEqual(config.trusted_issuers, [
      {
        issuer: 'https://a.example',
        algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
        keys: { jwks_uri: 'https://a.example/jwks' },
      },
      { issuer: 'https://b.example', algorithms: ['EdDSA'], audience: 'me', keys: { jwks: { keys: [PUBLIC_KEY] } } },
    ]);
  });
});

describe('a faulty file is refused with its name, the place and what was expected', () => {
  const cases: [name: string, content: unknown, message: string][] = [
    ['no JSON object', [], 'must be an object'],
    ['an unknown member', { peoples: [] }, 'peoples is not known here'],
    [
      'an unknown member of an item',
      { people: [ALICE, { username: 'bob', pasword: 'x' }] },
      'people[1].pasword is not known here',
    ],
    ['a missing member', { people: [ALICE, {}] }, 'people[1].username is required'],
    ['a wrong type', { people: [ALICE, { username: 7 }] }, 'people[1].username must be a string'],
    ['an empty string', { people: [{ username: '' }] }, 'people[0].username must not be empty'],
    ['a lifetime of nothing', { lifetimes: { ticket: 0 } }, 'lifetimes.ticket must be 1 or more'],
    ['half a second', { lifetimes: { ticket: 1.5 } }, 'lifetimes.ticket must be an integer'],
    ['a wrong choice', { settings: { rpt_format: 'jws' } }, 'settings.rpt_format must be one of "opaque", "jwt"'],
    [
      'one of several types',
      { ...base, policies: [{ ...POLICY, claims: [{ name: 'x', values: [{}] }] }] },
      'policies[0].claims[0].values[0] must be a string or a number or a boolean',
    ],
    [
      'two subjects',
      { ...base, policies: [{ ...POLICY, subject: { email: 'b@example.com', group: 'g' } }] },
      'policies[0].subject must have exactly one member',
    ],
    [
      'a repeated member',
      '{"people": [], "people": []}',
      'must be unambiguous: the member "people" appears more than once',
    ],
    [
      'a repeated username',
      { people: [ALICE, BOB, { username: 'alice' }] },
      'people[2].username must be unique: "alice" is also people[0]',
    ],
    [
      'a repeated subject',
      { people: [ALICE, { username: 'eve', sub: 'a-1' }] },
      'people[1].sub must be unique: "a-1" is also people[0]',
    ],
    [
      'the client of the console',
      { clients: [RS, { ...RS, client_id: 'uma-console' }] },
      'clients[1].client_id must be another: "uma-console" is the owner\'s console of this server',
    ],
    ['a repeated client', { clients: [RS, RS] }, 'clients[1].client_id must be unique: "photos" is also clients[0]'],
    [
      'two passwords',
      { people: [{ ...ALICE, password: 'x', password_hash: 'y' }] },
      'people[0].password must not stand beside password_hash',
    ],
    [
      'a password hash of another kind',
      { people: [{ ...ALICE, password_hash: '$2b$x' }] },
      'people[0].password_hash must be an argon2id hash',
    ],
    [
      'two secrets',
      { clients: [{ ...RS, client_secret_env: 'X' }] },
      'clients[0].client_secret_env must not stand beside client_secret',
    ],
    [
      'a secret file that is not there',
      { clients: [{ client_id: 'a', client_secret_file: 'none.txt' }] },
      'clients[0].client_secret_file must name a file that can be read: "none.txt" cannot (ENOENT)',
    ],
    [
      'a variable that is not set',
      { clients: [{ client_id: 'a', client_secret_env: 'UNSET' }] },
      'clients[0].client_secret_env must name an environment variable that is set',
    ],
    [
      'a confidential client without a secret',
      { clients: [{ client_id: 'a', token_endpoint_auth_method: 'client_secret_post' }] },
      'clients[0].client_secret (or client_secret_file, client_secret_env) is required for client_secret_post',
    ],
    [
      'a public client with a secret',
      { clients: [{ ...RS, token_endpoint_auth_method: 'none' }] },
      'clients[0].client_secret must be absent for none',
    ],
    [
      'a client without redirect URIs',
      { clients: [{ client_id: 'a' }] },
      'clients[0].redirect_uris is required for the grant authorization_code',
    ],
    [
      'a redirect URI that is none',
      { clients: [{ client_id: 'a', redirect_uris: ['/cb'] }] },
      'clients[0].redirect_uris[0] must be an absolute URI without a fragment',
    ],
    [
      'an origin with a path',
      { clients: [{ ...RS, origins: ['https://rs.example/'] }] },
      'clients[0].origins[0] must be an origin',
    ],
    [
      'a private key',
      { trusted_issuers: [{ issuer: 'x', jwks: { keys: [{ ...PUBLIC_KEY, d: 's3cret' }] } }] },
      'trusted_issuers[0].jwks.keys[0] must be a public key',
    ],
    [
      'two sources of keys',
      { trusted_issuers: [{ issuer: 'x', jwks: { keys: [] }, jwks_uri: 'https://x' }] },
      'trusted_issuers[0] must have exactly one of',
    ],
    [
      'keys over plain http',
      { trusted_issuers: [{ issuer: 'x', jwks_uri: 'http://x.example/' }] },
      'trusted_issuers[0].jwks_uri must be an https address',
    ],
    [
      'a symmetric algorithm',
      { trusted_issuers: [{ issuer: 'x', jwks_uri: 'https://x', algorithms: ['HS256'] }] },
      'trusted_issuers[0].algorithms[0] must be one of "ES256"',
    ],
    [
      'a resource of nobody',
      { ...base, resources: [{ ...PHOTO, owner: 'eve' }] },
      'resources[0].owner must be the username of one of the people: "eve" is none',
    ],
    [
      'a resource of no resource server',
      { ...base, resources: [{ ...PHOTO, rs: 'x' }] },
      'resources[0].rs must be the client_id of one of the clients: "x" is none',
    ],
    [
      'a policy about no resource',
      { ...base, policies: [{ ...POLICY, resource_id: 'x' }] },
      'policies[0].resource_id must be the id of one of the resources: "x" is none',
    ],
    [
      'a policy about nobody',
      { ...base, policies: [{ ...POLICY, subject: { party: { username: 'eve' } } }] },
      'policies[0].subject.party.username must be the username of one of the people: "eve" is none',
    ],
    [
      'a policy of somebody else',
      { ...base, policies: [{ ...POLICY, owner: 'bob' }] },
      'policies[0].owner must be the owner of "photo"',
    ],
    [
      'a policy with a scope of no use',
      { ...base, policies: [{ ...POLICY, scopes: ['edit'] }] },
      'policies[0].scopes must be scopes of the resource: "edit" is none of "photo"',
    ],
  ];
  for (const [name, content, message] of cases) {
    it(name, async () => {
      await assert.rejects(load(content), (error) => {
        assert.ok(error instanceof UmaError);
        assert.deepEqual([error.category, error.code], ['config', 'invalid_config']);
        assert.ok(error.message.startsWith(path), error.message);
        assert.ok(error.message.includes(message), error.message);
        assert.ok(!error.message.includes('s3cret'));
        return true;
      });
    });
  }

  it('a syntax error names the place and quotes nothing', async () => {
    for (const broken of ['{\n "password": "s3cret" "x": 1}', '{"password": s3cret}', '{"password": "s3cret']) {
      await assert.rejects(load(broken), (error) => {
        assert.ok(error instanceof UmaError);
        assert.match(error.message, / must be JSON/);
        assert.ok(!error.message.includes('s3'), error.message);
        return true;
      });
    }
    await assert.rejects(load('{\n "a": 1 "x": 1}'), { message: `${path} must be JSON (line 2 column 9)` });
  });

  it('a file that is not there', async () => {
    const missing = join(directory, 'missing.json');
    await assert.rejects(loadConfig(missing), {
      message: `${missing} cannot be read (ENOENT)`,
      code: 'invalid_config',
    });
  });
});
