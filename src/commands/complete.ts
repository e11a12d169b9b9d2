/** The hidden `uma __complete WORDS...`: what the wrappers of `uma completion` call. Never asks, never fails. */
import { configDirectory } from '../adapters/config-directory.ts';
import { configFile, settingsStore } from '../adapters/settings-store.ts';
import type { Entry } from '../cli/command.ts';
import { candidates, type Known } from '../cli/completion.ts';
import { EXIT, type ExitCode } from '../cli/exit-codes.ts';
import type { Io } from '../cli/io.ts';
import { clean } from '../cli/paint.ts';

export async function complete(words: readonly string[], io: Io, registry: readonly Entry[]): Promise<ExitCode> {
  const known: Known = async (kind, before) => {
    if (kind !== 'profiles') return (await import('./complete-values.ts')).serverValues(kind, before, io);
    const directory = configDirectory(io);
    const { names } = await settingsStore(directory, configFile(directory)).list();
    return names.map((word) => ({ word, description: '' }));
  };
  // A shell in the middle of a line has no use for an error.
  const found = await candidates(words, registry, known).catch(() => []);
  // A name with a control character in it cannot be typed.
  for (const { word, description } of found)
    if (clean(word) === word && !word.includes('\t'))
      io.out(description === '' ? `${word}\n` : `${word}\t${clean(description)}\n`);
  return EXIT.done;
}
