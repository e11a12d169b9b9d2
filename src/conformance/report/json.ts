/** The whole report as JSON, evidence included. */
import type { Report } from '../runner.ts';
import { summaryOf } from './summary.ts';

export function jsonReport(report: Report): string {
  const { rows, ...head } = summaryOf(report);
  const full = rows.map((row, index) => ({ ...row, findings: report.rows[index]?.findings ?? [] }));
  return JSON.stringify({ ...head, described: report.described, rows: full }, null, 2);
}
