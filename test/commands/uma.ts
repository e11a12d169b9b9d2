/** `uma` in this process: the real program with fake streams, and a real authorization server on loopback. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/commands/program.ts';
import { type RunningServer, type StartOptions, startServer } from '../../src/server/start.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
  /** Standard output as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface RunOptions {
  stdin?: string;
  /** Standard output and error are a terminal. */
  tty?: boolean;
  env?: Record<string, string>;
  /** Told of each piece of standard error as it is written. */
  onErr?(text: string): void;
}

export interface Uma {
  server: RunningServer;
  /** Where profiles and tokens are kept. */
  directory: string;
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Each command reads what the one before it printed; the last one's result. */
  pipe(...commands: (readonly string[])[]): Promise<Ran>;
  /** A file with this content; its path. */
  file(name: string, content: string): string;
  /** Rewrites the answers of all tokens kept between runs; how many there were. */
  spoilTokens(spoil: (answer: Record<string, unknown>) => Record<string, unknown>): number;
  close(): Promise<void>;
}

export async function startUma(options: StartOptions = {}): Promise<Uma> {
  const server = await startServer({ port: 0, ...options });
  const directory = mkdtempSync(join(tmpdir(), 'uma-test-'));
  const uma: Uma = {
    server,
    directory,
    run: (argv, with_ = {}) => runUma(argv, { ...with_, env: { UMA_ISSUER: server.issuer, ...with_.env } }, directory),
    async pipe(...commands) {
      let last: Ran | undefined;
      for (const argv of commands) last = await uma.run(argv, last === undefined ? {} : { stdin: last.out });
      if (last === undefined) throw new Error('no command');
      return last;
    },
    file(name, content) {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    },
    spoilTokens(spoil) {
      const kept = join(directory, 'tokens');
      const names = readdirSync(kept);
      for (const name of names) {
        const path = join(kept, name);
        const item = JSON.parse(readFileSync(path, 'utf8')) as { value: Record<string, unknown> };
        writeFileSync(path, JSON.stringify({ ...item, value: spoil(item.value) }));
      }
      return names.length;
    },
    async close() {
      await server.close();
      rmSync(directory, { recursive: true });
    },
  };
  return uma;
}

export async function runUma(argv: readonly string[], options: RunOptions, directory: string): Promise<Ran> {
  let out = '';
  let err = '';
  const { stdin, tty = false, env = {} } = options;
  const code = await run(
    argv,
    {
      stdinIsTty: stdin === undefined,
      stdoutIsTty: tty,
      stderrIsTty: tty,
      env: { UMA_CONFIG_DIR: directory, NO_COLOR: '1', ...env },
      cwd: directory,
      platform: process.platform,
      home: directory,
      columns: tty ? 100 : undefined,
      readStdin: async () => stdin ?? '',
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
        if (!argv.includes('--show-secrets'))
          (globalThis as { toldToPeople?(text: string): void }).toldToPeople?.(text);
        options.onErr?.(text);
      },
    },
    new AbortController().signal,
  );
  return { code, out, err, json: <T>() => JSON.parse(out) as T };
}
