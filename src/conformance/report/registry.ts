/** The formats of `--report`. */
import type { Report } from '../runner.ts';
import { htmlReport } from './html.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';

export const REPORTS = {
  json: jsonReport,
  junit: junitReport,
  html: htmlReport,
} as const satisfies Record<string, (report: Report) => string>;

export type ReportFormat = keyof typeof REPORTS;
