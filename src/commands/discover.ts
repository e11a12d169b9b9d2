import { defineCommand } from '../cli/command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import type { Paint } from '../cli/paint.ts';
import type { Deviation } from '../client/dialects/dialect.ts';
import { type Ability, type DiscoveryReport, discoveryReport } from '../client/report.ts';
import { UmaError } from '../protocol/errors.ts';
import { type CommonOptions, connect } from './connect.ts';

interface Options extends CommonOptions {
  url?: string;
}

export const command = defineCommand<Options>({
  description:
    "Looks for an authorization server's metadata in every place where it can stand, and says which vendor it is, what works for each role, what is missing, and what uma does where that vendor departs from the specifications.",
  groups: ['as'],
  args: [{ name: '[url]', description: 'the issuer (default: the one in use)' }],
  examples: [
    { comment: 'the server in use', line: 'uma discover' },
    { comment: 'another one', line: 'uma discover https://as.example/realms/photoz' },
    { comment: 'one endpoint', line: 'uma discover --field metadata.permission_endpoint' },
  ],
  fields: ['issuer', 'dialect', 'vendor', 'because', 'deviations', 'documents', 'metadata', 'origins', 'roles'],
  spec: 'UMA Grant 2',
  async run(options, context) {
    if (options.url !== undefined && !URL.canParse(options.url)) {
      throw new UmaError('usage', 'invalid_issuer', `"${options.url}" is no URL`, {
        hint: 'uma discover https://as.example/realms/photoz',
      });
    }
    // Endpoints by hand are those of the issuer in use.
    const byHand = options.url === undefined ? context.settings.endpoints() : {};
    const connection = connect(context, options, options.url ?? context.settings.issuer().value, byHand);
    const report = await discoveryReport(connection, byHand);
    const found = report.documents.some(({ state }) => state === 'found');
    return {
      value: report,
      view: (paint) => reportView(paint, report),
      ...(found ? {} : { exitCode: EXIT.config, note: `no metadata of ${report.issuer} was found` }),
    };
  },
});

const ROLES = [
  ['resource_server', 'resource server'],
  ['requesting_party', 'requesting party'],
  ['resource_owner', 'resource owner'],
] as const;

function reportView(paint: Paint, report: DiscoveryReport): string {
  const endpoints = Object.entries(report.origins);
  return [
    paint.bold(paint.clean(report.issuer)),
    `${report.vendor ?? 'UMA 2.0 server'} (dialect ${report.dialect}): ${paint.clean(report.because)}`,
    '',
    paint.table(
      ['document', 'state', 'why'],
      report.documents.map(({ url, state, status, why }) => [url, state, why ?? String(status)]),
    ),
    ...(endpoints.length === 0
      ? []
      : [
          '',
          paint.table(
            ['endpoint', 'address', 'from'],
            endpoints.map(([name, from]) => [name, String(report.metadata[name]), documentOf(from)]),
          ),
        ]),
    ...ROLES.flatMap(([role, title]) => [
      '',
      paint.bold(title),
      ...report.roles[role].map((ability) => line(paint, ability)),
      ...report.deviations
        .filter((deviation) => deviation.role === role)
        .map((deviation) => departure(paint, deviation)),
    ]),
  ].join('\n');
}

/** `uma2-configuration` of its address, which stands above. */
const documentOf = (origin: string): string => /\/\.well-known\/([^/?]+)/.exec(origin)?.[1] ?? origin;

function departure(paint: Paint, { differs, uma, spec }: Deviation): string {
  const section = spec === undefined ? '' : paint.dim(` (${spec})`);
  return `  ${paint.yellow('differs')} ${differs}${section}\n          uma: ${uma}`;
}

function line(paint: Paint, { what, works, why }: Ability): string {
  const mark = works ? paint.green('works  ') : paint.yellow('missing');
  return `  ${mark} ${what}${why === undefined ? '' : paint.dim(` (${paint.clean(why)})`)}`;
}
