/** What `--...-file F|-` flags and pipes hold. Standard input is read once. */
import { readFile } from 'node:fs/promises';
import type { Io } from '../cli/io.ts';
import { UmaError } from '../protocol/errors.ts';

export interface Files {
  /** All of standard input; undefined on a terminal, or when a flag's `-` has taken it. */
  stdin(): Promise<string | undefined>;
  readFile(flag: string, path: string): Promise<string>;
}

export function files(io: Io): Files {
  let taken: string | undefined;
  let content: Promise<string> | undefined;
  const stdin = () => {
    content ??= io.readStdin();
    return content;
  };
  return {
    stdin: async () => (io.stdinIsTty || taken !== undefined ? undefined : stdin()),
    async readFile(flag, path) {
      if (path !== '-') return readNamed(flag, path);
      if (io.stdinIsTty) {
        throw new UmaError('usage', 'stdin_is_terminal', `${flag} - reads standard input, which is a terminal`, {
          hint: `feed it: printf %s "$VALUE" | uma ... ${flag} -, or name a file`,
        });
      }
      if ((taken !== undefined && taken !== flag) || (taken === undefined && content !== undefined)) {
        throw new UmaError(
          'usage',
          'two_stdins',
          `${flag} - names standard input, which is already read for something else`,
          {
            hint: 'put all but one in a file or an environment variable',
          },
        );
      }
      taken = flag;
      return stdin();
    },
  };
}

async function readNamed(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UmaError('usage', 'unreadable_file', `${flag}: ${path} cannot be read (${code})`, {
      hint: `${flag} takes the name of a file, or - for standard input`,
    });
  }
}
