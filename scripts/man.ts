/** The manual page, `man uma`, made from the sources as the pages of docs/commands are. */

import type { Entry, FlagGroup, FlagSpec } from '../src/cli/command.ts';
import { EXIT_MEANING } from '../src/cli/exit-codes.ts';
import { allFlags, COMMON_ENVIRONMENT, COMMON_FLAGS, GROUP_ENVIRONMENT, GROUP_FLAGS } from '../src/cli/flags.ts';
import { seeAlso, TOPICS, usageLine } from '../src/cli/help.ts';
import { commandsOf } from '../src/cli/locate.ts';
import { makePaint } from '../src/cli/paint.ts';

const ROLES: Record<FlagGroup, string> = {
  as: 'server',
  owner: 'resource owner',
  party: 'requesting party',
  rs: 'client of the resource server',
  client: 'client of the requesting party',
};
const GROUPS = Object.keys(ROLES) as FlagGroup[];

/** Where they are on Linux; `UMA_CONFIG_DIR` moves them all. */
const FILES: readonly (readonly [string, string])[] = [
  ['~/.config/uma/config.json', 'profiles'],
  ['~/.config/uma/credentials.json', 'their secrets, sealed by a key in the keyring of the system where one answers'],
  ['~/.config/uma/tokens/', 'tokens kept between runs, sealed in the same way'],
  ['~/.local/state/uma/errors.log', 'the last unexpected errors'],
  ['uma.json', 'resource, scope and people of a project: in this directory or the nearest above'],
];

/** `man/uma.1`, in the man macros of roff. */
export async function manualPage(registry: readonly Entry[], version: string): Promise<{ path: string; text: string }> {
  const paint = await makePaint({ color: false, masked: false });
  const commands = await Promise.all(
    commandsOf(registry).map(async ({ path, entry }) => {
      const { command } = await entry.load();
      const { own } = allFlags(command.flags ?? [], command.groups ?? []);
      const roles = (command.groups ?? []).map((group) => ROLES[group]);
      return [
        `.SS ${quoted(usageLine(path, command))}`,
        text(command.description),
        ...tagged((command.args ?? []).map(({ name, description }) => [name, description])),
        ...tagged(own.filter(({ hidden }) => !hidden).map(flagRow)),
        ...(roles.length === 0 ? [] : ['.PP', text(`Also the flags of: ${roles.join(', ')}.`)]),
        ...example(command.examples.flatMap(({ comment, line }) => [`# ${comment}`, `$ ${line}`])),
        ...(command.spec === undefined ? [] : ['.PP', text(`See ${command.spec}.`)]),
      ];
    }),
  );
  const lines = [
    '.\\" Made by `npm run generate`.',
    `.TH UMA 1 "" ${quoted(`uma ${version}`)} "User Commands"`,
    // Flags and commands are no words to stretch or break.
    '.ad l',
    '.nh',
    '.SH NAME',
    'uma \\- drive the UMA 2.0 grant flow against any authorization server, with one built in',
    '.SH SYNOPSIS',
    '.B uma',
    '.I command',
    '[flags]',
    '.SH DESCRIPTION',
    text('Every step of the flow is one command, and the commands join with pipes.'),
    ...TOPICS.filter(({ name }) => name === 'pipes').flatMap((topic) => example(topic.text(paint, 76).split('\n'))),
    '.SH COMMANDS',
    ...commands.flat(),
    ...GROUPS.flatMap((group) => [
      `.SH ${quoted(`FLAGS OF THE ${ROLES[group].toUpperCase()}`)}`,
      ...tagged(GROUP_FLAGS[group].map(flagRow)),
    ]),
    '.SH COMMON FLAGS',
    ...tagged([
      ...COMMON_FLAGS.map(flagRow),
      ['-h, --help', 'help, also for each command'],
      ['-V, --version', 'name, version, Node and commit'],
    ]),
    '.SH ENVIRONMENT',
    ...tagged([...GROUPS.flatMap((group) => GROUP_ENVIRONMENT[group]), ...COMMON_ENVIRONMENT]),
    '.SH EXIT STATUS',
    ...tagged(EXIT_MEANING.map(([code, meaning]) => [String(code), meaning])),
    '.SH FILES',
    ...tagged(FILES),
    '.SH SEE ALSO',
    ...seeAlso('UMA Grant, UMA Federated Authorization')
      .slice(1)
      .flatMap((address) => [text(address), '.br']),
  ];
  return { path: 'man/uma.1', text: `${lines.join('\n')}\n` };
}

const flagRow = ({ flags, description, choices, list, repeat }: FlagSpec): readonly [string, string] => [
  `${flags}${list || repeat ? '...' : ''}`,
  choices === undefined ? description : `${description}: ${choices.join(', ')}`,
];

const tagged = (rows: readonly (readonly [string, string])[]): string[] =>
  rows.flatMap(([name, meaning]) => ['.TP', bold(name), text(meaning)]);

const example = (lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['.PP', '.EX', ...lines.map((line) => safe(escaped(line))), '.EE'];

/** What roff takes for its own: backslashes, and a dash that is to be copied. */
const escaped = (line: string): string => line.replaceAll('\\', '\\e').replaceAll('-', '\\-');
/** A line that begins with a dot or an apostrophe would be a request. */
const safe = (line: string): string => line.replace(/^(?=[.'])/, '\\&');
const bold = (name: string): string => `\\fB${escaped(name)}\\fR`;
const text = (words: string): string =>
  safe(escaped(words).replaceAll(/`([^`]+)`/g, (_all, name: string) => `\\fB${name}\\fR`));
const quoted = (words: string): string => `"${escaped(words).replaceAll('"', '\\(dq')}"`;
