/** Finds the command in an argv before anything of it is loaded: flags may stand before, between and after its words. */
import { type CommandEntry, type Entry, isGroup } from './command.ts';
import { COMMON_FLAGS, flagNames, GROUP_FLAGS } from './flags.ts';

export interface Located {
  /** Words that led to the entry: `['resource', 'list']`. */
  path: string[];
  /** The command, the group (no verb given), or undefined (nothing, or a word that is none). */
  entry: Entry | undefined;
  /** The first word that should have been a command and is none. */
  unknown: string | undefined;
  /** argv without the words of the path. */
  rest: string[];
}

/** Whether a value follows, for every flag that may stand before the command. */
const TAKES_VALUE = new Map(
  [...COMMON_FLAGS, ...Object.values(GROUP_FLAGS).flat()].flatMap((spec) => {
    const { names, value } = flagNames(spec.flags);
    return names.map((name) => [name, value] as const);
  }),
);

export function locate(argv: readonly string[], registry: readonly Entry[]): Located {
  const path: string[] = [];
  const rest: string[] = [];
  let entries: readonly Entry[] | undefined = registry;
  let entry: Entry | undefined;
  let at = 0;
  for (; at < argv.length && entries !== undefined; at += 1) {
    const word = argv[at]!;
    if (word === '--') break;
    if (word.startsWith('-') && word !== '-') {
      rest.push(word);
      const value = TAKES_VALUE.get(word);
      const next = argv[at + 1];
      // `--json` may have a value: a word that is a command is not it.
      const follows =
        value === 'required' ||
        (value === 'optional' &&
          next !== undefined &&
          !next.startsWith('-') &&
          !entries.some(({ name }) => name === next));
      if (follows && next !== undefined) {
        rest.push(next);
        at += 1;
      } else if (value === 'optional') rest[rest.length - 1] = `${word}=`;
      continue;
    }
    const found: Entry | undefined = entries.find(({ name }) => name === word);
    if (found === undefined) return { path, entry, unknown: word, rest: [...rest, ...argv.slice(at + 1)] };
    path.push(word);
    entry = found;
    entries = isGroup(found) ? found.commands : undefined;
  }
  return { path, entry, unknown: undefined, rest: [...rest, ...argv.slice(at)] };
}

/** Every command with its whole name. */
export function commandsOf(registry: readonly Entry[]): { path: string[]; entry: CommandEntry }[] {
  return registry.flatMap((entry) =>
    isGroup(entry)
      ? entry.commands.map((command) => ({ path: [entry.name, command.name], entry: command }))
      : [{ path: [entry.name], entry }],
  );
}
