/** The report as JUnit XML: a suite for each level, a case for each requirement. */
import { LEVELS } from '../requirements/table.ts';
import type { Report } from '../runner.ts';
import { isFailure, STATUS_NAMES, summaryOf } from './summary.ts';
import { exchangeText, markup } from './text.ts';

export function junitReport(report: Report): string {
  const { issuer, duration_ms, rows } = summaryOf(report);
  const suites = LEVELS.flatMap((level) => {
    const own = rows
      .map((row, index) => ({ row, result: report.rows[index] }))
      .filter(({ row }) => row.level === level);
    const failures = own.filter(({ row }) => isFailure(row.status)).length;
    const skipped = own.filter(({ row }) => !isFailure(row.status) && row.status !== 'pass').length;
    const cases = own.map(({ row, result }) => {
      const open = `    <testcase classname="uma.conformance.${markup(level)}" name="${markup(`${row.requirement}: ${row.line}`)}"`;
      if (row.status === 'pass') return `${open}/>`;
      const detail = row.detail ?? '';
      if (!isFailure(row.status))
        return `${open}><skipped message="${markup(`${STATUS_NAMES[row.status]}: ${detail}`)}"/></testcase>`;
      const failed = (result?.findings ?? []).filter(({ status }) => isFailure(status));
      const evidence = failed
        .map((finding) =>
          [
            `${finding.check}: ${finding.detail ?? ''}`,
            `sends: ${report.described[finding.check]?.sends ?? ''}`,
            `expects: ${report.described[finding.check]?.expects ?? ''}`,
            ...(finding.evidence ?? []).map(exchangeText),
          ].join('\n'),
        )
        .join('\n\n');
      return `${open}><failure type="${markup(level)}" message="${markup(detail)}">${markup(evidence)}</failure></testcase>`;
    });
    const counts = `tests="${own.length}" failures="${failures}" skipped="${skipped}"`;
    return own.length === 0
      ? []
      : [`  <testsuite name="${markup(`${level} of ${issuer}`)}" ${counts}>`, ...cases, '  </testsuite>'];
  });
  const time = (duration_ms / 1000).toFixed(3);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="uma conformance" time="${time}">`,
    ...suites,
    '</testsuites>',
  ].join('\n');
}
