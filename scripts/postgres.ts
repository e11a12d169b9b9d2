// A real PostgreSQL on loopback: the peer of test/interop/postgres. `npm run test:interop` starts and stops it by itself.
//
//   node scripts/postgres.ts           start; prints its address (with a password of its own), runs until Ctrl-C
//
// Needs the server programs of PostgreSQL 12 or newer: POSTGRES_BIN, else what `pg_config` or Debian's folders have; on a
// Debian where they are missing and we are root they are installed. Every start is a new cluster in a temporary folder, on a free
// port, as the user `postgres` when we are root (it refuses to run as root).
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Postgres {
  /** `postgres://uma:password@127.0.0.1:port/postgres`; the user may do everything. */
  url: string;
  /** Ends it as an operator would (clients are cut off), and begins it again on the same port with the same data. */
  stop(): void;
  start(): void;
  /** For good: the folder goes too. */
  remove(): void;
}

/** A cluster that answers. @throws Error saying what is missing, or the end of the log. */
export async function startPostgres(): Promise<Postgres> {
  const bin = programs();
  const folder = mkdtempSync(join(tmpdir(), 'uma-postgres-'));
  const [data, log, secret] = ['data', 'log.txt', 'password'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const password = randomBytes(18).toString('base64url');
  writeFileSync(secret, password, { mode: 0o600 });
  const identity = unprivileged();
  if (identity !== undefined) for (const path of [folder, secret]) chownSync(path, identity.uid, identity.gid);
  const run = (program: string, args: string[]): void => {
    // Not into a pipe: the server would hold it open, and pg_ctl would seem never to end.
    const done = spawnSync(join(bin, program), args, { ...identity, cwd: folder, stdio: 'ignore' });
    if (done.status === 0) return;
    const end = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-20).join('\n') : '';
    throw new Error(`${program} ${args[0]} failed (${done.error?.message ?? `status ${done.status}`})\n${end}`);
  };
  run('initdb', [
    '-D',
    data,
    '-U',
    'uma',
    '--pwfile',
    secret,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]);
  const port = await freePort();
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c max_connections=200`;
  const control = (...args: string[]) => run('pg_ctl', [...args, '-D', data, '-w', '-t', '60']);
  const postgres: Postgres = {
    url: `postgres://uma:${password}@127.0.0.1:${port}/postgres`,
    start: () => control('start', '-l', log, '-o', settings),
    stop: () => control('stop', '-m', 'fast'),
    remove() {
      if (existsSync(join(data, 'postmaster.pid'))) control('stop', '-m', 'immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  postgres.start();
  return postgres;
}

function programs(): string {
  const found = look();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { env });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'], { env, stdio: 'inherit' });
  }
  const installed = look();
  if (installed === undefined)
    throw new Error('PostgreSQL is not installed: install it, or set POSTGRES_BIN to the folder of initdb');
  return installed;
}

function look(): string | undefined {
  const { stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const newestFirst = globSync('/usr/lib/postgresql/*/bin').sort().reverse();
  return [process.env.POSTGRES_BIN, stdout?.trim(), ...newestFirst].find(
    (folder) => folder !== undefined && folder !== '' && existsSync(join(folder, 'initdb')),
  );
}

function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

if (import.meta.main) {
  const postgres = await startPostgres();
  console.log(postgres.url);
  // Outlives neither of the two ways to end it.
  const waiting = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => waiting.kill());
  await once(waiting, 'exit');
  postgres.remove();
}
