/**
 * What the server tells its operator: pino's JSON lines, or the same as text for a terminal. Everything passes the house's one
 * mask (protocol/secrets.ts) first, so that a secret in a message of a library stays out as well.
 */
import { pino } from 'pino';
import { maskJson, maskText } from '../../protocol/secrets.ts';

export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];
export const FORMATS = ['text', 'json'] as const;

export interface Log {
  (level: Level, message: string, fields?: object): void;
  /** An error that nobody expected, with its stack and what was behind it. */
  failed(message: string, error: unknown, request_id?: string): void;
}

export interface LogOptions {
  format: (typeof FORMATS)[number];
  level: Level;
  /** Takes one line with its end. */
  write(text: string): void;
}

export function createLog({ format, level, write }: LogOptions): Log {
  const logger = pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      base: { pid: process.pid },
      // Values of these are secrets whole; by name and form the rest is found by the mask.
      redact: { paths: ['cookie', '*.cookie', '*["set-cookie"]', 'dpop', '*.dpop'], censor: '…' },
    },
    { write: format === 'json' ? write : (line: string) => write(asText(line)) },
  );
  const log = (at: Level, message: string, fields: object = {}) =>
    logger[at](maskJson(fields) as object, maskText(message));
  return Object.assign(log, {
    failed: (message: string, error: unknown, request_id?: string) =>
      log('error', message, { ...(request_id === undefined ? {} : { request_id }), error: described(error) }),
  });
}

/** Errors behind an error are told too, a few: a driver's own words are the useful ones. */
function described(error: unknown, depth = 3): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = message, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return {
    name,
    ...code,
    stack,
    ...(cause === undefined || depth === 0 ? {} : { cause: described(cause, depth - 1) }),
  };
}

/** `12:00:00 error POST /token failed request_id=... `, and the stack below. */
function asText(line: string): string {
  const { time, level, msg, pid: _one, error, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(rest).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = `${String(time).slice(11, 19)} ${String(level)} ${String(msg)}${pairs.join('')}\n`;
  return error === undefined ? head : `${head}${stackOf(error)}\n`;
}

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { stack, cause } = error as { stack?: string; cause?: unknown };
  return cause === undefined ? (stack ?? '') : `${stack}\nbecause of ${stackOf(cause)}`;
}
