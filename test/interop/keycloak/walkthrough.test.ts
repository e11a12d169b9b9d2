/** One script of `uma` commands, unchanged apart from the profile: on the server of this project, and on the real Keycloak. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type RunningServer, startServer } from '../../../src/server/start.ts';
import { type Ran, runUma } from '../../commands/uma.ts';
import { issuer } from './peer.ts';

const ASK = 'uma ticket --resource "Photo Album" --scope download | uma rpt --party bob';

/** A line, its exit code, and what its output has to be. */
const SCRIPT: readonly {
  line: string;
  code: number;
  // biome-ignore lint/suspicious/noExplicitAny: outputs of every shape
  says?: (out: any) => void;
}[] = [
  { line: 'uma pat --owner alice', code: 0, says: ({ token_type }) => assert.equal(token_type, 'Bearer') },
  {
    line: 'uma register --name "Photo Album" --scope view --scope download --description "Of Italy"',
    code: 0,
    says: ({ _id }) => assert.equal(typeof _id, 'string'),
  },
  {
    line: 'uma resource show "Photo Album"',
    code: 0,
    says: ({ resource_scopes, description }) => {
      assert.deepEqual(resource_scopes.toSorted(), ['download', 'view']);
      assert.equal(description, 'Of Italy');
    },
  },
  { line: 'uma resource update "Photo Album" --scope view --scope download --scope print', code: 0 },
  { line: ASK, code: 7, says: ({ error }) => assert.equal(error, 'request_submitted') },
  // The object of a refused request goes through the next command unchanged, with its code.
  { line: `${ASK} | uma introspect`, code: 7, says: ({ ticket }) => assert.equal(typeof ticket, 'string') },
  {
    line: 'uma request list',
    code: 0,
    says: (requests) => {
      for (const { status, scopes, resource_name } of requests)
        assert.deepEqual([status, scopes, resource_name], ['pending', ['download'], 'Photo Album']);
      assert.ok(requests.length > 0);
    },
  },
  { line: 'uma approve --all', code: 0, says: ([{ status }]) => assert.equal(status, 'approved') },
  { line: 'uma request list', code: 0, says: (requests) => assert.deepEqual(requests, []) },
  {
    line: `${ASK} | uma introspect`,
    code: 0,
    says: ({ active, permissions }) => {
      assert.equal(active, true);
      assert.deepEqual(permissions[0].resource_scopes, ['download']);
    },
  },
  { line: 'uma revoke --resource "Photo Album" --party bob', code: 0, says: ({ policies }) => assert.ok(policies > 0) },
  { line: ASK, code: 7, says: ({ error }) => assert.equal(error, 'request_submitted') },
  { line: 'uma deny --all', code: 0, says: ([{ status }]) => assert.equal(status, 'denied') },
  { line: 'uma policy add --resource "Photo Album" --party jdoe --scope view', code: 0 },
  {
    line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party jdoe',
    code: 0,
    says: ({ access_token }) => assert.equal(typeof access_token, 'string'),
  },
  { line: 'uma policy list --resource "Photo Album"', code: 0, says: (policies) => assert.equal(policies.length, 1) },
  { line: 'uma ticket --resource "Photo Album" --scope nope', code: 2 },
  { line: 'uma rpt --ticket garbage', code: 2 },
  { line: 'uma resource delete "Photo Album" --yes', code: 0 },
  { line: 'uma ticket --resource "Photo Album" --scope view', code: 2 },
];

interface Profile {
  flags: string;
  rsSecret: string;
}

/** Both servers know the people of the walkthrough by the same names and passwords. */
const SERVERS: Record<string, (own: RunningServer) => Profile> = {
  'uma serve': ({ issuer: url }) => ({
    flags: `--issuer ${url} --rs-client UMA-Resource-Server --app uma-cli`,
    rsSecret: 'password',
  }),
  'a real Keycloak': () => ({ flags: `--issuer ${issuer()} --rs-client photoz-restful-api`, rsSecret: 'secret' }),
};

for (const [name, profileOf] of Object.entries(SERVERS)) {
  describe(`the script on ${name}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'uma-script-'));
    let server: RunningServer;
    before(async () => {
      server = await startServer({ port: 0 });
      const { flags, rsSecret } = profileOf(server);
      await typed(`uma profile add it ${flags} --client UmaClient --owner alice --party bob`);
      for (const [flag, secret] of [
        ['owner-password', 'password'],
        ['party-password', 'password'],
        ['rs-client-secret', rsSecret],
        ['client-secret', 'password'],
      ] as const) {
        const path = join(directory, 'secret.txt');
        writeFileSync(path, secret, { mode: 0o600 });
        const { code, err } = await typed(`uma profile add it --${flag}-file ${path}`);
        assert.equal(code, 0, err);
      }
    });
    after(async () => {
      await server.close();
      rmSync(directory, { recursive: true });
    });

    async function typed(line: string): Promise<Ran> {
      let ran: Ran | undefined;
      for (const command of line.split(' | ')) {
        const [, ...words] = command.match(/"[^"]*"|\S+/g)!.map((word) => word.replace(/^"|"$/g, ''));
        // Of the people, the profile keeps the passwords of its own two.
        const env = { UMA_PROFILE: 'it', ...(words.includes('jdoe') ? { UMA_PARTY_PASSWORD: 'password' } : {}) };
        const own = words[0] === 'profile' ? {} : { env };
        ran = await runUma(words, ran === undefined ? own : { ...own, stdin: ran.out }, directory);
      }
      return ran!;
    }

    test('every line ends as it should', async () => {
      for (const { line, code, says } of SCRIPT) {
        const ran = await typed(line);
        assert.equal(ran.code, code, `${line}\n${ran.out}${ran.err}`);
        try {
          says?.(ran.json());
        } catch (error) {
          throw new Error(`${line}\n${ran.out}${ran.err}`, { cause: error });
        }
      }
    });
  });
}
