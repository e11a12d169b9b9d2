/** Help in one fixed order (cli.md 36): sentence, usage, examples, flags, JSON fields, environment, exit codes, see also. */
import { type AnyCommand, type Entry, type FlagSpec, isGroup } from './command.ts';
import { EXIT_MEANING } from './exit-codes.ts';
import { allFlags, COMMON_ENVIRONMENT, flagNames, GROUP_ENVIRONMENT, OPERATION_ENVIRONMENT } from './flags.ts';
import type { Paint } from './paint.ts';
import { wrap } from './wrap.ts';

/** `uma resource show <id> [flags]` */
export function usageLine(path: readonly string[], command: AnyCommand): string {
  return ['uma', ...path, ...(command.args ?? []).map(({ name }) => name), '[flags]'].join(' ');
}

export function commandHelp(path: readonly string[], command: AnyCommand, paint: Paint, columns: number): string {
  const { own, groups, common } = allFlags(command.flags ?? [], command.groups ?? []);
  const flagRows = (specs: readonly FlagSpec[]) => specs.filter((spec) => !spec.hidden).map((spec) => flagRow(spec));
  const environment = [
    ...(command.environment ?? []),
    ...(command.groups ?? []).flatMap((group) => GROUP_ENVIRONMENT[group]),
    ...COMMON_ENVIRONMENT,
  ];
  const examples = command.examples.flatMap(({ comment, line }) => [`  ${paint.dim(`# ${comment}`)}`, `  $ ${line}`]);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint.bold(title), ...lines];
  return [
    ...wrap(command.description, columns),
    ...section('USAGE', [`  ${usageLine(path, command)}`]),
    ...section(
      'ARGUMENTS',
      rows(
        (command.args ?? []).map((arg) => [arg.name, withChoices(arg.description, arg.choices)]),
        columns,
      ),
    ),
    ...section('EXAMPLES', examples),
    ...section('FLAGS', rows(flagRows(own), columns)),
    ...section('SERVER AND ROLE FLAGS', rows(flagRows(groups), columns)),
    ...section('COMMON FLAGS', rows([...flagRows(common), ['-h, --help', 'this help']], columns)),
    ...section('STANDARD INPUT', command.reads === undefined ? [] : wrap(command.reads, columns, '  ')),
    ...section(
      'JSON FIELDS',
      command.fields === undefined
        ? []
        : wrap(
            fieldsText(command, (name) => name),
            columns,
            '  ',
          ),
    ),
    ...section('ENVIRONMENT', rows(environment, columns)),
    ...section('EXIT CODES', ['  0 done; the others: uma help exit-codes']),
    ...section('SEE ALSO', command.spec === undefined ? [] : seeAlso(command.spec).map((line) => `  ${line}`)),
  ].join('\n');
}

/** The fields of a command in a row. */
export const fieldsText = ({ fields = [], openFields }: AnyCommand, form: (name: string) => string): string =>
  [...fields.map(form), ...(openFields ? ['and what else the server says'] : [])].join(', ');

const UMA = 'https://docs.kantarainitiative.org/uma/wg/rec-oauth-uma-';
const SPECIFICATIONS: readonly (readonly [name: RegExp, address: (number: string) => string])[] = [
  [/\bUMA Grant\b/, () => `${UMA}grant-2.0.html`],
  [/\bUMA Federated Authorization\b/, () => `${UMA}federated-authz-2.0.html`],
  [/\bRFC (\d+)/, (number) => `https://www.rfc-editor.org/rfc/rfc${number}`],
];

/** The sections, and where the specifications that they are of stand. */
export function seeAlso(spec: string): string[] {
  const addresses = SPECIFICATIONS.flatMap(([name, address]) =>
    [...spec.matchAll(new RegExp(name, 'g'))].map(([, number = '']) => address(number)),
  );
  return [spec, ...addresses];
}

export function groupHelp(entry: Entry, paint: Paint, columns: number): string {
  if (!isGroup(entry)) throw new Error(`${entry.name} is no group`);
  return [
    `Work with ${entry.summary}.`,
    '',
    paint.bold('USAGE'),
    `  uma ${entry.name} {${entry.commands.map(({ name }) => name).join('|')}} [flags]`,
    '',
    paint.bold('COMMANDS'),
    ...rows(
      entry.commands.map(({ name, summary }) => [name, summary]),
      columns,
    ),
  ].join('\n');
}

export function rootHelp(registry: readonly Entry[], paint: Paint, columns: number): string {
  const name = (entry: Entry) =>
    isGroup(entry) ? `${entry.name} {${entry.commands.map((command) => command.name).join('|')}}` : entry.name;
  return [
    'Drive the UMA 2.0 grant flow against any authorization server, with one built in.',
    '',
    paint.bold('USAGE'),
    '  uma <command> [flags]',
    '',
    paint.bold('COMMANDS'),
    ...rows(
      registry.map((entry) => [name(entry), entry.summary]),
      columns,
    ),
    '',
    paint.bold('COMMON FLAGS'),
    ...rows(
      [
        ['-h, --help', 'help, also for each command'],
        ['-V, --version', 'name, version, Node and commit'],
      ],
      columns,
    ),
    '',
    paint.bold('HELP TOPICS'),
    ...rows(
      TOPICS.map(({ name, summary }) => [name, summary]),
      columns,
    ),
    '',
    'uma help <command|topic>',
  ].join('\n');
}

export interface Topic {
  name: string;
  summary: string;
  text(paint: Paint, columns: number): string;
}

export const TOPICS: readonly Topic[] = [
  {
    name: 'exit-codes',
    summary: 'what each exit code means',
    text: (_paint, columns) =>
      [
        ...rows(
          EXIT_MEANING.map(([code, meaning]) => [String(code), meaning]),
          columns,
        ),
        '',
        ...wrap(
          'need_info, request_submitted and request_denied are results: their object is on standard output. Everything else is an error on standard error.',
          columns,
        ),
      ].join('\n'),
  },
  {
    name: 'environment',
    summary: 'environment variables, and what wins over what',
    text: (_paint, columns) =>
      [
        ...rows([...Object.values(GROUP_ENVIRONMENT).flat(), ...OPERATION_ENVIRONMENT, ...COMMON_ENVIRONMENT], columns),
        '',
        ...wrap(
          'Ticket, token, resource and scope: flag, standard input, environment, project file (uma.json in this directory or the nearest above), profile. Issuer and credentials: the same without standard input and project file.',
          columns,
        ),
      ].join('\n'),
  },
  {
    name: 'pipes',
    summary: 'what commands write to and read from each other',
    text: (_paint, columns) =>
      [
        ...wrap(
          'Piped, a command prints one JSON object with the names of the specification. The next one understands that object, a bare token, a `WWW-Authenticate: UMA` header or a whole response of `curl -si`. An object with `error` is passed on unchanged, with its exit code.',
          columns,
        ),
        '',
        '  $ uma ticket --resource photo --scope download | uma rpt --party bob | uma introspect',
        '  $ curl -si https://rs.example/photo | uma rpt --party bob --field access_token',
      ].join('\n'),
  },
];

function flagRow(spec: FlagSpec): readonly [string, string] {
  const { names } = flagNames(spec.flags);
  const shift = names[0]!.startsWith('--') ? '    ' : '';
  return [`${shift}${spec.flags}${spec.list || spec.repeat ? '...' : ''}`, withChoices(spec.description, spec.choices)];
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  if (choices === undefined) return description;
  // A long list has to be able to break.
  return `${description} {${choices.join(choices.join('|').length > 40 ? ' | ' : '|')}}`;
}

/** Two columns, the second wrapped. */
function rows(items: readonly (readonly [string, string])[], columns: number): string[] {
  const width = Math.min(34, Math.max(0, ...items.map(([left]) => left.length)));
  return items.flatMap(([left, right]) => {
    const [first = '', ...more] = wrap(right, Math.max(columns - width - 4, 30));
    const rest = more.map((line) => `${' '.repeat(width + 4)}${line}`);
    return left.length > width
      ? [`  ${left}`, `${' '.repeat(width + 4)}${first}`, ...rest]
      : [`  ${left.padEnd(width)}  ${first}`, ...rest];
  });
}
