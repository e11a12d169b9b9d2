/**
 * The log of unexpected errors: what a report of one needs, in one file of the user's own (0600 in a directory of 0700) that holds
 * the last few. Never the words of the command line beside the command's name, and no secrets: the file is there to be sent.
 */
import { appendFileSync, chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorPlace } from '../cli/error-text.ts';
import type { Io } from '../cli/io.ts';
import { versionText } from '../cli/version.ts';
import { isSecretName, maskText } from '../protocol/secrets.ts';
import { stateDirectory } from './config-directory.ts';
import { makeDirectory } from './directory.ts';

/** Characters of one entry, and of the file. */
const LONGEST_ENTRY = 16_384;
const LARGEST_FILE = 65_536;
/** How many errors behind an error are told. */
const DEPTH = 5;

/** Adds the error, met by the command `title` (`uma rpt`). Never throws: what keeps the file from being written is told beside its name. */
export function logError(
  error: unknown,
  title: string,
  now: number,
  io: Pick<Io, 'env' | 'platform' | 'home'>,
): ErrorPlace {
  const directory = stateDirectory(io);
  const file = join(directory, 'errors.log');
  try {
    makeDirectory(directory);
    const head = `${new Date(now * 1000).toISOString()} ${versionText([], process.version).trim()}, ${io.platform} ${process.arch}: ${title}`;
    const entry = `${head}\n${withoutSecrets(described(error), io.env)}`.slice(0, LONGEST_ENTRY);
    // Added to the end, so that processes that fail together (workers of a server) all have their say.
    appendFileSync(file, `${entry}\n\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
    keepTheLast(file);
    return { file };
  } catch (failure) {
    const { code, message } = failure as NodeJS.ErrnoException;
    return { file, unwritable: code ?? message };
  }
}

function keepTheLast(file: string): void {
  const text = readFileSync(file, 'utf8');
  if (text.length <= LARGEST_FILE) return;
  const entries = text.slice(-LARGEST_FILE / 2).split(/\n\n(?=\d{4}-\d\d-\d\dT)/);
  writeFileSync(`${file}.${process.pid}`, entries.slice(1).join('\n\n'), { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

/** The stack, which begins with name and message, and what was behind it. Nothing else of an error: members of it may hold requests. */
function described(error: unknown, depth = DEPTH): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = `${name}: ${message}`, cause } = error;
  const told = withoutInput(error, stack);
  const behind = [...(cause === undefined ? [] : [cause]), ...(error instanceof AggregateError ? error.errors : [])];
  if (depth === 0) return told;
  return [told, ...behind.map((one) => `because of ${described(one, depth - 1)}`)].join('\n');
}

/** What the terminal may show of a text of this error. */
export const shownOf = (error: unknown, text: string, env: Io['env']): string =>
  withoutSecrets(withoutInput(error, text), env);

/** A SyntaxError of a JSON quotes what it could not read. */
const withoutInput = (error: unknown, text: string): string =>
  error instanceof SyntaxError ? text.replaceAll(/(\.{3})?"[\s\S]*"(\.{3})? is not/g, '… is not') : text;

/** By the house's mask, and those that the environment holds wherever they stand. */
function withoutSecrets(text: string, env: Io['env']): string {
  const held = Object.entries(env).flatMap(([name, value]) =>
    /^UMA_/.test(name) && isSecretName(name.slice(4)) && value !== undefined && value !== '' ? [value] : [],
  );
  return held.reduce((rest, secret) => rest.replaceAll(secret, '…'), maskText(text));
}
