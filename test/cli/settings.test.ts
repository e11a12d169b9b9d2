import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Prompts } from '../../src/cli/context.ts';
import { type PipedInput, readPiped } from '../../src/cli/input.ts';
import { type ProjectFile, readProjectFile } from '../../src/cli/project-file.ts';
import { resolveSettings } from '../../src/cli/resolve-settings.ts';
import type { Profile, SettingsStore } from '../../src/cli/store.ts';
import { UmaError } from '../../src/protocol/errors.ts';

interface World {
  flags?: Record<string, unknown>;
  env?: Record<string, string>;
  project?: ProjectFile;
  profiles?: Record<string, Profile>;
  current?: string;
  secrets?: Record<string, string>;
}

/** Prompts that refuse and name the way out, as without a terminal. */
const noPrompts: Prompts = {
  possible: () => false,
  secret: async (_question, { flag, variable }) => {
    throw new UmaError('usage', 'cannot_prompt', 'no terminal', { hint: `${flag} ${variable}` });
  },
  text: async () => assert.fail('not asked for'),
  select: async () => assert.fail('not asked for'),
  confirm: async () => assert.fail('not asked for'),
};

function settingsOf({ flags = {}, env = {}, project, profiles = {}, current, secrets = {} }: World) {
  const store: SettingsStore = {
    path: 'config.json',
    list: async () => ({ names: Object.keys(profiles), current }),
    get: async (name) => profiles[name],
    put: async () => assert.fail('not written'),
    delete: async () => assert.fail('not written'),
    use: async () => assert.fail('not written'),
    secret: async (profile, key) => secrets[`${profile}/${key}`],
    putSecret: async () => assert.fail('not written'),
  };
  return resolveSettings({
    flags,
    env,
    project,
    store,
    prompts: noPrompts,
    readSecret: async (_flag, path) => `content of ${path}`,
  });
}

const WORK: World = {
  profiles: {
    work: {
      issuer: 'https://as.example',
      client: { id: 'c1' },
      rs: { id: 'rs1' },
      owner: 'ann',
      party: 'ben',
      scope: 'p',
      resource: 'profile',
    },
  },
  current: 'work',
  secrets: { 'work/client': 's1', 'work/rs': 's2', 'work/person:ann': 'pw' },
};

test('cli 23: operation data: flag, standard input, environment, project file, profile', async () => {
  const project: ProjectFile = { path: 'uma.json', resource: 'file' };
  const piped = readPiped('{"resource":"stdin"}') as PipedInput;
  const all = await settingsOf({ ...WORK, env: { UMA_RESOURCE: 'env' }, project });
  assert.deepEqual(all.operand('resource', 'flag', piped), { value: 'flag', origin: 'flag' });
  assert.deepEqual(all.operand('resource', undefined, piped), { value: 'stdin', origin: 'stdin' });
  assert.deepEqual(all.operand('resource', undefined), { value: 'env', origin: 'environment' });
  const withFile = await settingsOf({ ...WORK, project });
  assert.deepEqual(withFile.operand('resource', undefined), { value: 'file', origin: 'project file' });
  assert.deepEqual((await settingsOf(WORK)).operand('resource', undefined), { value: 'profile', origin: 'profile' });
  assert.equal((await settingsOf({})).operand('resource', undefined), undefined);
});

test('issuer: flag, environment, profile', async () => {
  const { UMA_ISSUER } = { UMA_ISSUER: 'https://env.example' };
  assert.equal(
    (await settingsOf({ ...WORK, flags: { issuer: 'https://flag.example' }, env: { UMA_ISSUER } })).issuer().value,
    'https://flag.example',
  );
  assert.equal((await settingsOf({ ...WORK, env: { UMA_ISSUER } })).issuer().value, UMA_ISSUER);
  assert.deepEqual((await settingsOf(WORK)).issuer(), { value: 'https://as.example', origin: 'profile' });
});

test('with nothing set the walkthrough of uma serve is in use', async () => {
  const settings = await settingsOf({});
  assert.deepEqual(settings.issuer(), { value: 'http://127.0.0.1:9400', origin: 'demo' });
  assert.deepEqual(await settings.rsClient(), {
    id: 'UMA-Resource-Server',
    secret: 'password',
    method: 'client_secret_basic',
  });
  assert.deepEqual(await settings.client(), { id: 'UmaClient', secret: 'password', method: 'client_secret_basic' });
  assert.deepEqual(settings.app(), { id: 'uma-cli', method: 'none' });
  assert.equal(settings.owner().name, 'alice');
  assert.equal(await settings.party().password(), 'password');
});

test("the walkthrough's people and clients are for loopback only", async () => {
  const near = await settingsOf({ flags: { issuer: 'http://127.0.0.1:5555' } });
  assert.equal((await near.client()).secret, 'password');
  const far = await settingsOf({ flags: { issuer: 'https://as.example' } });
  await assert.rejects(far.client(), { code: 'no_client', category: 'config' });
  await assert.rejects(far.rsClient(), { code: 'no_rs_client' });
  assert.throws(() => far.owner(), { code: 'no_owner' });
  assert.throws(() => far.app(), { code: 'no_app' });
});

test("a profile's clients and secrets stay with its issuer (decision 11)", async () => {
  const other = await settingsOf({ ...WORK, flags: { issuer: 'https://other.example' } });
  await assert.rejects(other.client(), { code: 'no_client' });
  const named = await settingsOf({ ...WORK, flags: { issuer: 'https://other.example', client: 'c1', owner: 'ann' } });
  await assert.rejects(named.client(), { code: 'cannot_prompt', hint: '--client-secret-file UMA_CLIENT_SECRET' });
  await assert.rejects(named.owner().password(), {
    code: 'cannot_prompt',
    hint: '--owner-password-file UMA_OWNER_PASSWORD',
  });
  const same = await settingsOf({ ...WORK, flags: { issuer: 'https://AS.example/' } });
  assert.equal((await same.client()).secret, 's1');
});

test('a secret of one client is not sent for another', async () => {
  const settings = await settingsOf({ ...WORK, flags: { client: 'c2' } });
  await assert.rejects(settings.client(), { code: 'cannot_prompt' });
});

test("the environment's password is that of the environment's person", async () => {
  const env = { UMA_OWNER: 'ann', UMA_OWNER_PASSWORD: 'e' };
  assert.equal(await (await settingsOf({ ...WORK, env })).owner().password(), 'e');
  await assert.rejects((await settingsOf({ ...WORK, env, flags: { owner: 'zoe' } })).owner().password(), {
    code: 'cannot_prompt',
  });
  const alone = await settingsOf({ ...WORK, env: { UMA_OWNER_PASSWORD: 'e' }, flags: { owner: 'zoe' } });
  assert.equal(await alone.owner().password(), 'e');
});

test('secrets: file, environment, credentials', async () => {
  const file = await settingsOf({ ...WORK, env: { UMA_CLIENT_SECRET: 'e' }, flags: { clientSecretFile: 'f' } });
  assert.equal((await file.client()).secret, 'content of f');
  assert.equal((await (await settingsOf({ ...WORK, env: { UMA_CLIENT_SECRET: 'e' } })).client()).secret, 'e');
  assert.equal((await (await settingsOf(WORK)).rsClient()).secret, 's2');
  const open = await settingsOf({ ...WORK, flags: { clientAuth: 'none' } });
  assert.deepEqual(await open.client(), { id: 'c1', method: 'none' });
});

test('the profile: flag, environment, project file, current one; a missing one is exit 3 when something of it is needed', async () => {
  const world = { ...WORK, profiles: { ...WORK.profiles, a: {}, b: {}, c: {} } };
  const project: ProjectFile = { path: 'uma.json', profile: 'c' };
  const name = async (more: World) => (await settingsOf({ ...world, ...more })).profile;
  assert.deepEqual(await name({ flags: { profile: 'a' }, env: { UMA_PROFILE: 'b' }, project }), {
    value: 'a',
    origin: 'flag',
  });
  assert.deepEqual(await name({ env: { UMA_PROFILE: 'b' }, project }), { value: 'b', origin: 'environment' });
  assert.deepEqual(await name({ project }), { value: 'c', origin: 'project file' });
  assert.deepEqual(await name({}), { value: 'work', origin: 'profile' });
  const gone = await settingsOf({ ...world, flags: { profile: 'gone' } });
  assert.throws(() => gone.issuer(), { code: 'no_such_profile', category: 'config' });
});

test('checkTrust: an as_uri of a peer must be the issuer in use, or be named by --trust-as', async () => {
  const settings = await settingsOf(WORK);
  settings.checkTrust('https://as.example/');
  for (const url of [
    'https://evil.example',
    'https://as.example.evil',
    'https://as.example/realm',
    'http://as.example',
    'nonsense',
  ]) {
    assert.throws(
      () => settings.checkTrust(url),
      (error) =>
        error instanceof UmaError &&
        error.category === 'config' &&
        error.message.includes(url) &&
        error.message.includes('https://as.example') &&
        /--trust-as/.test(error.hint ?? ''),
    );
  }
  (await settingsOf({ ...WORK, flags: { trustAs: ['https://alias.example'] } })).checkTrust('https://alias.example');
});

test('endpoints by hand win over those of the profile, which are for its own issuer', async () => {
  const profiles = { work: { issuer: 'https://as.example', endpoints: { token_endpoint: 'https://as.example/t' } } };
  const own = await settingsOf({ profiles, current: 'work', flags: { permissionEndpoint: 'https://as.example/p' } });
  assert.deepEqual(own.endpoints(), {
    token_endpoint: 'https://as.example/t',
    permission_endpoint: 'https://as.example/p',
  });
  assert.deepEqual(
    (await settingsOf({ profiles, current: 'work', flags: { issuer: 'https://b.example' } })).endpoints(),
    {},
  );
  const bad = await settingsOf({ flags: { tokenEndpoint: 'x' } });
  assert.throws(() => bad.endpoints(), { code: 'invalid_endpoint', category: 'usage' });
});

test("uma.json holds no issuer, endpoint or secret: it may have come with a stranger's repository", () => {
  assert.deepEqual(readProjectFile('uma.json', '{"resource":"r","scope":["a","b"]}'), {
    path: 'uma.json',
    resource: 'r',
    scope: 'a b',
  });
  for (const text of [
    '{"issuer":"https://evil.example"}',
    '{"token_endpoint":"x"}',
    '{"client_secret":"s"}',
    '[]',
    '{',
    '{"owner":1}',
  ]) {
    assert.throws(() => readProjectFile('uma.json', text), { code: 'invalid_project_file', category: 'config' }, text);
  }
});

test('effective settings say which source won and hold no secret', async () => {
  const effective = (await settingsOf({ ...WORK, env: { UMA_OWNER: 'zoe' } })).effective();
  assert.deepEqual(effective.owner, { value: 'zoe', origin: 'environment' });
  assert.deepEqual(effective.party, { value: 'ben', origin: 'profile' });
  assert.doesNotMatch(JSON.stringify(effective), /"(s1|s2|pw)"/);
});
