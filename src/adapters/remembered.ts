/** Answers of a server that may be a little old: what completion shows while, or although, nobody answers. One file a question, of its owner's only. */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from './directory.ts';

export interface Remembered<T> {
  /** The answer and its age in seconds; undefined when there is none. */
  get(question: readonly string[]): { answer: T; age: number } | undefined;
  /** Where it cannot be written, nothing is kept. */
  put(question: readonly string[], answer: T): void;
}

export function remembered<T>(directory: string, now: () => number): Remembered<T> {
  const pathOf = (question: readonly string[]) =>
    join(directory, `${createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 40)}.json`);
  return {
    get(question) {
      try {
        const { answer, at } = JSON.parse(readFileSync(pathOf(question), 'utf8')) as { answer: T; at: number };
        return { answer, age: now() - at };
      } catch {
        return undefined;
      }
    },
    put(question, answer) {
      const path = pathOf(question);
      try {
        makeDirectory(directory);
        writeFileSync(`${path}.${process.pid}`, JSON.stringify({ answer, at: now() }), { mode: 0o600 });
        renameSync(`${path}.${process.pid}`, path);
      } catch {
        // The next completion asks again.
      }
    },
  };
}
