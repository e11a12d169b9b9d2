/** What the operator of `uma serve` sees of it: --log-format, --log-level, --audit-log, --admin-port, --admin-host. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { clean } from '../cli/paint.ts';
import { parsePort } from '../cli/port.ts';
import { build } from '../cli/version.ts';
import { UmaError } from '../protocol/errors.ts';
import type { Level, Log } from '../server/operation/log.ts';
import type { Counted } from '../server/operation/metrics.ts';
import { notReady, type Readiness } from '../server/operation/readiness.ts';
import type { Watcher } from '../server/operation/watcher.ts';

export interface OperationFlags {
  adminHost?: string;
  adminPort?: number;
  auditLog?: string;
  logFormat?: 'text' | 'json';
  logLevel?: Level;
  quiet?: boolean;
}

export const OPERATION_FLAGS: readonly FlagSpec[] = [
  {
    flags: '--admin-port <number>',
    description: 'also answer /health/live, /health/ready and /metrics, at this port (0: any free one)',
    parse: parsePort,
  },
  { flags: '--admin-host <address>', description: 'the address of --admin-port (default 127.0.0.1)' },
  {
    flags: '--audit-log <file>',
    description: 'who did what: JSON lines, added to this file, - for stdout; SIGHUP opens it anew',
  },
  {
    flags: '--log-format <format>',
    description: 'of the log on standard error (default text on a terminal, else json)',
    choices: ['text', 'json'],
  },
  {
    flags: '--log-level <level>',
    description: 'error, warn, info (default) or debug: a line for each request',
    choices: ['error', 'warn', 'info', 'debug'],
  },
];

/** The log of this process, and a way to tell people something that is no event: at the start, plain on a terminal. */
export async function openLog(
  { logFormat, logLevel, quiet = false }: OperationFlags,
  { io, note, warn }: Pick<Context, 'io' | 'note' | 'warn'>,
): Promise<Log & { tell(level: 'info' | 'warn', text: string): void }> {
  const { createLog } = await import('../server/operation/log.ts');
  const format = logFormat ?? (io.stderrIsTty ? 'text' : 'json');
  const level = logLevel ?? (quiet ? 'warn' : 'info');
  const log = createLog({ format, level, write: (text) => io.err(clean(text, true)) });
  const plain = { info: note, warn };
  return Object.assign(log, {
    tell: (at: 'info' | 'warn', text: string) => (format === 'json' ? log(at, text) : plain[at](text)),
  });
}

/** Who watches the server of this process. */
export interface Operation {
  watchers: Watcher[];
  /** What it has counted: as text, and to be added to what others have. */
  metrics(): Promise<string>;
  counted(): Promise<Counted>;
  close(): void;
}

/** @throws UmaError `audit_log_unusable` (config). */
export async function openOperation(
  { adminPort, auditLog, logLevel }: OperationFlags,
  log: Log,
  { io, onHangup }: Pick<Context, 'io' | 'onHangup'>,
): Promise<Operation> {
  const metrics =
    adminPort === undefined
      ? undefined
      : (await import('../server/operation/metrics.ts')).createMetrics({ version: build.version });
  const watchers: Watcher[] = metrics === undefined ? [] : [metrics];
  if (logLevel === 'debug') {
    const { requestLog } = await import('../server/operation/request-log.ts');
    watchers.push(requestLog((line) => log('debug', 'request', line)));
  }
  let close = () => {};
  if (auditLog !== undefined) {
    const { auditLog: watch } = await import('../server/operation/audit.ts');
    let write = (line: string) => io.out(line);
    if (auditLog !== '-') {
      const { openLineFile } = await import('../server/operation/audit-file.ts');
      const file = openLineFile(auditLog, (error) => log.failed('the audit log cannot be written', error));
      onHangup(file.reopen);
      ({ write, close } = file);
    }
    watchers.push(watch(write));
  }
  return {
    watchers,
    metrics: async () => (await metrics?.registry.metrics()) ?? '',
    counted: async () => (await metrics?.registry.getMetricsAsJSON()) ?? [],
    close,
  };
}

/** What the operator asks a server, of one process or of several. */
export interface Operated {
  ready(): Promise<Readiness>;
  /** In the text form of Prometheus. */
  metrics(): Promise<string>;
}

/**
 * Answers at --admin-port from now on, if there is one.
 * @throws UmaError `incomplete_admin` (usage); of category `config`: `port_taken`, `cannot_listen`.
 */
export async function answerOperator(
  { adminHost, adminPort }: OperationFlags,
  server: Operated,
): Promise<{ url?: string; close(): Promise<void> }> {
  if (adminPort === undefined && adminHost !== undefined)
    throw new UmaError('usage', 'incomplete_admin', '--admin-host goes with --admin-port');
  if (adminPort === undefined) return { close: async () => {} };
  const { startAdmin } = await import('../server/operation/admin.ts');
  return startAdmin({ host: adminHost, port: adminPort, ...server });
}

/** What the workers of one server say of themselves. */
export interface Report {
  readiness: Readiness;
  counted: Counted;
}

/** Ready when all are; counts are added up. */
export function allOf(ask: () => Promise<Report[]>): Operated {
  return {
    async ready() {
      const all = (await ask()).map(({ readiness }) => readiness);
      return all.find(({ status }) => status !== 'ready') ?? all[0] ?? notReady('starting');
    },
    async metrics() {
      const { together } = await import('../server/operation/metrics.ts');
      return together((await ask()).map(({ counted }) => counted));
    },
  };
}
