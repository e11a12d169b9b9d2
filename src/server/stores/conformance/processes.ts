/** Other processes that work on the store of a test: `worker.ts`, asked over stdin, answering on stdout. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StoreUnderTest } from './fixtures.ts';

export interface StoreProcess {
  /** Has the process do a task of `worker.ts` with these ids; what it acknowledged. */
  ask(task: 'write' | 'take', ids: readonly string[]): Promise<string[]>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Resolves when the process has opened the store. It does not outlive the test. */
export async function startProcess(
  context: TestContext,
  elsewhere: NonNullable<StoreUnderTest['elsewhere']>,
): Promise<StoreProcess> {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const loaders = process.execArgv.filter((argument) => !argument.startsWith('--test'));
  const child = spawn(process.execPath, [...loaders, worker, JSON.stringify(elsewhere)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  context.after(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the store process ended without an answer');
    return value;
  };
  await line();
  return {
    async ask(task, ids) {
      child.stdin.write(`${JSON.stringify({ task, ids })}\n`);
      return JSON.parse(await line()) as string[];
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
