// A real Keycloak on loopback: the peer of test/interop/keycloak. `npm run test:interop` starts and stops it by itself.
//
//   node scripts/keycloak.ts start     fetch (Maven), build, seed, start; prints its address when it answers
//   node scripts/keycloak.ts prepare   everything but the start (for a CI cache)
//   node scripts/keycloak.ts stop      end the one that `start` left running
//
// Needs Java 17 or newer (JAVA_HOME, else `java` on PATH) and Maven (`mvn`). Environment, all optional: KEYCLOAK_VERSION,
// KEYCLOAK_PORT (18080), KEYCLOAK_REALM (a realm file), KEYCLOAK_CACHE (a folder), KEYCLOAK_TIMEOUT (seconds to become ready, 180).
// Every start gets a fresh copy of the seeded database, so nothing of an earlier run is in it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const { env } = process;
const version = env.KEYCLOAK_VERSION ?? '26.7.3';
const port = Number(env.KEYCLOAK_PORT ?? 18080);
const realmFile =
  env.KEYCLOAK_REALM ?? fileURLToPath(new URL('../test/interop/keycloak/photoz-realm.json', import.meta.url));
const cache = env.KEYCLOAK_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'uma-interop', 'keycloak');
const timeout = Number(env.KEYCLOAK_TIMEOUT ?? 180);

const origin = `http://127.0.0.1:${port}`;
const run = join(cache, `run-${port}`);
const pidFile = join(run, 'pid');
const distribution = join(cache, `keycloak-${version}`);
const unpack = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';

/** Of every call of kc.sh. Memory is kept small: CI machines are. */
const kcEnv = {
  ...env,
  JAVA_OPTS: '-Xms256m -Xmx512m -XX:+UseSerialGC -Dfile.encoding=UTF-8 -XX:+ExitOnOutOfMemoryError',
  KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
  KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin',
};

/**
 * The issuer of the realm, once it answers. `launching` is called when all is in place and the server is about to be launched.
 * @throws Error saying what is missing, or the end of the log.
 */
export async function startKeycloak(launching = () => {}): Promise<string> {
  const realm = (JSON.parse(readFileSync(realmFile, 'utf8')) as { realm: string }).realm;
  const issuer = `${origin}/realms/${realm}`;
  if (runningPid() !== undefined) return issuer;
  if (await somebodyListens()) throw new Error(`port ${port} is taken by another program: set KEYCLOAK_PORT`);
  const seed = prepare();
  makeHome(run);
  cpSync(seed, join(run, 'data'), { recursive: true });
  const log = join(run, 'log.txt');
  const options = [
    '--optimized',
    '--http-host=127.0.0.1',
    `--http-port=${port}`,
    '--http-enabled=true',
    '--hostname-strict=false',
  ];
  const out = openSync(log, 'w');
  launching();
  // A process group of its own: kc.sh runs the JVM as its child, and stopping has to reach both.
  const server = spawn(join(run, 'bin', 'kc.sh'), ['start', ...options], {
    env: kcEnv,
    detached: true,
    stdio: ['ignore', out, out],
  });
  server.unref();
  writeFileSync(pidFile, String(server.pid));
  const end = Date.now() + timeout * 1000;
  while (!(await answers(`${issuer}/.well-known/uma2-configuration`))) {
    if (server.exitCode !== null) throw new Error(`Keycloak ended while starting\n${tail(log)}`);
    if (Date.now() > end) {
      await stopKeycloak();
      throw new Error(`Keycloak was not ready within ${timeout} s\n${tail(log)}`);
    }
    await pause(50);
  }
  return issuer;
}

/** The process group of the one that runs. @throws Error when none does. */
export function keycloakGroup(): number {
  const pid = runningPid();
  if (pid === undefined) throw new Error('no Keycloak of this script runs');
  return pid;
}

/** Ends the one that runs, if any. */
export async function stopKeycloak(): Promise<void> {
  const pid = runningPid();
  if (pid !== undefined) {
    process.kill(-pid, 'SIGTERM');
    for (let waited = 0; groupLives(pid); waited += 1) {
      if (waited === 100) process.kill(-pid, 'SIGKILL');
      await pause(200);
    }
  }
  rmSync(pidFile, { force: true });
}

/** Fetches, builds and seeds what is not there yet. Gives the folder of the seeded database. */
function prepare(): string {
  needJava();
  if (!existsSync(distribution)) {
    const fresh = `${distribution}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    try {
      // In an empty folder, so that no pom.xml of the caller is read.
      const artifact = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${version}:tar.gz`;
      command('mvn', ['-B', '-q', '-ntp', unpack, artifact, `-DoutputDirectory=${fresh}`], { cwd: fresh });
      const kc = join(fresh, `keycloak-${version}`, 'bin', 'kc.sh');
      command('chmod', ['+x', kc]);
      command(kc, ['build', '--db=dev-file', '--cache=local', '--health-enabled=false', '--metrics-enabled=false']);
      renameSync(join(fresh, `keycloak-${version}`), distribution);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  const hash = createHash('sha256').update(readFileSync(realmFile)).digest('hex').slice(0, 12);
  const seed = join(cache, `seed-${version}-${hash}`);
  if (!existsSync(seed)) {
    const home = `${seed}.${process.pid}`;
    try {
      makeHome(home);
      command(join(home, 'bin', 'kc.sh'), ['import', '--optimized', '--file', realmFile]);
      rmSync(join(home, 'data', 'tmp'), { recursive: true, force: true });
      renameSync(join(home, 'data'), seed);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }
  return seed;
}

/** A home for one process: data of its own, the rest is the distribution's. */
function makeHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'bin'), { recursive: true });
  cpSync(join(distribution, 'bin', 'kc.sh'), join(home, 'bin', 'kc.sh'));
  for (const part of ['lib', 'conf', 'providers', 'themes']) symlinkSync(join(distribution, part), join(home, part));
}

function needJava(): void {
  const java = env.JAVA_HOME === undefined ? 'java' : join(env.JAVA_HOME, 'bin', 'java');
  const { stderr, error } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const major = Number(/version "(\d+)/.exec(stderr ?? '')?.[1]);
  if (error === undefined && major >= 17) return;
  const found = error === undefined ? `${java} is version ${major}` : `there is no ${java}`;
  throw new Error(`Keycloak needs Java 17 or newer, ${found}: set JAVA_HOME`);
}

function command(program: string, args: string[], options: { cwd?: string } = {}): void {
  const done = spawnSync(program, args, { ...options, env: kcEnv, encoding: 'utf8' });
  if (done.error !== undefined) throw new Error(`${program} cannot be run: ${done.error.message}`);
  if (done.status !== 0)
    throw new Error(`${program} ${args[0]} failed\n${`${done.stdout}${done.stderr}`.slice(-4000)}`);
}

/** The recorded process, if it lives and is ours: a pid may have been given to another since. */
function runningPid(): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes(join(run, 'bin', 'kc.sh')) ? pid : undefined;
}

function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).status === 200;
  } catch {
    return false;
  }
}

function somebodyListens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

const tail = (log: string) => readFileSync(log, 'utf8').split('\n').slice(-20).join('\n');

if (import.meta.main) {
  const verbs: Record<string, () => Promise<void> | void> = {
    start: async () => console.log(await startKeycloak()),
    prepare: () => void prepare(),
    stop: stopKeycloak,
  };
  const verb = verbs[process.argv[2] ?? 'start'];
  if (verb === undefined) throw new Error(`unknown: ${process.argv[2]} (start, prepare, stop)`);
  await verb();
}
