/** The walkthrough with everything turned on that tells people something, in every layout: no secret stands in any of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hashPassword } from '../../src/server/config/passwords.ts';
import { openStage } from './processes.ts';

/** Long enough to be no word that stands there anyway. */
const PASSWORDS = {
  alice: 'Zq7-alice-knows-this-only',
  bob: 'Wv3-bob-knows-this-only',
  rs: 'Kx9-the-resource-server-knows',
  client: 'Jm5-the-client-knows-this',
};
const TRACES = ['json', 'har', 'html', 'mmd'];

async function config(): Promise<string> {
  const person = async (username: 'alice' | 'bob') => ({
    username,
    password_hash: await hashPassword(PASSWORDS[username]),
  });
  const client = (client_id: string, client_secret: string, grant_types: string[]) => ({
    client_id,
    client_secret,
    grant_types: [...grant_types, 'password', 'refresh_token'],
  });
  return JSON.stringify({
    password_grant: true,
    people: [await person('alice'), await person('bob')],
    clients: [
      client('UMA-Resource-Server', PASSWORDS.rs, []),
      client('UmaClient', PASSWORDS.client, ['urn:ietf:params:oauth:grant-type:uma-ticket']),
      { client_id: 'uma-cli', first_party: true, grant_types: ['password'] },
    ],
  });
}

/** The same people and clients as a realm file: on this wire a PAT takes a role. */
function realm(): string {
  const user = (username: 'alice' | 'bob') => ({
    username,
    enabled: true,
    credentials: [{ type: 'password', value: PASSWORDS[username] }],
    clientRoles: { 'UMA-Resource-Server': ['uma_protection'] },
  });
  const client = { enabled: true, directAccessGrantsEnabled: true };
  const authorization = { authorizationServicesEnabled: true, authorizationSettings: {}, serviceAccountsEnabled: true };
  return JSON.stringify({
    realm: 'photoz',
    enabled: true,
    userManagedAccessAllowed: true,
    users: [user('alice'), user('bob')],
    clients: [
      { ...client, clientId: 'UMA-Resource-Server', secret: PASSWORDS.rs, ...authorization },
      { ...client, clientId: 'UmaClient', secret: PASSWORDS.client },
      { ...client, clientId: 'uma-cli', publicClient: true },
    ],
  });
}

describe('what is told to people', () => {
  for (const layout of ['standard', 'keycloak', 'forgerock']) {
    test(`--layout ${layout}: -vv, traces, debug log, audit log and errors hold no password, secret, ticket or token`, async (t) => {
      const stage = openStage();
      t.after(() => stage.close());
      const file = join(stage.directory, 'serve.json');
      const [flag, content] = layout === 'keycloak' ? ['--import', realm()] : ['--config', await config()];
      writeFileSync(file, content, { mode: 0o600 });
      const audit = join(stage.directory, 'audit.jsonl');
      const server = await stage.serve(flag, file, '--layout', layout, '--log-level', 'debug', '--audit-log', audit);
      const told: string[] = [];
      server.process.stderr?.setEncoding('utf8').on('data', (text: string) => told.push(text));
      const secrets = new Set(Object.values(PASSWORDS));
      const env = {
        UMA_ISSUER: server.issuer,
        UMA_DIALECT: layout,
        UMA_OWNER: 'alice',
        UMA_OWNER_PASSWORD: PASSWORDS.alice,
        UMA_PARTY: 'bob',
        UMA_PARTY_PASSWORD: PASSWORDS.bob,
        UMA_RS_CLIENT_ID: 'UMA-Resource-Server',
        UMA_RS_CLIENT_SECRET: PASSWORDS.rs,
        UMA_CLIENT_ID: 'UmaClient',
        UMA_CLIENT_SECRET: PASSWORDS.client,
      };
      const codes: (number | null)[] = [];
      const run = async (script: string, more: Record<string, string> = {}) => {
        const ran = await stage.shell(script, { ...env, ...more });
        codes.push(ran.code);
        told.push(ran.err);
        for (const [, value = ''] of ran.out.matchAll(/"(?:\w*_token|ticket|pct|rpt)":"([^"]{16,})"/g))
          secrets.add(value);
        return ran;
      };
      const ask = (more: string) =>
        `uma ticket --resource P --scope view -vv | tee t.json | uma rpt -vv ${more}; cat t.json`;
      await run('uma pat -vv --trace pat.json');
      await run('uma register --name P --scope view -vv');
      for (const format of TRACES) await run(ask(`--trace ask.${format}`));
      await run(
        'uma approve --all -vv --trace approve.har || uma policy add --resource P --party bob --scope view -vv',
      );
      await run(ask('--trace got.json > rpt.json; cat rpt.json'));
      await run('uma introspect -vv --token-file rpt.json --trace introspect.html');
      // Errors tell what was sent and what came back.
      await run('uma pat -vv', { UMA_OWNER_PASSWORD: `${PASSWORDS.alice}-wrong` });
      await run(ask(''), { UMA_CLIENT_SECRET: `${PASSWORDS.client}-wrong` });
      await run('uma introspect -vv --token-file rpt.json', { UMA_ISSUER: `${server.issuer}/nowhere` });
      assert.equal(await server.stop(), 0);

      const files = [
        'pat.json',
        ...TRACES.map((format) => `ask.${format}`),
        'got.json',
        'introspect.html',
        'audit.jsonl',
      ];
      const written = files.map((name) => join(stage.directory, name)).filter((path) => existsSync(path));
      assert.equal(written.length, files.length, told.join(''));
      const texts = [...told, ...written.map((path) => readFileSync(path, 'utf8'))];
      assert.deepEqual(codes.slice(0, 2), [0, 0], told.join(''));
      assert.ok(secrets.size > Object.keys(PASSWORDS).length + 4, `${secrets.size} secrets were in use`);
      const whole = texts.join('\n');
      assert.match(whole, /"event":"sign_in"/);
      assert.match(whole, /"msg":"request"/);
      for (const secret of secrets)
        for (const form of [secret, encodeURIComponent(secret), btoa(`UmaClient:${secret}`)])
          assert.ok(
            !whole.includes(form),
            whole.slice(Math.max(0, whole.indexOf(form) - 200), whole.indexOf(form) + 20),
          );
    });
  }
});
