// A real Secret Service (gnome-keyring) on a D-Bus of its own, without a desktop: unlocked with an empty password by standard input.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { BIN, serve, temporaryDirectory } from '../../cli/uma.ts';

const UNLOCK = `printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1`;

/** Runs the lines in one session; standard output. Each `uma` is a process of its own. */
async function session(home: string, lines: string, env: Record<string, string> = {}) {
  const child = spawn(
    'dbus-run-session',
    ['--', 'bash', '-c', `set -e; uma() { ${process.execPath} ${BIN} "$@"; }\n${lines}`],
    {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: home,
        XDG_RUNTIME_DIR: home,
        XDG_DATA_HOME: join(home, 'data'),
        UMA_CONFIG_DIR: join(home, 'config'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    },
  );
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}

function home(): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
  return directory;
}

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

test('cli 26: a secret of a profile is sealed by the keyring, and used by the next process', async () => {
  const at = home();
  const { issuer } = await serve();
  const env = { UMA_STORAGE: 'keyring' };
  const made = await session(
    at,
    `${UNLOCK}
     printf %s password | uma profile add p --issuer ${issuer} --rs-client UMA-Resource-Server --rs-client-secret-file - --quiet
     printf %s password | uma profile add p --owner alice --owner-password-file - --quiet
     uma resource list`,
    env,
  );
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /^\[\]$/m);
  assert.doesNotMatch(made.err, /no keyring/);
  const credentials = read(at, 'config', 'credentials.json');
  assert.match(credentials, /"sealed"/);
  assert.doesNotMatch(credentials, /"password"/);
  for (const name of readdirSync(join(at, 'config', 'tokens'))) {
    assert.match(read(at, 'config', 'tokens', name), /"sealed"/);
    assert.equal(statSync(join(at, 'config', 'tokens', name)).mode & 0o777, 0o600);
  }
  // Another session of the same person, whose keyring holds the key.
  const again = await session(at, `${UNLOCK}\numa resource list`, env);
  assert.equal(again.code, 0, again.err);
  // Somebody with the files and without the keyring.
  const thief = await session(home(), `${UNLOCK}\numa resource list`, { ...env, UMA_CONFIG_DIR: join(at, 'config') });
  assert.equal(thief.code, 3, thief.err);
  assert.match(thief.err, /it holds no key of uma/);
});

test('cli 26: where a keyring answers it is chosen, remembered, and nothing is said', async () => {
  const at = home();
  const add = `printf %s hunter2 | uma profile add p --issuer https://as.example --client c --client-secret-file - --quiet`;
  const made = await session(at, `${UNLOCK}\n${add}`);
  assert.equal(made.code, 0, made.err);
  assert.doesNotMatch(made.err, /^uma:/m);
  assert.equal((JSON.parse(read(at, 'config', 'config.json')) as { storage: string }).storage, 'keyring');
  assert.doesNotMatch(read(at, 'config', 'credentials.json'), /hunter2/);
});
