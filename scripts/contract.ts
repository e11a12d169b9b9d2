// The command line as a contract (cli.md 48) and its help (cli.md 36), as files under test/cli/golden that show each change of them.
import type { AnyCommand, FlagSpec } from '../src/cli/command.ts';
import { EXIT_MEANING } from '../src/cli/exit-codes.ts';
import { allFlags, COMMON_FLAGS, flagNames, GROUP_FLAGS } from '../src/cli/flags.ts';
import { commandHelp, rootHelp } from '../src/cli/help.ts';
import { commandsOf } from '../src/cli/locate.ts';
import { makePaint } from '../src/cli/paint.ts';
import { REGISTRY } from '../src/commands/registry.ts';

export interface CommandContract {
  flags: string[];
  groups: string[];
  arguments: string[];
  fields: string[];
}

export interface Contract {
  exit_codes: Record<string, string>;
  common_flags: string[];
  groups: Record<string, string[]>;
  commands: Record<string, CommandContract>;
}

/** `-o, --output <value>`: what scripts depend on, without the words of help. A choice that is added breaks nobody. */
const signature = ({ flags, list, repeat }: FlagSpec): string => {
  const { names, value } = flagNames(flags);
  const kind = { none: '', optional: ' [value]', required: ' <value>' }[value];
  return `${names.join(', ')}${kind}${list || repeat ? '...' : ''}`;
};

const loaded = async (): Promise<{ name: string; path: string[]; command: AnyCommand }[]> =>
  Promise.all(
    commandsOf(REGISTRY).map(async ({ path, entry }) => ({
      name: path.join(' '),
      path,
      command: (await entry.load()).command,
    })),
  );

export async function contract(): Promise<Contract> {
  const commands = (await loaded()).map(({ name, command }) => [
    name,
    {
      flags: allFlags(command.flags ?? [], command.groups ?? []).own.map(signature),
      groups: [...(command.groups ?? [])],
      arguments: (command.args ?? []).map((argument) => argument.name),
      fields: [...(command.fields ?? [])],
    },
  ]);
  return {
    exit_codes: Object.fromEntries(EXIT_MEANING.map(([code, meaning]) => [String(code), meaning])),
    common_flags: COMMON_FLAGS.map(signature),
    groups: Object.fromEntries(Object.entries(GROUP_FLAGS).map(([name, flags]) => [name, flags.map(signature)])),
    commands: Object.fromEntries(commands),
  };
}

/** How help looks, by the root and one command; the words of each command are in docs/commands. */
export async function helpTexts(): Promise<string> {
  const paint = await makePaint({ color: false, masked: false });
  const shown = (await loaded()).filter(({ name }) => name === 'ticket');
  const pages = shown.map(({ name, path, command }) => `== uma ${name}\n\n${commandHelp(path, command, paint, 100)}\n`);
  return [`== uma\n\n${rootHelp(REGISTRY, paint, 100)}\n`, ...pages].join('\n');
}
