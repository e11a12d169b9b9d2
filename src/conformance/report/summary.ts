/** The report in figures and short lists: what the terminal, the JSON result and the exit code are made from. */
import { PROFILES } from '../check.ts';
import { LEVELS, requirement } from '../requirements/table.ts';
import { type Report, ROW_STATUSES, type RowResult, type RowStatus, type Totals, totalsOf } from '../runner.ts';

export const STATUS_NAMES: Record<RowStatus, string> = {
  pass: 'pass',
  fail: 'fail',
  blocked: 'not reached',
  expected_failure: 'expected failure',
  not_applicable: 'not applicable',
  untestable: 'untestable',
  not_run: 'not run',
};

/** A requirement that is not met, or that another failure keeps from being looked at. */
export const isFailure = (status: RowStatus): boolean => status === 'fail' || status === 'blocked';

export interface SummaryRow {
  requirement: string;
  level: string;
  status: RowStatus;
  section: string;
  line: string;
  detail?: string;
}

export interface Summary {
  issuer: string;
  /** No MUST failed, and none was out of reach. A failed `MUST*`, SHOULD, MAY or HARDEN is a weaker finding and told apart. */
  ok: boolean;
  started_at: string;
  duration_ms: number;
  profiles: readonly string[];
  checks: number;
  totals: Totals;
  rows: SummaryRow[];
}

export function summaryOf(report: Report): Summary {
  const { issuer, started_at, duration_ms, profiles, checks, rows } = report;
  return {
    issuer,
    ok: !rows.some(({ level, status }) => level === 'MUST' && isFailure(status)),
    started_at,
    duration_ms,
    profiles: PROFILES.filter((profile) => profiles.includes(profile)),
    checks,
    totals: totalsOf(rows),
    rows: rows.map(summaryRow),
  };
}

function summaryRow({ requirement: id, level, status, detail }: RowResult): SummaryRow {
  const { section, line } = requirement(id);
  return { requirement: id, level, status, section, line, ...(detail === undefined ? {} : { detail }) };
}

/** Levels against statuses, as rows of a table; levels that no row has are left out. */
export function totalsTable(totals: Totals): { header: string[]; rows: string[][] } {
  const rows = LEVELS.filter((level) => Object.values(totals[level]).some((count) => count > 0)).map((level) => [
    level,
    ...ROW_STATUSES.map((status) => String(totals[level][status])),
  ]);
  return { header: ['level', ...ROW_STATUSES.map((status) => STATUS_NAMES[status])], rows };
}

/** What a failure of a level weighs, in a word. */
export function weight(level: string): string {
  if (level === 'MUST') return 'violation';
  if (level === 'MUST*') return 'weaker finding: the text states it without a keyword';
  if (level === 'HARDEN') return 'hardening beyond the specifications';
  return level === 'SHOULD' ? 'against a recommendation' : 'wrong use of an option';
}
