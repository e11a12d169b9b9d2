/** Reference pages made from the sources: a page for each command (docs/commands), and the configuration of `uma serve`. */
import { type CommandEntry, type Entry, type FlagSpec, isGroup } from '../src/cli/command.ts';
import { allFlags, COMMON_ENVIRONMENT, GROUP_ENVIRONMENT } from '../src/cli/flags.ts';
import { fieldsText, seeAlso, usageLine } from '../src/cli/help.ts';

interface Page {
  path: string;
  text: string;
}

const MADE = '<!-- Made by `npm run generate`. -->';

/** A page for each entry of the registry; the verbs of a group stand on one. */
export async function commandPages(registry: readonly Entry[]): Promise<Page[]> {
  const pages = registry.map(async (entry) => {
    const parts = isGroup(entry)
      ? await Promise.all(entry.commands.map((verb) => commandText([entry.name, verb.name], verb, '##')))
      : [await commandText([entry.name], entry, '#')];
    const head = isGroup(entry) ? [`# uma ${entry.name}`, `${sentence(entry.summary)}`] : [];
    return { path: `docs/commands/${entry.name}.md`, text: page([MADE, ...head, ...parts]) };
  });
  return [indexPage(registry), ...(await Promise.all(pages))];
}

function indexPage(registry: readonly Entry[]): Page {
  const rows = registry.map(({ name, summary }) => [`[uma ${name}](${name}.md)`, summary] as const);
  const text = page([MADE, '# Commands', table(['command', 'what it does'], rows), COMMON_NOTE]);
  return { path: 'docs/commands/README.md', text };
}

const COMMON_NOTE =
  'Exit codes: `uma help exit-codes`. What commands write to and read from each other: `uma help pipes`. Variables: `uma help environment`.';

async function commandText(path: readonly string[], entry: CommandEntry, level: string): Promise<string> {
  const { command } = await entry.load();
  const { own, groups, common } = allFlags(command.flags ?? [], command.groups ?? []);
  const flags = (specs: readonly FlagSpec[]) =>
    specs.filter(({ hidden }) => !hidden).map((spec) => [code(spec.flags), described(spec)] as const);
  const environment = [
    ...(command.environment ?? []),
    ...(command.groups ?? []).flatMap((group) => GROUP_ENVIRONMENT[group]),
    ...COMMON_ENVIRONMENT,
  ].map(([name, meaning]) => [code(name), meaning] as const);
  const args = (command.args ?? []).map((arg) => [code(arg.name), described(arg)] as const);
  const section = (title: string, body: string | undefined) => (body === undefined ? [] : [`${level}# ${title}`, body]);
  const tabled = (heads: readonly [string, string], rows: readonly (readonly [string, string])[]) =>
    rows.length === 0 ? undefined : table(heads, rows);
  return [
    `${level} uma ${path.join(' ')}`,
    command.description,
    `\`\`\`text\n${usageLine(path, command)}\n\`\`\``,
    ...section('Arguments', tabled(['argument', 'meaning'], args)),
    ...section(
      'Examples',
      `\`\`\`text\n${command.examples.map(({ comment, line }) => `# ${comment}\n$ ${line}`).join('\n')}\n\`\`\``,
    ),
    ...section('Flags', tabled(['flag', 'meaning'], flags(own))),
    ...section('Server and roles', tabled(['flag', 'meaning'], flags(groups))),
    ...section('Flags of every command', tabled(['flag', 'meaning'], flags(common))),
    ...section('Standard input', command.reads),
    ...section('JSON fields', command.fields && fieldsText(command, code)),
    ...section('Environment', tabled(['variable', 'meaning'], environment)),
    ...section('See also', command.spec && seeAlso(command.spec).join('\n\n')),
  ].join('\n\n');
}

interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly Schema[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
}

/** `docs/configuration.md`: every member of the configuration file, by its path. */
export function configurationPage(schema: Schema): Page {
  const { properties = {} } = schema;
  const sections = Object.entries(properties)
    .filter(([name]) => !name.startsWith('$'))
    .flatMap(([name, member]) => [`## ${name}`, ...sectionOf(name, member)]);
  const head = [
    'What `uma serve --config FILE` reads: JSON, with [config.schema.json](config.schema.json) as its schema (name it as `$schema`, and an',
    'editor completes it). `uma serve check --config FILE` says what is wrong with a file, by the path of the member.',
  ].join('\n');
  return {
    path: 'docs/configuration.md',
    text: page([MADE, '# Configuration of the built-in server', head, ...sections]),
  };
}

function sectionOf(name: string, member: Schema): string[] {
  const rows = membersOf(member, member.type === 'array' ? `${name}[].` : `${name}.`);
  const own = meaningOf(member);
  const text = own === '' ? [] : [sentence(own)];
  return rows.length === 0 ? text : [...text, table(['member', 'type', 'meaning'], rows)];
}

function membersOf(schema: Schema, path: string): (readonly [string, string, string])[] {
  const { properties = {}, required = [] } = schema.type === 'array' ? (schema.items ?? {}) : schema;
  return Object.entries(properties).flatMap(([name, member]) => {
    const here = `${path}${name}`;
    const needed = required.includes(name) ? ' (required)' : '';
    const own = [code(here), typeOf(member), `${meaningOf(member)}${needed}`] as const;
    return [own, ...membersOf(member, `${here}${member.type === 'array' ? '[]' : ''}.`)];
  });
}

function typeOf({ type, items, enum: values, anyOf }: Schema): string {
  if (values !== undefined) return values.map((value) => code(String(value))).join(', ');
  if (anyOf !== undefined)
    return anyOf.map((one) => (one.const === undefined ? typeOf(one) : code(String(one.const)))).join(', ');
  if (type === 'array' && items !== undefined) return `array of ${typeOf(items)}`;
  return type ?? 'any';
}

function meaningOf({ description, default: usual }: Schema): string {
  const text = description ?? '';
  return usual === undefined ? text : `${text}${text === '' ? '' : '; '}default ${code(JSON.stringify(usual))}`;
}

const page = (parts: readonly string[]) => `${parts.join('\n\n')}\n`;
const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const code = (text: string) => `\`${text}\``;
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function described({
  description,
  choices,
  ...spec
}: Pick<FlagSpec, 'description' | 'choices' | 'list' | 'repeat'>): string {
  const often = spec.list === true || spec.repeat === true ? '; repeatable' : '';
  return `${description}${choices === undefined ? '' : `: ${choices.map(code).join(', ')}`}${often}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
}
