// A realm file read into configuration: people with Keycloak's own hashes, clients, authorization settings; what is left out is named.
import assert from 'node:assert/strict';
import { argon2Sync, pbkdf2Sync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { UmaError } from '../../../../src/protocol/errors.ts';
import { verifyPassword } from '../../../../src/server/config/passwords.ts';
import { importRealm } from '../../../../src/server/layouts/keycloak/import/realm-file.ts';
import { type RunningServer, startServer } from '../../../../src/server/start.ts';
import { send } from '../../../interop/differential/wire.ts';

const salt = Buffer.from('0123456789abcdef');
const credential = (value: Buffer, credentialData: object) => ({
  type: 'password',
  secretData: JSON.stringify({
    value: value.toString('base64'),
    salt: salt.toString('base64'),
    additionalParameters: {},
  }),
  credentialData: JSON.stringify(credentialData),
});
const pbkdf2 = (algorithm: string, digest: string, length: number) =>
  credential(pbkdf2Sync('secret of old', salt, 1000, length, digest), {
    algorithm,
    hashIterations: 1000,
    additionalParameters: {},
  });
const argon2 = credential(
  argon2Sync('argon2id', {
    message: 'secret of old',
    nonce: salt,
    memory: 7168,
    passes: 5,
    parallelism: 1,
    tagLength: 32,
  }),
  {
    algorithm: 'argon2',
    hashIterations: 5,
    additionalParameters: { hashLength: ['32'], memory: ['7168'], type: ['id'], version: ['1.3'], parallelism: ['1'] },
  },
);
const user = (username: string, ...credentials: object[]) => ({ username, enabled: true, credentials });

const policy = (name: string, type: string, config: object, more: object = {}) => ({
  name,
  type,
  logic: 'POSITIVE',
  decisionStrategy: 'UNANIMOUS',
  config: Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  ),
  ...more,
});

describe('people', () => {
  it('sign in with the passwords that Keycloak hashed: pbkdf2 of three kinds, argon2', async () => {
    const kinds = {
      sha1: pbkdf2('pbkdf2', 'sha1', 64),
      sha256: pbkdf2('pbkdf2-sha256', 'sha256', 64),
      sha512: pbkdf2('pbkdf2-sha512', 'sha512', 64),
      argon2,
      plain: { type: 'password', value: 'secret of old' },
    };
    const users = Object.entries(kinds).map(([name, written]) => user(name, written));
    const { config, notes } = await importRealm({
      realm: 'r',
      userManagedAccessAllowed: true,
      roles: { realm: [{ name: 'x' }] },
      users,
    });
    for (const { username, password_hash } of config.people) {
      assert.equal(await verifyPassword('secret of old', password_hash), true, username);
      assert.equal(await verifyPassword('another', password_hash), false, username);
    }
    assert.deepEqual(notes, []);
  });

  it('do not sign in when they may not, or not by a password alone; the reason is named', async () => {
    const { config, notes } = await importRealm({
      realm: 'r',
      users: [
        { ...user('off', argon2), enabled: false },
        user('otp', argon2, { type: 'otp', secretData: '{}', credentialData: '{}' }),
        { ...user('todo', argon2), requiredActions: ['UPDATE_PASSWORD'] },
        user('strange', credential(salt, { algorithm: 'bcrypt', hashIterations: 10 })),
      ],
    });
    const [off, otp, todo, strange] = config.people;
    assert.equal(off?.password_hash, undefined);
    assert.equal(otp?.second_factor, true);
    assert.equal(todo?.second_factor, true);
    assert.equal(strange?.password_hash, undefined);
    for (const name of ['off', 'otp', 'todo', 'strange'])
      assert.ok(
        notes.some((note) => note.startsWith(`user ${name}: `)),
        name,
      );
  });

  it('have the roles of their groups and what roles are composed of', async () => {
    const { realm, config } = await importRealm({
      realm: 'r',
      roles: {
        realm: [{ name: 'admin', composites: { realm: ['user'], client: { app: ['write'] } } }, { name: 'user' }],
        client: { app: [{ name: 'write' }] },
      },
      groups: [{ name: 'staff', realmRoles: ['admin'], subGroups: [{ name: 'night' }] }],
      users: [{ ...user('ann'), id: 'ann-id', groups: ['/staff/night'] }],
    });
    assert.deepEqual(realm.roles.get('ann-id'), { realm: ['admin', 'user'], clients: { app: ['write'] } });
    assert.deepEqual(config.people[0]?.roles, ['admin', 'user', 'app/write']);
  });
});

it('what is not taken over is named, once, without its value', async () => {
  const { notes } = await importRealm({
    realm: 'r',
    smtpServer: { password: 'hush' },
    users: [{ ...user('ann'), attributes: { department: ['hush'] } }],
    eventsEnabled: false,
    clients: [
      { clientId: 'a', secret: 's', redirectUris: ['https://a.example*'], strange: 1 },
      { clientId: 'b', secret: '**********' },
      { clientId: 'saml', protocol: 'saml' },
      { clientId: 'account' },
      {
        clientId: 'c',
        secret: 's',
        fullScopeAllowed: false,
        bearerOnly: true,
        implicitFlowEnabled: false,
        protocolMappers: [{ name: 'department' }, { name: 'Client ID' }],
        attributes: { 'pkce.code.challenge.method': 'S256', 'oidc.ciba.grant.enabled': 'false', realm_client: 'false' },
      },
    ],
  });
  assert.ok(notes.includes('smtpServer') && notes.includes('clients[].strange') && !notes.join().includes('hush'));
  for (const place of ['users[].attributes', 'clients[].bearerOnly', 'clients[].attributes.pkce.code.challenge.method'])
    assert.ok(notes.includes(place), place);
  for (const place of ['eventsEnabled', 'implicitFlowEnabled', 'ciba', 'realm_client', 'Client ID'])
    assert.ok(!notes.join().includes(place), `${place}: a default says nothing`);
  for (const client of [
    'c: protocol mapper "department"',
    'c: full scope is not allowed',
    'a: redirect URI',
    'b: its secret',
    'saml: left out',
    'account: left out',
  ])
    assert.ok(
      notes.some((note) => note.startsWith(`client ${client}`)),
      client,
    );
});

it('a file of another kind is refused with its place', async () => {
  for (const [file, place] of [
    [[], 'it'],
    [{ users: {} }, '"users"'],
    [{ clients: [{ clientId: 7 }] }, '"clients[].clientId"'],
  ] as const)
    await assert.rejects(
      importRealm(file),
      (error) => error instanceof UmaError && error.code === 'invalid_realm' && error.message.includes(place),
    );
});

describe('authorization settings', () => {
  const byRole = policy('users', 'role', { roles: [{ id: 'user', required: false }] });
  const byAdmin = policy('admins', 'role', { roles: [{ id: 'admin', required: true }] });
  const byGroup = policy('staff', 'group', { groups: [{ path: '/staff', extendChildren: true }] });
  const byUser = policy('ann only', 'user', { users: ['ann'] });
  const script = policy('clever', 'script-clever.js', {});
  const negative = policy('not users', 'role', { roles: [{ id: 'user' }] }, { logic: 'NEGATIVE' });
  const either = policy(
    'either',
    'aggregate',
    { applyPolicies: ['admins', 'ann only'] },
    { decisionStrategy: 'AFFIRMATIVE' },
  );
  const resource = (...policies: string[]) =>
    policy('doc', 'resource', { resources: ['Doc'], applyPolicies: policies });
  const typed = (by: string) => policy('typed', 'resource', { defaultResourceType: 'urn:doc', applyPolicies: [by] });
  const view = policy('view', 'scope', { scopes: ['view'], applyPolicies: ['users'] });
  const edit = policy('edit', 'scope', { scopes: ['edit'], resources: ['Doc'], applyPolicies: ['admins'] });
  const two = [byRole, byAdmin, resource('users'), { ...resource('admins'), name: 'doc too' }];
  const [nobody, everybody] = ['ann: ben:', 'ann:view,edit ben:view,edit'];

  /** What the settings of a resource server allow of its resource `Doc`, in words. */
  const cases: readonly { what: string; settings: object; allowed: string }[] = [
    { what: 'a role', settings: { policies: [byRole, resource('users')] }, allowed: everybody },
    { what: 'a required role', settings: { policies: [byAdmin, resource('admins')] }, allowed: 'ann: ben:view,edit' },
    { what: 'a group', settings: { policies: [byGroup, resource('staff')] }, allowed: 'ann: ben:view,edit' },
    { what: 'a person', settings: { policies: [byUser, resource('ann only')] }, allowed: 'ann:view,edit ben:' },
    { what: 'no permission', settings: { policies: [] }, allowed: nobody },
    {
      what: 'no permission, permissive',
      settings: { policies: [], policyEnforcementMode: 'PERMISSIVE' },
      allowed: everybody,
    },
    { what: 'an unknown kind denies', settings: { policies: [script, resource('clever')] }, allowed: nobody },
    {
      what: 'also among others',
      settings: { policies: [script, byRole, resource('clever', 'users')] },
      allowed: nobody,
    },
    { what: 'negative logic denies', settings: { policies: [negative, resource('not users')] }, allowed: nobody },
    { what: 'scopes', settings: { policies: [byRole, byAdmin, view, edit] }, allowed: 'ann:view ben:view,edit' },
    {
      what: 'a type, an aggregate',
      settings: { policies: [byAdmin, byUser, either, typed('either')] },
      allowed: everybody,
    },
    {
      what: 'an aggregate of all',
      settings: { policies: [byAdmin, byUser, { ...either, decisionStrategy: 'UNANIMOUS' }, typed('either')] },
      allowed: nobody,
    },
    { what: 'two permissions, unanimous', settings: { policies: two }, allowed: 'ann: ben:view,edit' },
    {
      what: 'two permissions, affirmative',
      settings: { policies: two, decisionStrategy: 'AFFIRMATIVE' },
      allowed: everybody,
    },
  ];
  const realm = {
    realm: 'r',
    userManagedAccessAllowed: true,
    roles: { realm: [{ name: 'user' }, { name: 'admin' }] },
    groups: [{ name: 'staff' }],
    users: [
      { ...user('ann', { type: 'password', value: 'p' }), realmRoles: ['user'] },
      { ...user('ben', { type: 'password', value: 'p' }), realmRoles: ['user', 'admin'], groups: ['/staff'] },
    ],
    clients: [
      { clientId: 'app', secret: 's' },
      ...cases.map(({ settings }, index) => ({
        clientId: `rs${index}`,
        secret: 's',
        serviceAccountsEnabled: true,
        authorizationServicesEnabled: true,
        authorizationSettings: {
          policyEnforcementMode: 'ENFORCING',
          decisionStrategy: 'UNANIMOUS',
          scopes: [{ name: 'view' }, { name: 'edit' }],
          resources: [{ name: 'Doc', type: 'urn:doc', scopes: [{ name: 'view' }, { name: 'edit' }], uris: ['/doc'] }],
          ...settings,
        },
      })),
    ],
  };
  const path = '/protocol/openid-connect/token';
  let server: RunningServer;
  const people: { name: string; token: string }[] = [];
  const tokenOf = async (basic: string, form: Record<string, string>) =>
    ((await send(server.issuer, { path, basic, form })).body as { access_token: string }).access_token;

  /** Scopes that each person has there. */
  const allowed = async (rs: number, permission: string): Promise<string> => {
    const grant_type = 'urn:ietf:params:oauth:grant-type:uma-ticket';
    const form = { grant_type, audience: `rs${rs}`, permission, response_mode: 'permissions' };
    const answers = people.map(async ({ name, token }) => {
      const { body } = await send(server.issuer, { path, bearer: token, form });
      return `${name}:${Array.isArray(body) ? (body as { scopes: string[] }[]).flatMap(({ scopes }) => scopes).join() : ''}`;
    });
    return (await Promise.all(answers)).join(' ');
  };

  before(async () => {
    server = await startServer({ port: 0, layout: 'keycloak', imported: realm });
    for (const name of ['ann', 'ben'])
      people.push({ name, token: await tokenOf('app:s', { grant_type: 'password', username: name, password: 'p' }) });
  });
  after(() => server.close());

  for (const [index, { what, allowed: expected }] of cases.entries())
    it(what, async () => assert.equal(await allowed(index, 'Doc'), expected));

  it('what denies because it is not understood is named', () => {
    for (const name of ['clever', 'not users'])
      assert.ok(
        server.notes.some((note) => note.includes(`policy "${name}"`)),
        name,
      );
  });

  it('they are about resources that are registered later, too', async () => {
    const index = cases.findIndex(({ what }) => what === 'a type, an aggregate');
    const bearer = await tokenOf(`rs${index}:s`, { grant_type: 'client_credentials' });
    const json = { name: 'New', type: 'urn:doc', resource_scopes: ['view'] };
    await send(server.issuer, { path: '/authz/protection/resource_set', bearer, json });
    assert.equal(await allowed(index, 'New'), 'ann:view ben:view');
  });
});
