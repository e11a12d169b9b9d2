/**
 * adapters/: the ports of `cli` and `protocol` on real things: got, conf, inquirer, files, the process, the clock.
 * Imports `protocol` and `cli` only; no command logic here. Heavy libraries are loaded when first used.
 *
 * This file: the process's streams as an Io.
 */
import { isatty } from 'node:tty';
import type { Io } from '../cli/io.ts';
import { homeDirectory, workingDirectory } from './home.ts';

export function processIo(): Io {
  // A reader that closed early (`| head`) has had enough: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`uma: standard output cannot be written (${error.code ?? error.message})\n`);
    process.exit(1);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const { env, platform } = process;
  return {
    stdinIsTty: isatty(0),
    stdoutIsTty: isatty(1),
    stderrIsTty: isatty(2),
    env,
    cwd: workingDirectory(env),
    platform,
    home: homeDirectory(env),
    // Asked for only where something is shown: making the stream of standard error takes milliseconds.
    get columns() {
      return [process.stdout, process.stderr].find(({ isTTY }) => isTTY)?.columns;
    },
    async readStdin() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
    out: (text) => void process.stdout.write(text),
    outBytes: (bytes) => new Promise((resolve) => process.stdout.write(bytes, () => resolve())),
    err: (text) => void process.stderr.write(text),
  };
}

/**
 * Ctrl-C: aborts the signal. A command that stops by itself gets the chance to; every other, and a second Ctrl-C, ends at once with 130.
 * SIGTERM is the same for a command that stops itself and otherwise ends with 143.
 */
export function onInterrupt(controller: AbortController, stopsItself: () => boolean): void {
  const stop = (code: number) => () => {
    const again = controller.signal.aborted;
    controller.abort();
    if (again || !stopsItself()) process.exit(code);
  };
  process.on('SIGINT', stop(130));
  process.on('SIGTERM', stop(143));
}

/** For a server: a file was moved away, or a configuration changed. */
export function onHangup(called: () => void): void {
  process.on('SIGHUP', called);
}

/** What was thrown where nobody could catch it, in an event or a promise that nobody awaits: told as any other error, and the end of the program. */
export function onUncaught(tell: (error: unknown) => Promise<number>): void {
  process.on('uncaughtException', (error) => {
    void tell(error).then(
      (code) => process.exit(code),
      () => process.exit(1),
    );
  });
}
