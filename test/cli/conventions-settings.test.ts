// Where values come from, whom the program speaks to, and what it says of changes (cli.md 23, 27, 45, 46).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve, temporaryDirectory, uma } from './uma.ts';

test('cli 23: flag, standard input, environment, project file, profile; uma profile show --origin says which won', async () => {
  const { issuer } = await serve();
  const cwd = temporaryDirectory();
  const UMA_CONFIG_DIR = temporaryDirectory();
  const env: Record<string, string> = { UMA_CONFIG_DIR };
  const won = async (args: string[] = []) =>
    (await uma(['profile', 'show', '--origin', '--field', 'owner', ...args], { cwd, env })).stdout;
  assert.match(await won(), /"origin":"demo"/);
  await uma(['profile', 'add', 'p', '--issuer', issuer, '--owner', 'of-profile', '--quiet'], { env });
  assert.equal(await won(), '{"value":"of-profile","origin":"profile"}\n');
  writeFileSync(join(cwd, 'uma.json'), '{"owner":"of-file"}');
  assert.equal(await won(), '{"value":"of-file","origin":"project file"}\n');
  env.UMA_OWNER = 'of-environment';
  assert.equal(await won(), '{"value":"of-environment","origin":"environment"}\n');
  assert.equal(await won(['--owner', 'of-flag']), '{"value":"of-flag","origin":"flag"}\n');
  // Standard input stands between flag and environment, for data of the operation.
  const jwt = (sub: string) => `e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.`;
  const file = join(cwd, 'flag.jwt');
  writeFileSync(file, jwt('of-flag'));
  const decoded = async (args: string[], stdin?: string) =>
    (
      await uma(['decode', '--field', 'payload.sub', ...args], {
        env: { UMA_TOKEN: jwt('of-environment') },
        ...(stdin === undefined ? {} : { stdin }),
      })
    ).stdout;
  assert.equal(await decoded([]), 'of-environment\n');
  assert.equal(await decoded([], jwt('of-stdin')), 'of-stdin\n');
  assert.equal(await decoded(['--token-file', file], jwt('of-stdin')), 'of-flag\n');
  // The issuer never comes from there (DESIGN, decision 11).
  const piped = await uma(['profile', 'show', '--origin', '--field', 'issuer.value'], {
    env,
    cwd,
    stdin: '{"issuer":"https://evil.example"}',
  });
  assert.equal(piped.stdout, `${issuer}\n`);
});

test('cli 27: tokens are kept for issuer, client, person and resource server, and one about to end is not sent', async () => {
  const { issuer } = await serve();
  const UMA_CONFIG_DIR = temporaryDirectory();
  const run = (...args: string[]) => uma([...args, '--issuer', issuer], { env: { UMA_CONFIG_DIR } });
  assert.equal((await run('resource', 'list')).code, 0);
  assert.doesNotMatch((await run('resource', 'list', '-v')).stderr, /POST \/token/, 'it is kept');
  assert.match((await run('resource', 'list', '-v', '--owner', 'bob')).stderr, /POST \/token/, "not somebody else's");
  const kept = join(UMA_CONFIG_DIR, 'tokens');
  for (const name of readdirSync(kept)) {
    const item = JSON.parse(readFileSync(join(kept, name), 'utf8')) as object;
    writeFileSync(join(kept, name), JSON.stringify({ ...item, expires_at: Date.now() / 1000 + 29 }));
  }
  assert.match((await run('resource', 'list', '-v')).stderr, /POST \/token/, '29 s are too few');
  const list = await uma(['token', 'list', '--json', 'kind,person'], { env: { UMA_CONFIG_DIR } });
  assert.deepEqual(JSON.parse(list.stdout), [
    { kind: 'pat', person: 'alice' },
    { kind: 'pat', person: 'bob' },
  ]);
});

test('cli 45: only the hosts that a command names are spoken to; commands without one speak to nobody', async () => {
  const { issuer } = await serve();
  const file = join(temporaryDirectory(), 'hosts');
  const preload = new URL('only-host.cjs', import.meta.url).pathname;
  const { host } = new URL(issuer);
  const env = { NODE_OPTIONS: `--require ${preload}`, ONLY_HOST: host, HOSTS_FILE: file };
  const spokenTo = async (...commands: string[][]) => {
    writeFileSync(file, '');
    for (const args of commands) {
      const { code, stderr } = await uma(args, { env });
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    }
    return [...new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))];
  };
  const nobody = [['--version'], ['--help'], ['profile', 'list'], ['help', 'exit-codes'], ['completion', 'bash']];
  assert.deepEqual(await spokenTo(...nobody, ['token', 'list'], ['profile', 'show', '--origin']), []);
  const as = ['--issuer', issuer];
  assert.deepEqual(
    await spokenTo(['discover', ...as], ['pat', ...as], ['resource', 'list', ...as], ['claims', ...as]),
    [host],
  );
  // The stub does refuse: a test that could not fail would be worth nothing.
  const elsewhere = await uma(['discover', '--issuer', 'http://127.0.0.1:1'], { env });
  assert.notEqual(elsewhere.code, 0);
  assert.match(readFileSync(file, 'utf8'), /^127\.0\.0\.1:1$/m);
});

test('cli 46: changes are told on standard error, with the next command; --quiet does not', async () => {
  const { issuer } = await serve();
  const env = { UMA_CONFIG_DIR: temporaryDirectory() };
  const run = (...args: string[]) => uma([...args, '--issuer', issuer], { env });
  const registered = await run('register', '--name', 'Album', '--scope', 'view');
  const { _id } = JSON.parse(registered.stdout) as { _id: string };
  assert.match(registered.stderr, new RegExp(`registered .*${_id}.*uma ticket --resource ${_id}`));
  const policy = await run('policy', 'add', '--resource', 'Album', '--party', 'bob', '--scope', 'view');
  assert.match(policy.stderr, /added the policy .*uma policy delete/);
  assert.match((await run('resource', 'update', 'Album', '--scope', 'print')).stderr, /updated .*uma resource show/);
  assert.match((await run('login', '--grant', 'password')).stderr, /signed in at .*next: uma/);
  assert.match((await run('logout')).stderr, /uma profile show/);
  assert.equal((await run('register', '--name', 'Quiet', '--scope', 'view', '--quiet')).stderr, '');
});
