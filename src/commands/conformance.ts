/** `uma conformance`: the suite of src/conformance against any server, or against the built-in one. */
import { readFileSync } from 'node:fs';
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { defineCommand, type Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { EXIT } from '../cli/exit-codes.ts';
import type { Paint } from '../cli/paint.ts';
import { PROFILES, type Profile } from '../conformance/check.ts';
import { CHECKS } from '../conformance/checks/registry.ts';
import { type ConformanceConfig, parseConfig } from '../conformance/config.ts';
import { NoAnswer } from '../conformance/http.ts';
import { REPORTS, type ReportFormat } from '../conformance/report/registry.ts';
import {
  isFailure,
  type Summary,
  type SummaryRow,
  summaryOf,
  totalsTable,
  weight,
} from '../conformance/report/summary.ts';
import { type Report, runChecks } from '../conformance/runner.ts';
import { Unreached } from '../conformance/session.ts';
import { configTemplate } from '../conformance/template.ts';
import { UmaError } from '../protocol/errors.ts';
import { startSubject } from './conformance/embedded.ts';

interface Options {
  issuer?: string;
  config?: string;
  suite?: Profile[];
  hardened?: boolean;
  init?: boolean;
  report?: { format: ReportFormat; file?: string }[];
}

export const command = defineCommand<Options>({
  description:
    'Test an authorization server against the numbered requirements of UMA Grant, UMA Federated Authorization and the OAuth documents around them. Without ISSUER it tests the built-in server, started for the run; any other server needs a configuration file, of which --init writes a commented example.',
  args: [{ name: '[issuer]', description: 'the server, as in the configuration file' }],
  flags: [
    { flags: '--config <file>', description: 'people, clients and how owners decide (JSON with comments)' },
    { flags: '--init', description: 'print a commented configuration file and stop' },
    { flags: '--suite <name>', description: `run only these: ${PROFILES.join(', ')}`, list: true },
    { flags: '--hardened', description: 'the built-in server with TLS and without the password grant' },
    {
      flags: '--report <format>',
      description: 'json, junit or html to standard output; with =FILE to a file; repeatable',
      repeat: true,
    },
  ],
  examples: [
    { comment: 'the built-in server, every check', line: 'uma conformance' },
    { comment: 'as it should run in public', line: 'uma conformance --hardened --report html=conformance.html' },
    { comment: 'a configuration for another server', line: 'uma conformance --init > conformance.json' },
    {
      comment: 'another server, in CI',
      line: 'uma conformance https://as.example --config conformance.json --report junit=conformance.xml',
    },
  ],
  fields: ['issuer', 'ok', 'started_at', 'duration_ms', 'profiles', 'checks', 'totals', 'rows'],
  spec: 'UMA Grant, UMA Federated Authorization',
  async run(options, context) {
    if (options.init) return { value: {}, text: configTemplate(options.issuer).trimEnd() };
    const reports = (options.report as unknown as string[] | undefined)?.map(parseReport) ?? [];
    const profiles = suitesOf(options.suite);
    // Known before the run, not after it.
    for (const { file } of reports) if (file !== undefined) await checkWritable(resolve(context.io.cwd, file));
    const subject = await subjectOf(options, context);
    let report: Report;
    try {
      report = await runChecks(subject.config, Object.values(CHECKS), {
        profiles,
        onProgress: progress(context),
        watch: (request, answer) => context.listened(answer)(request),
      });
    } catch (error) {
      throw unreachable(error, subject.config.issuer);
    } finally {
      await subject.close();
    }
    for (const { format, file } of reports) {
      if (file !== undefined) await writeReport(resolve(context.io.cwd, file), `${REPORTS[format](report)}\n`);
    }
    return resultOf(report, reports.find(({ file }) => file === undefined)?.format);
  },
});

/** `html=FILE`, or `junit` alone for standard output. */
function parseReport(text: string): { format: ReportFormat; file?: string } {
  const [format = '', ...rest] = text.split('=');
  if (!(format in REPORTS))
    throw new UmaError('usage', 'unknown_report', `--report ${format} is none of ${Object.keys(REPORTS).join(', ')}`, {
      hint: '--report html=conformance.html writes a page',
    });
  return rest.length === 0
    ? { format: format as ReportFormat }
    : { format: format as ReportFormat, file: rest.join('=') };
}

/** The folder of a report is there; a file that is there can be replaced. */
async function checkWritable(file: string): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((cause: unknown) => {
    throw unwritable(file, cause);
  });
}

async function writeReport(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw unwritable(file, cause);
  });
}

function unwritable(file: string, cause: unknown): UmaError {
  const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new UmaError('usage', 'report_unwritable', `the report ${file} cannot be written: ${why}`, { cause });
}

function suitesOf(named: readonly string[] | undefined): readonly Profile[] {
  const unknown = named?.find((name) => !(PROFILES as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new UmaError('usage', 'unknown_suite', `--suite ${unknown} is none of ${PROFILES.join(', ')}`);
  return named === undefined ? PROFILES : (named as Profile[]);
}

async function subjectOf(
  { issuer, config: file, hardened = false }: Options,
  { io }: Context,
): Promise<{ config: ConformanceConfig; close(): Promise<void> }> {
  if (file === undefined) {
    if (issuer === undefined) return startSubject({ hardened });
    throw new UmaError('config', 'config_missing', `nothing is known about the people and clients of ${issuer}`, {
      hint: `uma conformance ${issuer} --init > conformance.json, fill it in, then add --config conformance.json`,
    });
  }
  if (hardened)
    throw new UmaError(
      'usage',
      'hardened_elsewhere',
      '--hardened is about the built-in server, --config about another',
    );
  const path = resolve(io.cwd, file);
  const read = (name: string, what: string) => {
    try {
      return readFileSync(name, 'utf8');
    } catch (cause) {
      throw new UmaError('config', 'invalid_config', `${what} cannot be read: ${(cause as Error).message}`, { cause });
    }
  };
  const config = parseConfig(read(path, file), {
    environment: io.env,
    readFile: (name) => read(resolve(dirname(path), name), name),
  });
  // Credentials go only to the server that their file names (DESIGN decision 11).
  if (issuer !== undefined && issuer !== config.issuer)
    throw new UmaError('config', 'issuer_differs', `${file} is about ${config.issuer}, not about ${issuer}`);
  return { config, close: () => Promise.resolve() };
}

function progress({ io, note }: Context): NonNullable<Parameters<typeof runChecks>[2]['onProgress']> {
  return ({ check, done, total, findings }) => {
    const failed = findings.some(({ status }) => isFailure(status));
    const line = `[${done}/${total}] ${failed ? 'failed' : 'done'}: ${check.title}`;
    if (!io.stderrIsTty) note(line);
    else io.err(`\r\u001b[K${done === total ? '' : line.slice(0, (io.columns ?? 80) - 1)}`);
  };
}

function unreachable(error: unknown, issuer: string): unknown {
  if (error instanceof NoAnswer)
    return new UmaError('network', 'no_answer', error.message, { hint: `check that ${issuer} is up`, cause: error });
  if (error instanceof Unreached)
    return new UmaError('peer', 'no_discovery', error.message, { spec: 'UMA Grant 2', cause: error });
  return error;
}

function resultOf(report: Report, format: ReportFormat | undefined): Result {
  const summary = summaryOf(report);
  return {
    value: summary,
    exitCode: summary.ok ? EXIT.done : EXIT.conformance,
    view: (paint) => view(summary, paint),
    ...(format === undefined ? {} : { text: REPORTS[format](report) }),
  };
}

function view(summary: Summary, paint: Paint): string {
  const { issuer, checks, profiles, duration_ms, totals, rows, ok } = summary;
  const of = (status: SummaryRow['status']) => rows.filter((row) => row.status === status);
  const { header, rows: figures } = totalsTable(totals);
  const untested = of('untestable').length;
  const lines = [
    `${paint.bold(issuer)}: ${checks} checks of ${profiles.join(', ')} in ${(duration_ms / 1000).toFixed(1)} s; ${rows.length - untested} requirements with a check, ${untested} without`,
    '',
    paint.table(header, figures),
  ];
  const list = (title: string, status: SummaryRow['status'], line: (row: SummaryRow) => string[]) => {
    if (of(status).length > 0) lines.push('', paint.bold(title), ...of(status).flatMap(line));
  };
  const short = ({ requirement, detail = '' }: SummaryRow) => [`  ${requirement}: ${paint.clean(detail)}`];
  /** One reason, such as a password that is wrong, can keep dozens of requirements out of reach. */
  const byReason = (title: string, status: SummaryRow['status']) => {
    const reasons = Map.groupBy(of(status), ({ detail = '' }) => paint.clean(detail));
    if (reasons.size > 0) lines.push('', paint.bold(title));
    for (const [reason, found] of reasons) {
      lines.push(`  ${reason}`, `    ${found.map(({ requirement }) => requirement).join(', ')}`);
    }
  };
  list('Failed', 'fail', (row) => [
    `  ${paint.red('✗')} ${row.requirement} ${row.level} (${weight(row.level)}), ${row.section}: ${row.line}`,
    `    ${paint.clean(row.detail ?? '')}`,
  ]);
  byReason('Not reached, because of another failure', 'blocked');
  list('Expected failures', 'expected_failure', short);
  byReason('Not applicable', 'not_applicable');
  lines.push(
    '',
    ok ? `${paint.green('✓')} no MUST failed` : `${paint.red('✗')} at least one MUST failed or was not reached`,
  );
  return lines.join('\n');
}
