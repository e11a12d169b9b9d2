/** A result as text for standard output, by the flags of the call. */
import { UmaError } from '../protocol/errors.ts';
import type { Result } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { checkFields, fieldList, membersOf, pick, valueAt } from './fields.ts';
import type { Io } from './io.ts';
import { type ColorWhen, clean, cleanPainted, makePaint, presentable, wantsColor } from './paint.ts';

/** How to print, from the common flags. */
export interface OutputOptions {
  mode: 'text' | 'json';
  /** The caller asked for JSON in so many words: errors are JSON too. */
  jsonAsked: boolean;
  fields: string[] | undefined;
  field: string | undefined;
  header: boolean;
  quiet: boolean;
  color: ColorWhen;
  showSecrets: boolean;
}

/** @throws UmaError `conflicting_flags` (usage). */
export function outputOptions(flags: Readonly<Record<string, unknown>>, io: Pick<Io, 'stdoutIsTty'>): OutputOptions {
  const json = flags.json !== undefined;
  const conflict = (a: string, b: string) =>
    new UmaError('usage', 'conflicting_flags', `${a} and ${b} exclude each other`);
  if (json && flags.output === 'text') throw conflict('--json', '-o text');
  if (flags.field !== undefined && flags.header === true) throw conflict('--field', '--header');
  if (flags.quiet === true && flags.verbose !== undefined) throw conflict('--quiet', '--verbose');
  if (flags.quiet === true && flags.curl === true && flags.dryRun !== true) throw conflict('--quiet', '--curl');
  const jsonAsked = json || flags.output === 'json';
  return {
    mode: jsonAsked ? 'json' : ((flags.output as 'text' | undefined) ?? (io.stdoutIsTty ? 'text' : 'json')),
    jsonAsked,
    fields: fieldList(flags.json),
    field: flags.field as string | undefined,
    header: flags.header === true,
    quiet: flags.quiet === true,
    color: flags.color === false ? 'never' : ((flags.color as ColorWhen | undefined) ?? 'auto'),
    showSecrets: flags.showSecrets === true,
  };
}

/**
 * Writes the result and its note; the exit code.
 * `--field` and `--header` are for `$(...)`: when a refused outcome has not what they ask for, standard output stays empty and the
 * outcome's object goes to standard error.
 * @throws UmaError `unknown_field` (usage).
 */
export async function printResult(
  result: Result,
  options: OutputOptions,
  io: Io,
  declaredFields?: readonly string[],
): Promise<ExitCode> {
  // A list without entries shows no members to check against.
  const members = membersOf(result.value);
  if (options.fields !== undefined && declaredFields === undefined && members.length > 0)
    checkFields(options.fields, members);
  const exitCode = result.exitCode ?? EXIT.done;
  const single = options.field !== undefined || options.header ? singleValue(result, options) : undefined;
  if (single !== undefined) io.out(`${io.stdoutIsTty ? clean(single, true) : single}\n`);
  else if (options.field !== undefined || options.header) {
    if (exitCode === EXIT.done) throw missingValue(result, options);
    io.err(`${JSON.stringify(result.value)}\n`);
  } else io.out(`${await body(result, options, io)}\n`);
  if (result.emptyHint !== undefined && Array.isArray(result.value) && result.value.length === 0 && io.stderrIsTty) {
    if (!options.quiet) io.err(`${result.emptyHint}\n`);
  }
  const viewed = options.mode === 'text' && options.field === undefined && !options.header && result.text === undefined;
  const notes = [viewed ? undefined : result.told, result.note].filter((part) => part !== undefined);
  if (notes.length > 0 && !options.quiet) io.err(`${clean(notes.join('; '), true)}\n`);
  return exitCode;
}

async function body(result: Result, options: OutputOptions, io: Io): Promise<string> {
  const masked = io.stdoutIsTty && !options.showSecrets;
  if (result.text !== undefined) return result.text;
  if (options.mode === 'text' && result.view !== undefined) {
    const color = wantsColor(options.color, io, io.stdoutIsTty);
    return cleanPainted(result.view(await makePaint({ color, masked })), color);
  }
  if (options.mode === 'text' && result.told !== undefined) return clean(result.told, true);
  const value = options.fields === undefined ? result.value : pick(result.value, options.fields);
  // Piped text is the peer's own, whole; only a terminal has to be protected from it.
  return io.stdoutIsTty ? JSON.stringify(presentable(value, !masked), null, 2) : JSON.stringify(value);
}

function singleValue(result: Result, options: OutputOptions): string | undefined {
  if (options.header) {
    const token = result.token ?? valueAt(result.value, 'access_token');
    return typeof token === 'string' ? `Authorization: Bearer ${token}` : undefined;
  }
  const value = valueAt(result.value, options.field!);
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

function missingValue(result: Result, options: OutputOptions): UmaError {
  const what = options.header ? 'no token for --header' : `nothing at "${options.field}"`;
  return new UmaError('usage', 'unknown_field', `the result has ${what}`, {
    hint: `its members: ${membersOf(result.value).join(', ') || 'none'}`,
  });
}
