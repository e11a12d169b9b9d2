/**
 * The operating system's keyring, asked by a process of its own: without a desktop the library waits for D-Bus inside native code,
 * where no timer of ours runs and which not even process.exit ends. A process can be killed.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

/** Milliseconds. */
const LIMIT = 3_000;

export interface Keyring {
  /** The secret kept under the name; undefined where there is none. @throws Error saying why nobody answers. */
  get(name: string): Promise<string | undefined>;
  /** @throws Error */
  set(name: string, secret: string): Promise<void>;
}

/** The kernel's keyring, which the library would fall back to, forgets everything at a reboot. */
const CHILD = `
let input = '';
process.stdin.setEncoding('utf8').on('data', (part) => (input += part)).on('end', () => {
  try {
    const { library, name, secret } = JSON.parse(input);
    const { Entry } = require(library);
    const entry = new Entry('uma', name, { linux: { store: 'secret-service' } });
    if (secret !== undefined) entry.setPassword(secret);
    process.stdout.write(JSON.stringify({ secret: secret ?? entry.getPassword() ?? undefined }));
  } catch (error) {
    process.stdout.write(JSON.stringify({ error: error.message }));
  }
});`;

export const systemKeyring: Keyring = {
  get: async (name) => (await ask({ name })).secret,
  async set(name, secret) {
    await ask({ name, secret });
  },
};

async function ask(request: { name: string; secret?: string }): Promise<{ secret?: string }> {
  const library = libraryPath();
  const child = spawn(process.execPath, ['-e', CHILD], { stdio: ['pipe', 'pipe', 'ignore'] });
  const failed = new Promise<never>((_resolve, reject) => child.on('error', reject));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, LIMIT);
  try {
    child.stdin.on('error', () => {}).end(JSON.stringify({ library, ...request }));
    const answer = await Promise.race([text(child.stdout), failed]);
    if (late) throw new Error(`it does not answer within ${LIMIT / 1000} s`);
    if (answer === '') throw new Error('its library cannot be run here');
    const { error, ...given } = JSON.parse(answer) as { error?: string; secret?: string };
    if (error !== undefined) throw new Error(error);
    return given;
  } finally {
    clearTimeout(timer);
  }
}

/** An optional dependency: it may not be installed, and a single executable has none. @throws Error */
function libraryPath(): string {
  try {
    return createRequire(import.meta.url).resolve('@napi-rs/keyring');
  } catch {
    throw new Error('its library is not installed');
  }
}
