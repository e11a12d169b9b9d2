/** One script of `uma` commands, unchanged apart from the profile's name, against the embedded server in each of its layouts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type RunningServer, startServer } from '../../src/server/start.ts';
import { type Ran, runUma } from '../commands/uma.ts';

/** What differs: the profile. A layout more is one entry more. */
const LAYOUTS = [
  { layout: 'standard', dialect: 'standard', alice: 'password', bob: 'password', secret: 'password' },
  { layout: 'forgerock', dialect: 'forgerock', alice: 'Ch4ng31t', bob: 'password', secret: 'password' },
  { layout: 'forgerock', dialect: 'auto', alice: 'Ch4ng31t', bob: 'password', secret: 'password' },
];

const ASK = 'uma ticket --resource "Photo Album" --scope download | uma rpt --party bob';

/** A line, its exit code, what its output has to be, and the file that keeps the output. */
const SCRIPT: readonly {
  line: string;
  code: number;
  // biome-ignore lint/suspicious/noExplicitAny: outputs of every shape
  says?: (out: any) => void;
  file?: string;
}[] = [
  { line: 'uma pat --owner alice', code: 0, says: ({ token_type }) => assert.equal(token_type, 'Bearer') },
  {
    line: 'uma register --name "Photo Album" --scope view --scope download --type http://www.example.com/rsets/photoalbum',
    code: 0,
    says: ({ _id }) => assert.equal(typeof _id, 'string'),
  },
  {
    line: 'uma resource show "Photo Album"',
    code: 0,
    says: ({ resource_scopes }) => assert.deepEqual(resource_scopes, ['view', 'download']),
  },
  {
    line: 'uma resource update "Photo Album" --scope view --scope download --scope print',
    code: 0,
  },
  { line: ASK, code: 7, says: ({ error }) => assert.equal(error, 'request_submitted') },
  { line: ASK, code: 7, says: ({ error }) => assert.equal(error, 'request_submitted') },
  {
    line: 'uma request list',
    code: 0,
    says: ([{ status, scopes, party, resource_name }, ...others]) => {
      assert.deepEqual([status, scopes, party.sub, resource_name], ['pending', ['download'], 'bob', 'Photo Album']);
      assert.deepEqual(others, []);
    },
  },
  { line: 'uma approve --all', code: 0, says: ([{ status }]) => assert.equal(status, 'approved') },
  { line: 'uma request list', code: 0, says: (list) => assert.deepEqual(list, []) },
  { line: ASK, code: 0, says: ({ access_token }) => assert.equal(typeof access_token, 'string'), file: 'rpt.json' },
  {
    line: 'uma introspect --token-file ./rpt.json',
    code: 0,
    says: ({ active, permissions }) => {
      assert.equal(active, true);
      assert.deepEqual(permissions[0].resource_scopes, ['download']);
    },
  },
  {
    line: 'uma policy list --resource "Photo Album"',
    code: 0,
    says: ([{ effect, scopes, subject }]) => {
      assert.deepEqual([effect, scopes, subject.party.sub], ['allow', ['download'], 'bob']);
    },
  },
  {
    line: 'uma history',
    code: 0,
    says: (entries) => {
      const types = new Set(entries.map(({ type }: { type: string }) => type));
      for (const type of ['request_submitted', 'request_approved', 'rpt_issued']) assert.ok(types.has(type), type);
    },
  },
  {
    line: 'uma revoke --resource "Photo Album" --party bob',
    code: 0,
    says: ({ policies }) => assert.equal(policies, 1),
  },
  {
    line: 'uma introspect --token-file ./rpt.json',
    code: 0,
    says: ({ active }) => assert.equal(active, false),
  },
  { line: ASK, code: 7 },
  { line: 'uma deny --all', code: 0, says: ([{ status }]) => assert.equal(status, 'denied') },
  { line: ASK, code: 5, says: ({ error }) => assert.equal(error, 'request_denied') },
  { line: 'uma policy add --resource "Photo Album" --party chris --scope view', code: 0 },
  {
    line: 'uma policy list --resource "Photo Album" --field "[0].id"',
    code: 0,
    file: 'policy.txt',
  },
  { line: 'uma policy delete @policy.txt --yes', code: 0 },
  { line: 'uma policy list --resource "Photo Album"', code: 0, says: (list) => assert.deepEqual(list, []) },
  { line: 'uma resource delete "Photo Album" --yes', code: 0 },
  { line: 'uma ticket --resource "Photo Album" --scope view', code: 2 },
];

for (const { layout, dialect, alice, bob, secret } of LAYOUTS) {
  describe(`uma against --layout ${layout}, dialect ${dialect}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'uma-layouts-'));
    let server: RunningServer;
    const kept = new Map<string, string>();
    before(async () => {
      server = await startServer({ port: 0, layout });
      await typed(`uma profile add it --issuer ${server.issuer} --dialect ${dialect} --owner alice --party bob`);
      await typed('uma profile add it --app uma-cli --rs-client UMA-Resource-Server --client UmaClient');
      for (const [flag, value] of [
        ['owner-password', alice],
        ['party-password', bob],
        ['rs-client-secret', secret],
        ['client-secret', secret],
      ] as const) {
        writeFileSync(join(directory, 'secret.txt'), value, { mode: 0o600 });
        await typed(`uma profile add it --${flag}-file ${join(directory, 'secret.txt')}`);
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
        const argv = words.map((word) => {
          if (word.startsWith('@')) return kept.get(word.slice(1))!.trim();
          return word.startsWith('./') ? join(directory, word) : word;
        });
        ran = await runUma(argv, ran === undefined ? {} : { stdin: ran.out }, directory);
      }
      return ran!;
    }

    test('the walkthrough, the owner’s decisions, and the end of it all', async () => {
      for (const { line, code, says, file } of SCRIPT) {
        const ran = await typed(line);
        assert.equal(ran.code, code, `${line}\n${ran.out}${ran.err}`);
        try {
          says?.(ran.json());
        } catch (error) {
          throw new Error(`${line}\n${ran.out}${ran.err}`, { cause: error });
        }
        if (file !== undefined) {
          kept.set(file, ran.out);
          writeFileSync(join(directory, file), ran.out);
        }
      }
    });

    test('uma demo plays on it, and leaves nothing behind', async () => {
      const before = (await typed('uma resource list')).json<unknown[]>();
      const ran = await typed(`uma demo --issuer ${server.issuer}`);
      assert.equal(ran.code, 0, ran.out + ran.err);
      assert.deepEqual((await typed('uma resource list')).json(), before);
    });
  });
}
