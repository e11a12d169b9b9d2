/** argv of one command -> plain options, by commander. */
import { Argument, Command as Commander, CommanderError, InvalidArgumentError, Option } from 'commander';
import { UmaError } from '../protocol/errors.ts';
import type { AnyCommand, FlagSpec } from './command.ts';
import { allFlags, flagNames, optionName } from './flags.ts';

export type Parsed = { kind: 'options'; options: Record<string, unknown>; warnings: string[] } | { kind: 'help' };

/**
 * Flags in camelCase and arguments by name.
 * @throws UmaError of category `usage`: `unknown_option`, `secret_in_argv`, `missing_argument`, ...
 */
export function parseCommand(path: readonly string[], command: AnyCommand, words: readonly string[]): Parsed {
  const flags = allFlags(command.flags ?? [], command.groups ?? []);
  const all = [...flags.own, ...flags.groups, ...flags.common];
  const parser = quiet(new Commander(`uma ${path.join(' ')}`))
    .helpOption('-h, --help')
    .allowExcessArguments(false);
  const counts: Record<string, number> = {};
  for (const spec of all) {
    const option = optionOf(spec);
    parser.addOption(option);
    if (!spec.count) continue;
    const name = option.attributeName();
    parser.on(`option:${option.name()}`, () => {
      counts[name] = (counts[name] ?? 0) + 1;
    });
  }
  for (const { name, description, choices } of command.args ?? []) {
    const argument = new Argument(name, description);
    parser.addArgument(choices === undefined ? argument : argument.choices([...choices]));
  }
  try {
    parser.parse(settleJson(command, words), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help' };
    throw usageError(
      error,
      all.map((spec) => flagNames(spec.flags).long),
    );
  }
  const options: Record<string, unknown> = { ...parser.opts(), ...counts };
  for (const [at, argument] of parser.registeredArguments.entries())
    options[argument.name()] = parser.processedArgs[at];
  checkOneStdin(all, options);
  const warnings = all.flatMap(({ flags: names, deprecated }) => {
    const { long } = flagNames(names);
    const given = options[optionName(long)] !== undefined;
    return deprecated === undefined || !given
      ? []
      : [`${long} will be gone with the next major version: ${deprecated}`];
  });
  return { kind: 'options', options, warnings };
}

/** @throws UmaError `unknown_command` (usage) with the near miss. `entries` are the names that would have been right. */
export function unknownCommand(word: string, path: readonly string[], entries: readonly string[]): UmaError {
  const parser = quiet(new Commander('uma'));
  for (const name of entries) parser.addCommand(quiet(new Commander(name)));
  try {
    parser.parse([word], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      const near = nearMiss(error.message);
      const hint = near === undefined ? `uma ${[...path, ''].join(' ')}--help` : `did you mean ${near}?`;
      return new UmaError('usage', 'unknown_command', `there is no command "${[...path, word].join(' ')}"`, { hint });
    }
    throw error;
  }
  throw new Error(`${word} is a command`);
}

function quiet(parser: Commander): Commander {
  return parser.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {}, outputError: () => {} });
}

function optionOf(spec: FlagSpec): Option {
  const option = new Option(spec.flags, spec.description);
  // `--input FILE` is another flag: the two must not set one and the same option.
  if (spec.flags === '--no-input') option.attributeName = () => 'asks';
  const { parse } = spec;
  const read = (text: string): unknown => {
    if (spec.choices !== undefined && !spec.choices.includes(text)) {
      throw new InvalidArgumentError(`one of ${spec.choices.join(', ')}`);
    }
    return parse === undefined ? text : parse(text);
  };
  const before = (previous: unknown) => (previous as unknown[] | undefined) ?? [];
  if (spec.list) {
    return option.argParser((text, previous) => [
      ...before(previous),
      ...text.split(',').flatMap((part) => (part.trim() === '' ? [] : [read(part.trim())])),
    ]);
  }
  if (spec.repeat) return option.argParser((text, previous) => [...before(previous), read(text)]);
  return spec.choices === undefined && parse === undefined ? option : option.argParser((text) => read(text));
}

/** A bare `--json` before an argument must not swallow it: its value is a list of fields that the command declares. */
function settleJson(command: AnyCommand, words: readonly string[]): string[] {
  const settled: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    const next = words[at + 1];
    if (word === '--') return [...settled, ...words.slice(at)];
    if (word !== '--json') settled.push(word);
    else if (next === undefined || next.startsWith('-') || !isFieldList(command, words, at + 1))
      settled.push('--json=');
    else {
      settled.push(`--json=${next}`);
      at += 1;
    }
  }
  return settled;
}

function isFieldList({ args = [], fields, openFields }: AnyCommand, words: readonly string[], at: number): boolean {
  const word = words[at]!;
  if (args.length === 0 || fields === undefined || fields.includes(word.split(',')[0]!)) return true;
  // A member that only the server knows of, where the argument stands elsewhere.
  const others = words.some((other, index) => index !== at && !other.startsWith('-'));
  return openFields === true && others && /^[\w.,-]+$/.test(word);
}

function checkOneStdin(specs: readonly FlagSpec[], options: Record<string, unknown>): void {
  const dashes = specs
    .filter((spec) => spec.file)
    .map((spec) => flagNames(spec.flags).long)
    .filter((long) => [options[optionName(long)]].flat().filter((value) => value === '-').length > 0);
  if (dashes.length > 1) {
    throw new UmaError('usage', 'two_stdins', `${dashes.join(' and ')} both name standard input (-)`, {
      hint: 'put all but one in a file or an environment variable',
    });
  }
}

/** Flags that people know from elsewhere, and the name that ours go by. Their values would stand in the process list. */
const SECRET_FLAGS: Record<string, { file: string; variable: string }> = {
  '--client-secret': { file: '--client-secret-file', variable: 'UMA_CLIENT_SECRET' },
  '--rs-client-secret': { file: '--rs-client-secret-file', variable: 'UMA_RS_CLIENT_SECRET' },
  '--password': {
    file: '--owner-password-file or --party-password-file',
    variable: 'UMA_OWNER_PASSWORD or UMA_PARTY_PASSWORD',
  },
  '--owner-password': { file: '--owner-password-file', variable: 'UMA_OWNER_PASSWORD' },
  '--party-password': { file: '--party-password-file', variable: 'UMA_PARTY_PASSWORD' },
  '--pat': { file: '--pat-file', variable: 'UMA_PAT' },
  '--rpt': { file: '--rpt-file', variable: 'UMA_RPT' },
  '--pct': { file: '--pct-file', variable: 'UMA_PCT' },
  '--token': { file: '--token-file', variable: 'UMA_TOKEN' },
  '--claim-token': { file: '--claim-token-file', variable: 'UMA_CLAIM_TOKEN' },
};

/** commander's error in our words; the value after `=` is dropped, it may be a secret. `known`: the flags that there are. */
function usageError(error: CommanderError, known: readonly string[]): UmaError {
  const message = error.message.replace(/^error: /, '').split('\n')[0]!;
  if (error.code === 'commander.unknownOption') {
    const flag = /'([^'=]*)/.exec(message)?.[1] ?? '';
    // A command of the resource server's side has its client's flags only.
    const secrets = [SECRET_FLAGS[flag], SECRET_FLAGS[flag.replace(/^--/, '--rs-')]];
    const secret = secrets.find((each) => known.some((name) => each?.file.split(' ').includes(name))) ?? secrets[0];
    if (secret !== undefined) {
      return new UmaError(
        'usage',
        'secret_in_argv',
        `${flag} does not exist: secrets never stand on the command line`,
        {
          hint: `${secret.file} FILE (- for standard input), the variable ${secret.variable}, or let uma ask on the terminal`,
        },
      );
    }
    const near = nearMiss(error.message);
    const otherwise = /^-[^-]./.test(flag)
      ? 'an id that begins with - goes after --, the flags are listed by --help'
      : undefined;
    return new UmaError('usage', 'unknown_option', `there is no flag ${flag} here`, {
      hint: near === undefined ? otherwise : `did you mean ${near}?`,
    });
  }
  const code = error.code.replace(/^commander\./, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  // Values of arguments can be secrets pasted in the wrong place: commander quotes none but an invalid one.
  return new UmaError('usage', code, message, {});
}

function nearMiss(message: string): string | undefined {
  return /\(Did you mean (?:one of )?(.*)\?\)/.exec(message)?.[1];
}
