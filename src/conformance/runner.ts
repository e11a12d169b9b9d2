/** Runs checks against one server, several at a time, and adds their findings up per requirement. */
import type { Check, Finding, Profile, Status } from './check.ts';
import type { ConformanceConfig } from './config.ts';
import { createHttp, NoAnswer, type Watch, watched } from './http.ts';
import { maskExchange, maskText } from './mask.ts';
import { checkClients } from './preflight.ts';
import { Probe } from './probe.ts';
import { LEVELS, type Level, REQUIREMENTS, requirement } from './requirements/table.ts';
import { discover, Session, Unreached } from './session.ts';
import { UNTESTABLE } from './untestable.ts';

/** `untestable`: a written reason why it cannot be seen from outside; `not_run`: its checks are in a profile that was not asked for. */
export type RowStatus = Status | 'untestable' | 'not_run';
export const ROW_STATUSES: readonly RowStatus[] = [
  'pass',
  'fail',
  'blocked',
  'expected_failure',
  'not_applicable',
  'untestable',
  'not_run',
];

export interface RowResult {
  requirement: string;
  level: Level;
  status: RowStatus;
  /** Why it is not simply passed: the first finding's words, the reason, or the known gap. */
  detail?: string;
  findings: Finding[];
}

export interface Report {
  issuer: string;
  /** ISO 8601. */
  started_at: string;
  duration_ms: number;
  profiles: readonly Profile[];
  checks: number;
  /** Of each check that was run, by its title. */
  described: Record<string, Pick<Check, 'sends' | 'expects'>>;
  rows: RowResult[];
}

export interface RunOptions {
  profiles: readonly Profile[];
  /** Called when a check has ended. */
  onProgress?: (event: { check: Check; done: number; total: number; findings: readonly Finding[] }) => void;
  concurrency?: number;
  /** Sees every exchange: for a trace. */
  watch?: Watch | undefined;
}

/**
 * @throws Unreached when the server cannot be discovered; NoAnswer when it cannot be reached at all; UmaError when it does not accept
 * a client of the configuration.
 */
export async function runChecks(
  config: ConformanceConfig,
  checks: readonly Check[],
  options: RunOptions,
): Promise<Report> {
  const started = Date.now();
  const plain = createHttp({ ca: config.ca, timeout_ms: config.timeout_ms });
  const http = options.watch === undefined ? plain : watched(plain, options.watch);
  try {
    const session = new Session(config, await discover(config, http), http);
    await checkClients(session);
    const chosen = checks.filter(({ profile }) => options.profiles.includes(profile));
    // What waits for an expiry starts first, so that the rest runs meanwhile.
    const queue = [...chosen.filter(({ slow }) => slow), ...chosen.filter(({ slow }) => !slow)];
    const findings: Finding[] = [];
    const running: Promise<void>[] = [];
    let done = 0;
    const slowOnes = chosen.filter(({ slow }) => slow).length;
    const worker = async () => {
      for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
        const found = await runCheck(session, check);
        findings.push(...found);
        done += 1;
        options.onProgress?.({ check, done, total: chosen.length, findings: found });
      }
    };
    for (let index = 0; index < (options.concurrency ?? 4) + slowOnes; index += 1) running.push(worker());
    await Promise.all(running);
    return {
      issuer: config.issuer,
      started_at: new Date(started).toISOString(),
      duration_ms: Date.now() - started,
      profiles: options.profiles,
      checks: chosen.length,
      described: Object.fromEntries(chosen.map(({ title, sends, expects }) => [title, { sends, expects }])),
      rows: rowsOf(findings, config.known_gaps, checks),
    };
  } finally {
    http.close();
  }
}

/** Every requirement of the check gets at least one finding, whatever happens. */
export async function runCheck(session: Session, check: Check): Promise<Finding[]> {
  const missing = check.needs
    ?.map((need) => need(session.metadata, session.config))
    .find((reason) => reason !== undefined);
  if (missing !== undefined)
    return check.requirements.map((row) => ({
      requirement: row,
      check: check.title,
      status: 'not_applicable',
      detail: missing,
    }));
  const probe = new Probe(session, check);
  let stopped: Finding['detail'];
  let status: Finding['status'] = 'fail';
  let evidence: Finding['evidence'];
  try {
    await check.run(probe);
  } catch (error) {
    if (!(error instanceof Unreached) && !(error instanceof NoAnswer))
      stopped = `the check itself failed: ${String(error)}`;
    else stopped = maskText(error.message);
    if (error instanceof Unreached) status = 'blocked';
    if (error instanceof Unreached && error.answer !== undefined) evidence = [maskExchange(error.answer)];
  } finally {
    await probe.tidy().catch(() => undefined);
  }
  const decided = new Set(probe.findings.map((finding) => finding.requirement));
  const open = check.requirements.filter((row) => !decided.has(row));
  return [
    ...probe.findings,
    ...open.map((row): Finding => {
      const detail = stopped ?? 'the check ended without a word on it';
      return {
        requirement: row,
        check: check.title,
        status,
        detail,
        ...(evidence === undefined ? {} : { evidence }),
      };
    }),
  ];
}

function rowsOf(findings: readonly Finding[], gaps: Record<string, string>, checks: readonly Check[]): RowResult[] {
  for (const id of Object.keys(gaps)) requirement(id);
  const tested = new Set(checks.flatMap(({ requirements }) => requirements));
  return REQUIREMENTS.filter(({ id, role }) => role === 'AS' || tested.has(id) || UNTESTABLE[id] !== undefined).map(
    ({ id, level }) => {
      const own = findings.filter((finding) => finding.requirement === id);
      const base = { requirement: id, level, findings: own };
      const reason = UNTESTABLE[id];
      if (own.length === 0)
        return reason === undefined
          ? { ...base, status: 'not_run' }
          : { ...base, status: 'untestable', detail: reason };
      const failed = own.find(({ status }) => status === 'fail') ?? own.find(({ status }) => status === 'blocked');
      const gap = gaps[id];
      if (failed !== undefined && gap !== undefined)
        return { ...base, status: 'expected_failure', detail: `${gap} (${failed.detail})` };
      if (failed !== undefined) return { ...base, status: failed.status, detail: failed.detail ?? '' };
      if (own.some(({ status }) => status === 'pass')) {
        return gap === undefined
          ? { ...base, status: 'pass' }
          : { ...base, status: 'fail', detail: `named as a known gap (${gap}), but it passes: take it off the list` };
      }
      return { ...base, status: 'not_applicable', detail: own[0]?.detail ?? '' };
    },
  );
}

export type Totals = Record<Level, Record<RowStatus, number>>;

export function totalsOf(rows: readonly RowResult[]): Totals {
  const zero = () => Object.fromEntries(ROW_STATUSES.map((status) => [status, 0])) as Record<RowStatus, number>;
  const totals = Object.fromEntries(LEVELS.map((level) => [level, zero()])) as Totals;
  for (const { level, status } of rows) totals[level][status] += 1;
  return totals;
}
