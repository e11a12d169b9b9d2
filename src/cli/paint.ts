/** Colour and masking for text that goes to a terminal. Meaning never hangs on colour alone. */
import { mask } from '../protocol/secrets.ts';
import type { Io } from './io.ts';

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  /** Text of a peer without control characters (decision 9). Lines stay lines only with `keepLines`. */
  clean(text: string, keepLines?: boolean): string;
  /** A token as it may be shown: its ends when this goes to a terminal, whole otherwise or with --show-secrets. */
  secret(token: string): string;
  /** Rows under a header, columns padded; no borders. Cells are cleaned. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): string;
}

export type ColorWhen = 'auto' | 'always' | 'never';

/** `--color` > `NO_COLOR` > `FORCE_COLOR` > `TERM=dumb` > whether the stream is a terminal. */
export function wantsColor(when: ColorWhen, io: Pick<Io, 'env'>, isTty: boolean): boolean {
  if (when !== 'auto') return when === 'always';
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return TERM !== 'dumb' && isTty;
}

/** C0 (but tab), DEL, C1, and what reorders text: none of them may reach a terminal from a peer. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function clean(text: string, keepLines = false): string {
  return text.replace(CONTROL, (character) => (keepLines && character === '\n' ? character : ''));
}

/** A view's text: colours stay when there are any, everything else that steers a terminal goes, whoever forgot to clean it. */
export function cleanPainted(text: string, color: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
  const colours = /(\u001b\[[\d;]*m)/;
  return color
    ? text
        .split(colours)
        .map((part, at) => (at % 2 === 1 ? part : clean(part, true)))
        .join('')
    : clean(text, true);
}

/** Members of wire objects that are masked on a terminal. A ticket is not: it is short-lived, used once, and typed by people. */
const SECRET_MEMBERS = new Set([
  'access_token',
  'refresh_token',
  'id_token',
  'claim_token',
  'token',
  'pct',
  'rpt',
  'client_secret',
  'registration_access_token',
  'password',
]);

/** A copy for a terminal: secrets masked, strings cleaned, at any depth. */
export function presentable(value: unknown, showSecrets: boolean): unknown {
  if (typeof value === 'string') return clean(value, true);
  if (Array.isArray(value)) return value.map((item) => presentable(item, showSecrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      clean(name),
      typeof member === 'string' && !showSecrets && SECRET_MEMBERS.has(name)
        ? mask(member)
        : presentable(member, showSecrets),
    ]),
  );
}

/** A paint for one stream. chalk is loaded only when there is colour. */
export async function makePaint(options: { color: boolean; masked: boolean }): Promise<Paint> {
  const plain = (text: string) => text;
  const chalk = options.color ? new (await import('chalk')).Chalk({ level: 1 }) : undefined;
  const bold = chalk === undefined ? plain : (text: string) => chalk.bold(text);
  return {
    bold,
    dim: chalk === undefined ? plain : (text) => chalk.dim(text),
    red: chalk === undefined ? plain : (text) => chalk.red(text),
    green: chalk === undefined ? plain : (text) => chalk.green(text),
    yellow: chalk === undefined ? plain : (text) => chalk.yellow(text),
    cyan: chalk === undefined ? plain : (text) => chalk.cyan(text),
    clean,
    secret: (token) => (options.masked ? mask(token) : clean(token)),
    table: (header, rows) => {
      const cells = rows.map((row) => row.map((cell) => clean(cell)));
      const widths = header.map((title, at) => Math.max(title.length, ...cells.map((row) => (row[at] ?? '').length)));
      const line = (row: readonly string[]) =>
        row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd();
      return [bold(line(header)), ...cells.map(line)].join('\n');
    },
  };
}
