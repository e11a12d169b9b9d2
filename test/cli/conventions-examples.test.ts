/**
 * Every example of every command's help, run in a shell as it stands there (cli.md 37), against a fresh authorization server. What an
 * example only names gets a stand-in: hosts, ids, files, tickets. The examples of the README: test/readme.test.ts.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { httpSend } from '../../src/adapters/http.ts';
import { DEMO_PROFILE } from '../../src/cli/demo-profile.ts';
import { commandsOf } from '../../src/cli/locate.ts';
import { REGISTRY } from '../../src/commands/registry.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/start.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';
import { openStage, type Stage } from '../walkthrough/processes.ts';

/** What an example needs, and how it ends. Without an entry: nothing, and exit code 0. */
interface World {
  /** Shell lines before the first example, and before each. */
  first?: string;
  each?: string;
  /** By example: another exit code. */
  codes?: Record<number, number>;
  /** By example: it runs on until this shows on its output, and is then interrupted. */
  until?: Record<number, RegExp>;
}

const ALBUM = 'uma register --name "Photo Album" --scope view --scope download --scope print --field _id > album.id';
const POLICY = 'uma policy add --resource "Photo Album" --party bob --scope view,download,print --field id > policy.id';
const TICKET = 'uma ticket --resource "Photo Album" --scope view --field ticket > ticket';
const PENDING = `${TICKET}
uma rpt --party bob --ticket "$(cat ticket)" > outcome || [ $? = 7 ]
uma request list --field '[0].id' > request.id`;
const NOTHING = 'uma revoke --resource "Photo Album" --yes';
const RPT = `${TICKET}\numa rpt --party bob --ticket "$(cat ticket)" --field access_token > rpt.txt`;
const allowed = `${ALBUM}\n${POLICY}`;
const RUNNING = /"(issuer|url)"/;

const WORLDS: Record<string, World> = {
  ticket: {
    first: `${allowed}
uma register --name One --scope view --field _id > r1.id
uma register --name Two --scope view --scope print --field _id > r2.id`,
  },
  claims: { first: allowed, each: TICKET },
  // The fourth asks a server that speaks as Keycloak does: test/interop/keycloak/grant.test.ts.
  rpt: { first: `${allowed}\numa policy add --resource Files --party bob --scope view`, each: TICKET, codes: { 4: 2 } },
  get: { first: 'uma policy add --resource Files --party bob --scope view' },
  introspect: { first: `${allowed}\n${RPT}` },
  approve: { first: ALBUM, each: `${NOTHING}\n${PENDING}` },
  deny: { first: ALBUM, each: `${NOTHING}\n${PENDING}` },
  revoke: { first: ALBUM, each: `${POLICY}\n${RPT}` },
  'request list': { first: `${ALBUM}\n${PENDING}` },
  'request show': { first: `${ALBUM}\n${PENDING}` },
  'resource show': { first: ALBUM },
  'resource update': { first: ALBUM },
  'resource delete': { each: ALBUM },
  'policy list': { first: allowed },
  'policy show': { first: allowed },
  'policy add': { first: ALBUM },
  'policy update': { first: allowed },
  'policy delete': { first: ALBUM, each: POLICY },
  decode: { first: 'uma claims --party bob --field claim_token > id-token.txt' },
  'trace render': { first: 'uma resource list --trace flow.json' },
  serve: { until: { 1: RUNNING, 3: RUNNING, 4: RUNNING }, codes: { 5: 8 } },
  gateway: { until: { 1: RUNNING, 2: RUNNING } },
  // Whole runs: test/commands/conformance.test.ts. The last one lacks what only its reader knows: passwords.
  conformance: { until: { 1: /\[1\/\d+\]/, 2: /\[1\/\d+\]/ }, codes: { 4: 3 } },
  // Asked and answered on a terminal: conventions-waiting.test.ts.
  'profile add': { codes: { 1: 2 } },
  'profile use': { first: 'uma profile add work --issuer https://as.example' },
  'profile delete': { first: 'uma profile add work --issuer https://as.example', codes: { 1: 2 } },
  // Signed in for real: test/commands/login.test.ts.
  login: { until: { 1: /sign in at/, 2: /sign in at .* with the code/ } },
  'token forget': { first: 'uma pat' },
};

const HERE = new URL('.', import.meta.url);

for (const { path, entry } of commandsOf(REGISTRY)) {
  const name = path.join(' ');
  const { examples, fields, openFields } = (await entry.load()).command;
  describe(`cli 37: examples of uma ${name}`, () => {
    const world = WORLDS[name] ?? {};
    let stage: Stage;
    let directory: string;
    let server: RunningServer;
    let gateway: RunningGateway;
    let env: Record<string, string>;
    const upstream = createServer((request, response) => request.resume().on('end', () => response.end('a file\n')));

    const address = () => `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;

    before(async () => {
      stage = openStage();
      directory = stage.directory;
      server = await startServer({ port: 0 });
      env = {
        ...stage.env,
        UMA_ISSUER: server.issuer,
        SECRET: 'geheim',
        UMA_STORE_KEY: randomBytes(32).toString('base64'),
        RESOURCE_ENDPOINT: `${server.issuer}/rreg/`,
      };
      await once(upstream.listen(0, '127.0.0.1'), 'listening');
      const pat = (await stage.shell('uma pat --field access_token', env)).out.trim();
      gateway = await startGateway({
        upstream: address(),
        routes: { default: 'deny', owner: 'alice', routes: [{ path: '/*', scopes: ['view'], resource: 'Files' }] },
        issuer: server.issuer,
        client: { id: DEMO_PROFILE.rs?.id ?? '', secret: 'password', method: 'client_secret_basic' },
        send: httpSend({ timeout: 5, insecure: false }),
        port: 0,
        pat: { mode: 'given', pat, owner: 'alice' },
      });
      files();
      await must(`uma ticket --resource Files --scope view >/dev/null 2>&1 || curl -s ${gateway.url}/x >/dev/null`);
      if (world.first !== undefined) await must(world.first);
    });
    after(async () => {
      await stage.close();
      await gateway.close();
      upstream.closeAllConnections();
      upstream.close();
      await server.close();
    });

    /** What examples name as files. */
    function files(): void {
      const file = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o600 });
      file('album.json', '{"name":"Album","resource_scopes":["view"]}');
      file('new.png', 'png');
      file('headers.txt', 'x-note: hello\n');
      file('secret.txt', 'geheim\n');
      file('password.txt', 'password\n');
      file('uma-serve.json', '{"people":[{"username":"alice"}]}');
      file(
        'routes.json',
        '{"default":"deny","owner":"alice","routes":[{"path":"/photos/*","scopes":["view"],"resource":"Photos"}]}',
      );
      file('conformance.json', '');
      copyFileSync(new URL('../interop/keycloak/photoz-realm.json', HERE), join(directory, 'photoz-realm.json'));
      chmodSync(join(directory, 'photoz-realm.json'), 0o600);
      mkdirSync(join(directory, '.zfunc'));
    }

    async function must(lines: string): Promise<void> {
      const { code, err } = await stage.shell(`set -e\n${lines}`, env);
      assert.equal(code, 0, `${lines}\n${err}`);
    }

    /** Stand-ins for what an example only names. */
    function standIns(line: string): string {
      const id = (file: string) =>
        existsSync(join(directory, file)) ? readFileSync(join(directory, file), 'utf8').trim() : '';
      const named: [RegExp, string][] = [
        [/https:\/\/rs\.example/g, gateway.url],
        [/http:\/\/127\.0\.0\.1:9400/g, server.issuer],
        [/http:\/\/127\.0\.0\.1:8080/g, address()],
        [/\b7f2c\b/g, id('request.id')],
        [/\bp1\b/g, id('policy.id')],
        [/\br1\b/g, id('r1.id')],
        [/\br2\b/g, id('r2.id')],
        [/"\$TICKET"/g, id('ticket')],
        // Ports of their own: others may run here.
        [/^uma serve(?! --port)/, 'uma serve --port 0'],
        [/uma gateway --upstream/, 'uma gateway --port 0 --upstream'],
      ];
      if (name !== 'profile add') named.push([/https:\/\/as\.example(\/realms\/photoz)?/g, server.issuer]);
      return named.reduce((text, [what, by]) => text.replace(what, by), line);
    }

    for (const [at, { line }] of examples.entries()) {
      test(`cli 37: ${line}`, async () => {
        if (world.each !== undefined) await must(world.each);
        const typed = standIns(line);
        const until = world.until?.[at + 1];
        if (until !== undefined) return interrupted(typed, until);
        if (typed.endsWith('&')) {
          const file = / > (\S+) &$/.exec(typed)?.[1];
          return must(`${typed}\nuntil grep -q issuer ${file}; do sleep 0.05; done\nkill $!\nwait $!`);
        }
        // bash, because `eval "$(uma completion bash)"` is typed there.
        const { code, out, err } = await stage.shell(`exec bash -o pipefail -c "$LINE"`, { ...env, LINE: typed });
        assert.equal(code, world.codes?.[at + 1] ?? 0, `${typed}\n${err}`);
        const plain = !/[|>&(]| (--field|--json|--header|--curl|--dry-run|--ids|--report|--format|-o)\b/.test(typed);
        if (code === 0 && fields !== undefined && openFields !== true && plain) printsOnly(fields, out);
      });
    }

    /** `cli 3`: the members of what it prints are those that its help and `--json` name. */
    function printsOnly(known: readonly string[], out: string): void {
      const values = [JSON.parse(out)].flat() as Record<string, unknown>[];
      assert.deepEqual(
        values.flatMap((value) => Object.keys(value)).filter((key) => !known.includes(key)),
        [],
      );
    }

    /** As with Ctrl-C: every process of the line gets the signal. */
    async function interrupted(line: string, until: RegExp): Promise<void> {
      const child = spawn('bash', ['-c', line], {
        cwd: directory,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const exit = once(child, 'exit');
      let output = '';
      await new Promise<void>((resolve, reject) => {
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (text: Buffer) => {
            output += text.toString();
            if (until.test(output)) resolve();
          });
        }
        void exit.then(([code]) => reject(new Error(`${line}: ended with ${code} before ${until}: ${output}`)));
      });
      process.kill(-(child.pid ?? 0), 'SIGINT');
      await exit;
    }
  });
}
