/** The report as one page that needs nothing else: no script, no font, no picture from anywhere. */
import type { Report, RowResult } from '../runner.ts';
import { isFailure, STATUS_NAMES, type SummaryRow, summaryOf, totalsTable, weight } from './summary.ts';
import { exchangeText, markup } from './text.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --fail: #c0392b; --pass: #1e8449; --soft: #8887; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; }
td, summary { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .7rem; border: 1px solid var(--line); border-radius: .3rem; font-size: 12.5px; }
.fail, .blocked { color: var(--fail); font-weight: 600; } .pass { color: var(--pass); }
.expected_failure, .not_applicable, .untestable, .not_run { color: var(--soft); }
summary { cursor: pointer; } code { font-size: .95em; }
`;

export function htmlReport(report: Report): string {
  const { issuer, started_at, duration_ms, profiles, checks, totals, rows, ok } = summaryOf(report);
  const { header, rows: figures } = totalsTable(totals);
  const cells = (items: string[], tag: string) =>
    items.map((item, index) => `<${tag}${index > 0 ? ' class="n"' : ''}>${markup(item)}</${tag}>`).join('');
  const failed = rows
    .map((row, index) => ({ row, result: report.rows[index] }))
    .filter(({ row }) => isFailure(row.status));
  const seconds = (duration_ms / 1000).toFixed(1);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>UMA 2.0 conformance of ${markup(issuer)}</title><style>${STYLE}</style></head><body>
<h1>UMA 2.0 conformance</h1>
<p><code>${markup(issuer)}</code>, ${markup(started_at)}: ${checks} checks of ${markup(profiles.join(', '))} in ${seconds} s.
<strong class="${ok ? 'pass' : 'fail'}">${ok ? 'No MUST failed.' : 'At least one MUST failed.'}</strong></p>
<table><thead><tr>${cells(header, 'th')}</tr></thead><tbody>${figures.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table>
${failed.length === 0 ? '' : '<h2>Failures</h2>'}
${failed.map(({ row, result }) => failure(row, result, report)).join('\n')}
<h2>Every requirement</h2>
<table><thead><tr><th>id</th><th>level</th><th>section</th><th>requirement</th><th>result</th></tr></thead><tbody>
${rows.map(requirementRow).join('\n')}
</tbody></table></body></html>
`;
}

function failure(row: SummaryRow, result: RowResult | undefined, { described }: Report): string {
  const findings = (result?.findings ?? []).filter(({ status }) => isFailure(status));
  const parts = findings.map(
    ({ check, detail = '', evidence = [] }) =>
      `<details><summary>${markup(detail)} <small>(${markup(check)})</small></summary>
<p><small>Sends: ${markup(described[check]?.sends ?? '')}<br>Expects: ${markup(described[check]?.expects ?? '')}</small></p>${evidence
        .map((exchange) => `<pre>${markup(exchangeText(exchange))}</pre>`)
        .join('')}</details>`,
  );
  return `<h3 id="${row.requirement}">${row.requirement} <small>${markup(row.level)}, ${row.status === 'blocked' ? 'not reached' : markup(weight(row.level))}</small></h3>
<p>${markup(row.line)} <small>(${markup(row.section)})</small></p>${parts.join('\n') || `<p>${markup(row.detail ?? '')}</p>`}`;
}

function requirementRow(row: SummaryRow): string {
  const detail = row.detail === undefined ? '' : `<br><small>${markup(row.detail)}</small>`;
  const result = `<span class="${row.status}">${STATUS_NAMES[row.status]}</span>${detail}`;
  return `<tr><td><code>${row.requirement}</code></td><td>${markup(row.level)}</td><td>${markup(row.section)}</td><td>${markup(row.line)}</td><td>${result}</td></tr>`;
}
