/** The walkthrough's stage: a real `uma serve`, and shells that find `uma` (the built program) and this Node on their PATH. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../scripts/fresh.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/uma.js', import.meta.url));

export interface Ran {
  code: number | null;
  out: string;
  err: string;
  /** Standard output as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  json(): any;
}

export interface Stage {
  /** A temporary folder: where shells start, with the settings of `uma` in it. */
  directory: string;
  env: Record<string, string>;
  /** By `sh -c`, as an operator types it. */
  shell(script: string, env?: Record<string, string>): Promise<Ran>;
  /** `uma` with these words, not yet ended. */
  start(words: readonly string[], env?: Record<string, string>): ChildProcess;
  /** `uma serve --port 0` and these words, once it answers. */
  serve(...words: string[]): Promise<Served>;
  /** Ends what still runs. */
  close(): Promise<void>;
}

export interface Served {
  issuer: string;
  process: ChildProcess;
  /** Sends the signal; the exit code, null when the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export function openStage(): Stage {
  ensureBuilt();
  const directory = mkdtempSync(join(tmpdir(), 'uma-walkthrough-'));
  symlinkSync(LAUNCHER, join(directory, 'uma'));
  const env = {
    PATH: [directory, dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
    HOME: directory,
    UMA_CONFIG_DIR: join(directory, 'config'),
  };
  const running = new Set<ChildProcess>();

  function launch(file: string, words: readonly string[], extra: Record<string, string>): ChildProcess {
    const child = spawn(file, words, { cwd: directory, env: { ...env, ...extra }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  }

  return {
    directory,
    env,
    shell: (script, extra = {}) => ended(launch('/bin/sh', ['-c', script], extra)),
    start: (words, extra = {}) => launch(process.execPath, [LAUNCHER, ...words], extra),
    async serve(...words) {
      const child = launch(process.execPath, [LAUNCHER, 'serve', '--port', '0', ...words], {});
      const exit = once(child, 'exit');
      const { issuer } = JSON.parse(await firstLine(child)) as { issuer: string };
      return {
        issuer,
        process: child,
        async stop(signal = 'SIGTERM') {
          child.kill(signal);
          return (await exit)[0] as number | null;
        },
      };
    },
    async close() {
      const gone = [...running].map((child) => once(child, 'exit'));
      for (const child of running) child.kill('SIGKILL');
      await Promise.all(gone);
      rmSync(directory, { recursive: true });
    },
  };
}

/** What the process wrote, and how it ended. */
export async function ended(child: ChildProcess): Promise<Ran> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err, json: () => JSON.parse(out) };
}

/** The first line on standard output. @throws Error with standard error, when the process ends before. */
async function firstLine(child: ChildProcess): Promise<string> {
  let out = '';
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  for await (const text of child.stdout?.setEncoding('utf8') ?? []) {
    out += text;
    if (out.includes('\n')) return out.slice(0, out.indexOf('\n'));
  }
  throw new Error(`it ended before it answered: ${err}`);
}
