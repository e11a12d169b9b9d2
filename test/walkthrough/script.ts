/**
 * The walkthrough as one script of `uma` commands. It is the same, apart from the profile, on the embedded server in each of its
 * layouts (layouts.test.ts) and on a real Keycloak (interop/keycloak/walkthrough.test.ts). `uma history` is not in it: Keycloak keeps
 * nothing that its owners could read; and no refusal is read after a denial, because Keycloak and AM do not keep those: who waits hears of it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, runUma } from '../commands/uma.ts';

/** What a profile says of its server, and the one thing that is not every server's. */
export interface ScriptServer {
  issuer: string;
  dialect: string;
  rsClient: string;
  secrets: { owner: string; party: string; rsClient: string; client: string };
  /** `uma revoke` says so, and introspection shows it. */
  rptOutlivesRevocation?: boolean;
}

interface Line {
  line: string;
  code: number;
  // biome-ignore lint/suspicious/noExplicitAny: outputs of every shape
  says?: (out: any, server: ScriptServer) => void;
  /** Keeps the output, for `./NAME` and `@NAME` (its text) of later lines. */
  file?: string;
  /** Typed as soon as `line` says that it waits. */
  meanwhile?: string;
}

const ASK = 'uma ticket --resource "Photo Album" --scope download | uma rpt --party bob';
const isBob = ({ party }: { party: { sub: string; name?: string } }) =>
  assert.ok([party.sub, party.name].includes('bob'), JSON.stringify(party));

const SCRIPT: readonly Line[] = [
  { line: 'uma pat --owner alice', code: 0, says: ({ token_type }) => assert.equal(token_type, 'Bearer') },
  {
    line: 'uma register --name "Photo Album" --scope view --scope download --type http://www.example.com/rsets/photoalbum',
    code: 0,
    says: ({ _id }) => assert.equal(typeof _id, 'string'),
  },
  {
    line: 'uma resource show "Photo Album"',
    code: 0,
    says: ({ resource_scopes }) => assert.deepEqual(resource_scopes.toSorted(), ['download', 'view']),
  },
  { line: 'uma resource update "Photo Album" --scope view --scope download --scope print', code: 0 },
  {
    line: 'uma resource list',
    code: 0,
    says: (resources) => {
      const album = resources.find(({ name }: { name: string }) => name === 'Photo Album');
      assert.deepEqual(album?.resource_scopes.toSorted(), ['download', 'print', 'view']);
    },
  },
  {
    line: 'uma ticket --resource "Photo Album" --scope download',
    code: 0,
    says: ({ ticket }) => assert.equal(typeof ticket, 'string'),
  },
  { line: 'uma ticket --resource "Photo Album" --scope nope', code: 2 },
  { line: 'uma rpt --ticket garbage --party bob', code: 2 },
  {
    line: 'uma claims --party bob',
    code: 0,
    says: ({ claim_token }) => assert.match(claim_token, /^[\w-]+\.[\w-]+\.[\w-]+$/),
    file: 'claims.json',
  },
  {
    line: 'uma ticket --resource "Photo Album" --scope download | uma rpt --claim-token-file ./claims.json',
    code: 7,
    says: ({ error }) => assert.equal(error, 'request_submitted'),
  },
  { line: ASK, code: 7, says: ({ error }) => assert.equal(error, 'request_submitted') },
  // The object of a refused request goes through the next command unchanged, with its code.
  { line: `${ASK} | uma introspect`, code: 7, says: ({ ticket }) => assert.equal(typeof ticket, 'string') },
  {
    line: 'uma request list',
    code: 0,
    says: ([request, ...others]) => {
      const { status, scopes, resource_name } = request;
      assert.deepEqual([status, scopes, resource_name], ['pending', ['download'], 'Photo Album']);
      isBob(request);
      assert.deepEqual(others, [], 'asking again is the same request');
    },
  },
  { line: 'uma request list --field "[0].id"', code: 0, file: 'request.txt' },
  { line: 'uma request show @request.txt', code: 0, says: (request) => isBob(request) },
  { line: 'uma approve @request.txt', code: 0, says: ([{ status }]) => assert.equal(status, 'approved') },
  { line: 'uma request list', code: 0, says: (list) => assert.deepEqual(list, []) },
  { line: ASK, code: 0, says: ({ access_token }) => assert.equal(typeof access_token, 'string'), file: 'rpt.json' },
  {
    line: 'uma introspect --token-file ./rpt.json',
    code: 0,
    says: ({ active, permissions }) => {
      assert.equal(active, true);
      assert.deepEqual(
        permissions.map((permission: { resource_scopes: string[] }) => permission.resource_scopes),
        [['download']],
      );
    },
  },
  {
    line: 'uma policy list --resource "Photo Album"',
    code: 0,
    says: ([{ effect, scopes }]) => assert.deepEqual([effect, scopes], ['allow', ['download']]),
  },
  {
    line: 'uma revoke --resource "Photo Album" --party bob',
    code: 0,
    says: ({ policies }) => assert.equal(policies, 1),
  },
  {
    line: 'uma introspect --token-file ./rpt.json',
    code: 0,
    says: ({ active }, { rptOutlivesRevocation = false }) => assert.equal(active, rptOutlivesRevocation),
  },
  { line: ASK, code: 7, says: ({ error }) => assert.equal(error, 'request_submitted') },
  {
    line: `${ASK} --wait 1m`,
    meanwhile: 'uma deny --all',
    code: 5,
    says: ({ error }) => assert.equal(error, 'request_denied'),
  },
  { line: 'uma request list', code: 0, says: (list) => assert.deepEqual(list, []) },
  {
    line: 'uma policy add --resource "Photo Album" --party bob --scope view',
    code: 0,
    says: ({ effect, scopes }) => assert.deepEqual([effect, scopes], ['allow', ['view']]),
  },
  { line: 'uma policy list --resource "Photo Album" --field "[0].id"', code: 0, file: 'policy.txt' },
  { line: 'uma policy show @policy.txt', code: 0, says: ({ scopes }) => assert.deepEqual(scopes, ['view']) },
  {
    line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party bob | uma introspect',
    code: 0,
    says: ({ permissions: [permission] }) => assert.deepEqual(permission.resource_scopes, ['view']),
  },
  { line: 'uma policy update @policy.txt --scope print', code: 0 },
  { line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party bob', code: 7 },
  { line: 'uma ticket --resource "Photo Album" --scope print | uma rpt --party bob', code: 0 },
  { line: 'uma approve --all', code: 0, says: ([{ granted_scopes }]) => assert.deepEqual(granted_scopes, ['view']) },
  { line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party bob', code: 0 },
  { line: 'uma policy delete @policy.txt --yes', code: 0 },
  { line: 'uma revoke --resource "Photo Album" --yes', code: 0 },
  { line: 'uma policy list --resource "Photo Album"', code: 0, says: (list) => assert.deepEqual(list, []) },
  { line: 'uma resource delete "Photo Album" --yes', code: 0 },
  { line: 'uma ticket --resource "Photo Album" --scope view', code: 2 },
];

export interface Script {
  /** One line, as it is typed: pipes, "quoted words", `./file`, `@file`. */
  typed(line: string): Promise<Ran>;
  /** Every line of the script ends as it has to. @throws Error that names the line that did not. */
  play(): Promise<void>;
  close(): void;
}

/** The profile `it` of this server, in a folder of its own. */
export async function openScript(server: ScriptServer): Promise<Script> {
  const directory = mkdtempSync(join(tmpdir(), 'uma-script-'));
  const kept = new Map<string, string>();

  async function typed(line: string, onErr?: (text: string) => void): Promise<Ran> {
    let ran: Ran | undefined;
    for (const command of line.split(' | ')) {
      const [, ...words] = command.match(/"[^"]*"|\S+/g)!.map((word) => word.replace(/^"|"$/g, ''));
      const argv = words.map((word) => {
        if (word.startsWith('@')) return kept.get(word.slice(1))!.trim();
        return word.startsWith('./') ? join(directory, word) : word;
      });
      ran = await runUma(
        argv,
        { ...(ran === undefined ? {} : { stdin: ran.out }), ...(onErr && { onErr }) },
        directory,
      );
    }
    return ran!;
  }

  async function both(line: string, meanwhile: string): Promise<Ran> {
    let other: Promise<Ran> | undefined;
    const ran = await typed(line, (text) => {
      if (text.includes('has not decided')) other ??= typed(meanwhile);
    });
    assert.equal((await other)?.code, 0, `${meanwhile}\n${ran.err}`);
    return ran;
  }

  const clients = `--app uma-cli --rs-client ${server.rsClient} --client UmaClient`;
  await typed(`uma profile add it --issuer ${server.issuer} --dialect ${server.dialect} --owner alice --party bob`);
  await typed(`uma profile add it ${clients}`);
  for (const [flag, secret] of [
    ['owner-password', server.secrets.owner],
    ['party-password', server.secrets.party],
    ['rs-client-secret', server.secrets.rsClient],
    ['client-secret', server.secrets.client],
  ] as const) {
    writeFileSync(join(directory, 'secret.txt'), secret, { mode: 0o600 });
    const { code, err } = await typed(`uma profile add it --${flag}-file ./secret.txt`);
    assert.equal(code, 0, err);
  }

  return {
    typed,
    async play() {
      for (const { line, code, says, file, meanwhile } of SCRIPT) {
        const ran = await (meanwhile === undefined ? typed(line) : both(line, meanwhile));
        assert.equal(ran.code, code, `${line}\n${ran.out}${ran.err}`);
        try {
          says?.(ran.json(), server);
        } catch (error) {
          throw new Error(`${line}\n${ran.out}${ran.err}`, { cause: error });
        }
        if (file !== undefined) {
          kept.set(file, ran.out);
          writeFileSync(join(directory, file), ran.out, { mode: 0o600 });
        }
      }
    },
    close: () => rmSync(directory, { recursive: true }),
  };
}
