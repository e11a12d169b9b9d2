/** A pseudo-terminal, made by the program `script` (util-linux): no native code to compile. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN, temporaryDirectory } from './uma.ts';

export interface Shown {
  code: number | null;
  /** Standard output and error, as the terminal got them. */
  output: string;
}

/** What is typed when a text shows that came after the one before; a function gets all that shows by then. */
export type Step = readonly [shows: RegExp, reply: string | ((shown: string) => Promise<string> | undefined)];

/** Runs a shell line, in which $UMA is the program, on a terminal of its own. */
export async function onTerminal(
  line: string,
  steps: readonly Step[] = [],
  home: string = temporaryDirectory(),
): Promise<Shown> {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    UMA_CONFIG_DIR: home,
    TERM: 'xterm',
    UMA: `${process.execPath} ${BIN}`,
  };
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env,
    cwd: home,
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  let output = '';
  let seen = 0;
  const left = [...steps];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (let next = left[0]; next !== undefined; next = left[0]) {
      const found = next[0].exec(output.slice(seen));
      if (found === null) return;
      seen += found.index + found[0].length;
      left.shift();
      if (typeof next[1] === 'string') child.stdin.write(next[1]);
      else void next[1](output)?.then((reply) => child.stdin.write(reply));
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
