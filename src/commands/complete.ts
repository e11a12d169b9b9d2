/** The hidden `uma __complete WORDS...`: what the wrappers of `uma completion` call. Offline, never asks, never fails. */
import { configDirectory } from '../adapters/config-directory.ts';
import { configFile, settingsStore } from '../adapters/settings-store.ts';
import type { Entry } from '../cli/command.ts';
import { candidates } from '../cli/completion.ts';
import { EXIT, type ExitCode } from '../cli/exit-codes.ts';
import type { Io } from '../cli/io.ts';

export async function complete(words: readonly string[], io: Io, registry: readonly Entry[]): Promise<ExitCode> {
  const profiles = async () => {
    const directory = configDirectory(io);
    return (await settingsStore(directory, configFile(directory)).list()).names;
  };
  // A shell in the middle of a line has no use for an error.
  const found = await candidates(words, registry, { profiles }).catch(() => []);
  for (const { word, description } of found) io.out(description === '' ? `${word}\n` : `${word}\t${description}\n`);
  return EXIT.done;
}
