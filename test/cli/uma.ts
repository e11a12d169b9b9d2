/** Runs the built program as a user would: a process of its own, an empty home, no settings from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';
import { ensureBuilt } from '../../scripts/fresh.ts';

ensureBuilt();

export const BIN = new URL('../../bin/uma.js', import.meta.url).pathname;

/** A directory that is gone after the tests of the file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'uma-test-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const home = temporaryDirectory();

export interface RunOptions {
  stdin?: string;
  env?: Record<string, string>;
  cwd?: string;
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function start(args: readonly string[], { env = {}, cwd = home, stdin }: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: home, UMA_CONFIG_DIR: join(home, 'config'), ...env },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
}

export async function uma(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = start(args, options);
  child.stdin?.on('error', () => {}).end(options.stdin);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined,
  ]);
  return { code: child.exitCode, stdout, stderr };
}

/** Starts `uma serve` on a free port; stopped after the tests of the file. */
export async function serve(
  args: readonly string[] = [],
): Promise<{ issuer: string; pid: number; child: ChildProcess }> {
  const child = start(['serve', '--port', '0', ...args]);
  after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  child.stderr!.resume();
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { ...(JSON.parse(line.toString()) as { issuer: string; pid: number }), child };
}
