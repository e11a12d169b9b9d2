/** Errors as people and programs read them: up to three lines of text, or one JSON object. */
import { UmaError } from '../protocol/errors.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { clean, type Paint, presentable } from './paint.ts';

/** A usage error knows the command it was made with: its usage line is printed too. */
export interface ErrorTextOptions {
  json: boolean;
  debug: boolean;
  usage: string | undefined;
  paint: Paint;
}

/** What to write to standard error (with final newline), and the exit code. */
export function errorText(error: unknown, options: ErrorTextOptions): { text: string; exitCode: ExitCode } {
  const known = error instanceof UmaError ? error : undefined;
  const exitCode = known === undefined ? EXIT.internal : exitCodeOf(known.category);
  const stack = options.debug && error instanceof Error ? `${clean(error.stack ?? '', true)}\n` : '';
  const message = error instanceof Error ? error.message : String(error);
  if (options.json) {
    const { code = 'internal', hint, spec, status } = known ?? {};
    return {
      text: `${stack}${JSON.stringify({ error: presentable({ code, message, hint, spec, status }, true) })}\n`,
      exitCode,
    };
  }
  const { paint } = options;
  const lines = [`${paint.red('uma:')} ${known === undefined ? 'unexpected error: ' : ''}${clean(message)}`];
  if (known !== undefined && (known.spec !== undefined || known.status !== undefined))
    lines.push(paint.dim(`     ${why(known)}`));
  const hint =
    known === undefined
      ? 'again with --debug and --trace bug.html, and report both (secrets are masked in a trace)'
      : known.hint;
  if (hint !== undefined)
    lines.push(hint.startsWith('did you mean') ? clean(`D${hint.slice(1)}`) : `Try: ${clean(hint)}`);
  if (known?.category === 'usage' && options.usage !== undefined) lines.push(`Usage: ${options.usage}`);
  return { text: `${stack}${lines.join('\n')}\n`, exitCode };
}

/** `invalid_grant, status 400, UMA Grant 3.3.6` */
function why({ code, status, spec }: UmaError): string {
  return [clean(code), status === undefined ? undefined : `status ${status}`, spec]
    .filter((part) => part !== undefined)
    .join(', ');
}
