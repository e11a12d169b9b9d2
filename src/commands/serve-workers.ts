/** `uma serve --workers N`: N processes that listen on one port and share a store; this one only watches over them. */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from '../cli/context.ts';
import { type ErrorCategory, UmaError } from '../protocol/errors.ts';
import { notReady } from '../server/operation/readiness.ts';
import type { RunningServer } from '../server/start.ts';
import type { Operated, Report } from './serve-operation.ts';

/** What the first process tells the user, from the first worker that answers. */
export type Started = Pick<RunningServer, 'issuer' | 'url' | 'switches' | 'notes'>;

/** A server with those who watch it. */
export interface Served extends RunningServer, Operated {
  counted(): Promise<Report['counted']>;
}

type Message =
  | { kind: 'ready'; started: Started }
  | { kind: 'failed'; category: ErrorCategory; code: string; message: string; hint?: string | undefined }
  | { kind: 'report'; to: number; report: Report };

interface Work {
  count: number;
  /** Starts one server; runs in a worker. */
  begin(): Promise<Served>;
  /** Answers the operator of the server; runs in the first process. */
  operator(ask: () => Promise<Report[]>): Promise<{ url?: string; close(): Promise<void> }>;
  /** All workers answer; runs in the first process. `admin` is the operator's address. */
  announce(started: Started, admin: string | undefined): Promise<void>;
  /** Something went wrong with a worker; runs in the first process. */
  warn(text: string): void;
  /** SIGHUP means something to the workers. */
  hangup: boolean;
}

/** What the first process says to a worker. */
type Order = 'stop' | { report: number };
/** Milliseconds that a worker may take for its report. */
const PATIENCE = 3000;
/** Milliseconds before a worker that could not start is tried again; doubled each time up to the second. */
const [SHORTEST, LONGEST] = [500, 30_000];

/** Serves until the signal; @throws what the first worker that fails to start has met. */
export async function serveByWorkers(work: Work, context: Pick<Context, 'signal' | 'onHangup'>): Promise<void> {
  const { worker } = cluster;
  return worker === undefined ? supervise(work, context) : serveAs(worker, work, context.signal);
}

async function serveAs(worker: Worker, { begin }: Work, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    worker.on('message', (order: Order) => order === 'stop' && resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  // The first process is gone: node ends this one.
  worker.on('error', () => {});
  const tell = (message: Message) => new Promise<void>((resolve) => worker.send(message, () => resolve()));
  try {
    const server = await begin();
    const { issuer, url, switches, notes } = server;
    worker.on('message', async (order: Order) => {
      if (order === 'stop') return;
      const report = { readiness: await server.ready(), counted: await server.counted() };
      await tell({ kind: 'report', to: order.report, report });
    });
    await tell({ kind: 'ready', started: { issuer, url, switches, notes } });
    if (!signal.aborted) await stopped;
    await server.close();
  } catch (error) {
    if (!(error instanceof UmaError)) throw error;
    const { category, code, message, hint } = error;
    await tell({ kind: 'failed', category, code, message, hint });
  }
  worker.disconnect();
}

async function supervise(
  { count, announce, operator, warn, hangup }: Work,
  { signal, onHangup }: Pick<Context, 'signal' | 'onHangup'>,
): Promise<void> {
  const living = new Set<Worker>();
  /** Resolves when it answers. */
  const spawn = () =>
    new Promise<Started>((resolve, reject) => {
      const worker = cluster.fork();
      living.add(worker);
      let answers = false;
      // A message to one that is just ending; its exit tells the rest.
      worker.on('error', () => {});
      worker.on('message', (message: Message) => {
        if (message.kind === 'ready') {
          answers = true;
          resolve(message.started);
        } else if (message.kind === 'failed')
          reject(new UmaError(message.category, message.code, message.message, { hint: message.hint }));
      });
      worker.on('exit', (code, killer) => {
        living.delete(worker);
        const how = killer ?? `exit code ${code}`;
        reject(new UmaError('internal', 'worker_ended', `a worker ended while starting (${how})`));
        if (!answers || signal.aborted) return;
        warn(`a worker ended (${how}); another one takes its place`);
        void replace(SHORTEST);
      });
    });
  const replace = async (delay: number): Promise<void> => {
    if (signal.aborted) return;
    try {
      await spawn();
    } catch (error) {
      warn(`a worker could not start: ${(error as Error).message}`);
      await pause(delay, undefined, { signal }).catch(() => {});
      await replace(Math.min(delay * 2, LONGEST));
    }
  };
  const stop = async () => {
    const ended = [...living].map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())));
    for (const worker of living) if (worker.isConnected()) worker.send('stop' satisfies Order);
    await Promise.all(ended);
  };
  if (hangup)
    onHangup(() => {
      for (const worker of living) worker.process.kill('SIGHUP');
    });
  let reports = 0;
  const ask = (worker: Worker) =>
    new Promise<Report>((resolve) => {
      reports += 1;
      const to = reports;
      const done = (report: Report) => {
        clearTimeout(late);
        worker.off('message', heard);
        resolve(report);
      };
      const heard = (message: Message) => {
        if (message.kind === 'report' && message.to === to) done(message.report);
      };
      const late = setTimeout(() => done(SILENT), PATIENCE);
      worker.on('message', heard);
      if (worker.isConnected()) worker.send({ report: to } satisfies Order);
      else done(SILENT);
    });
  const answering = await operator(async () => {
    const absent = Array.from({ length: Math.max(0, count - living.size) }, () => SILENT);
    return [...(await Promise.all([...living].map(ask))), ...absent];
  });
  try {
    const [started] = await Promise.all(Array.from({ length: count }, spawn));
    if (started !== undefined && !signal.aborted) await announce(started, answering.url);
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  } finally {
    await stop();
    await answering.close();
  }
}

/** Of a worker that does not answer, or is not there yet. */
const SILENT: Report = { readiness: notReady('starting'), counted: [] };
