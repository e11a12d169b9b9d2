/** Errors as people and programs read them: up to three lines of text, or one JSON object. */
import { UmaError } from '../protocol/errors.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { clean, type Paint, presentable } from './paint.ts';
import { build } from './version.ts';

/** Where an unexpected error was written down, or should have been. */
export interface ErrorPlace {
  file: string;
  /** Why it is not there: `EROFS`. */
  unwritable?: string;
}

/** A usage error knows the command it was made with: its usage line is printed too. */
export interface ErrorTextOptions {
  json: boolean;
  debug: boolean;
  usage: string | undefined;
  /** The command, for an error without advice of its own: `uma rpt`. */
  title: string;
  paint: Paint;
  /** Takes secrets out of a text of this error. */
  mask(text: string): string;
  /** Writes down what nobody expected. Asked for such an error only. */
  writeDown(error: unknown): ErrorPlace;
}

/** What to write to standard error (with final newline), and the exit code. */
export function errorText(error: unknown, options: ErrorTextOptions): { text: string; exitCode: ExitCode } {
  const known = error instanceof UmaError ? error : undefined;
  const exitCode = known === undefined ? EXIT.internal : exitCodeOf(known.category);
  const stack = options.debug && error instanceof Error ? `${options.mask(clean(error.stack ?? '', true))}\n` : '';
  const place = exitCode === EXIT.internal ? options.writeDown(error) : undefined;
  const told = known?.message ?? options.mask(error instanceof Error ? error.message : String(error));
  const hint = known?.hint ?? (place === undefined ? adviceOn(known, options.title) : reportIt(place, options.debug));
  if (options.json) {
    const { code = 'internal', spec, status } = known ?? {};
    const log = place?.unwritable === undefined ? place?.file : undefined;
    const bugs = place === undefined ? undefined : build.bugs;
    return {
      text: `${stack}${JSON.stringify({ error: presentable({ code, message: told, hint, spec, status, log, bugs }, true) })}\n`,
      exitCode,
    };
  }
  const { paint } = options;
  // Of the lines of an unexpected error the first is what happened; the log has all.
  const what = place === undefined ? told : `unexpected error: ${told.split('\n')[0]}`;
  const lines = [`${paint.red('uma:')} ${clean(what)}`];
  if (place !== undefined) lines.push(paint.dim(`     ${clean(whereItIs(place))}`));
  else if (known !== undefined && (known.spec !== undefined || known.status !== undefined))
    lines.push(paint.dim(`     ${why(known)}`));
  if (hint !== undefined)
    lines.push(hint.startsWith('did you mean') ? clean(`D${hint.slice(1)}`) : `Try: ${clean(hint)}`);
  if (known?.category === 'usage' && options.usage !== undefined) lines.push(`Usage: ${options.usage}`);
  return { text: `${stack}${lines.join('\n')}\n`, exitCode };
}

/** What was typed or configured wrong is looked up in the help. */
const adviceOn = (known: UmaError | undefined, title: string): string | undefined =>
  known?.category === 'usage' || known?.category === 'config' ? `${title} --help` : undefined;

/** `invalid_grant, status 400, UMA Grant 3.3.6` */
function why({ code, status, spec }: UmaError): string {
  return [clean(code), status === undefined ? undefined : `status ${status}`, spec]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** `bugs` of package.json when the program was built; a build of a repository without an address is reported where it came from. */
const bugAddress = build.bugs ?? 'an issue in the repository that this uma is built from';

const whereItIs = ({ file, unwritable }: ErrorPlace): string =>
  unwritable === undefined
    ? `a fault in uma itself; the log ${file} has what happened, secrets masked`
    : `a fault in uma itself; the log ${file} cannot be written (${unwritable})`;

function reportIt({ unwritable }: ErrorPlace, debug: boolean): string {
  if (unwritable === undefined) return `report it with that log: ${bugAddress}`;
  return `${debug ? 'report it with the lines above' : 'again with --debug, and report it with what that prints'}: ${bugAddress}`;
}
