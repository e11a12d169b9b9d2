// What is made from the sources: completions/, the manual page, tables in README and docs/, pages of reference, the schema of the server's
// configuration, the contract and the help of the command line.
import { existsSync, readFileSync } from 'node:fs';
import { isGroup } from '../src/cli/command.ts';
import { completionScript, SHELLS, type Shell } from '../src/cli/completion.ts';
import type { Deviation } from '../src/client/dialects/dialect.ts';
import { FORGEROCK_DEVIATIONS } from '../src/client/dialects/forgerock/deviations.ts';
import { KEYCLOAK_DEVIATIONS } from '../src/client/dialects/keycloak/deviations.ts';
import { REGISTRY } from '../src/commands/registry.ts';
import type { LayoutSwitch } from '../src/server/config/parts.ts';
import { configSchema } from '../src/server/config/schema.ts';
import { KEYCLOAK_SWITCHES } from '../src/server/layouts/keycloak/switches.ts';
import { LISTED } from '../test/interop/differential/differences.ts';
import { contract, helpTexts } from './contract.ts';
import { manualPage } from './man.ts';
import { commandPages, configurationPage } from './pages.ts';
import { requirementsPage } from './requirements.ts';

/** The names by which the shells look for completion files. */
const FILE_NAMES: Record<Shell, string> = { bash: 'uma.bash', zsh: '_uma', fish: 'uma.fish', powershell: 'uma.ps1' };

/** Parts of pages that are otherwise written by hand: between `<!-- NAME: npm run generate -->` and `<!-- /NAME -->`. */
const PARTS: Record<string, Record<string, () => string>> = {
  'README.md': { commands: commandTable },
  'docs/keycloak.md': { deviations: () => deviationTable(KEYCLOAK_DEVIATIONS) },
  'docs/forgerock.md': { deviations: () => deviationTable(FORGEROCK_DEVIATIONS) },
  'docs/layout-keycloak.md': { switches: () => switchTable(KEYCLOAK_SWITCHES), differences: differenceTable },
};

/** Path (from the top folder) and text of each generated file. */
export async function generatedFiles(root: URL): Promise<{ path: string; text: string }[]> {
  const pages = Object.entries(PARTS)
    .filter(([path]) => existsSync(new URL(path, root)))
    .map(([path, parts]) => ({ path, text: withParts(readFileSync(new URL(path, root), 'utf8'), parts) }));
  return [
    ...SHELLS.map((shell) => ({ path: `completions/${FILE_NAMES[shell]}`, text: completionScript(shell) })),
    { path: 'docs/requirements.md', text: requirementsPage(root) },
    { path: 'docs/config.schema.json', text: `${JSON.stringify(configSchema(), null, 2)}\n` },
    configurationPage(configSchema()),
    ...(await commandPages(REGISTRY)),
    await manualPage(REGISTRY, versionOf(root)),
    { path: 'test/cli/golden/contract.json', text: `${JSON.stringify(await contract(), null, 2)}\n` },
    { path: 'test/cli/golden/help.txt', text: await helpTexts() },
    ...pages,
  ];
}

const versionOf = (root: URL): string =>
  (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version;

export function commandTable(): string {
  const rows = REGISTRY.map((entry) =>
    isGroup(entry)
      ? `| \`uma ${entry.name} ${entry.commands.map(({ name }) => name).join('\\|')}\` | ${entry.summary} |`
      : `| \`uma ${entry.name}\` | ${entry.summary} |`,
  );
  return ['| command | what it does |', '|---|---|', ...rows].join('\n');
}

const ROLES = { resource_server: 'resource server', requesting_party: 'client', resource_owner: 'owner' } as const;

function deviationTable(deviations: readonly Deviation[]): string {
  const rows = deviations.map(({ role, differs, uma, spec = '' }) => [ROLES[role], differs, uma, spec]);
  return table(['for the', 'it differs', '`uma`', 'specification'], rows);
}

const switchTable = (switches: readonly LayoutSwitch[]): string =>
  table(
    ['switch', 'why'],
    switches.map(({ name, reason }) => [`\`${name}\``, reason]),
  );

/** What the differential test accepts, and why: its steps name requests of test/interop/differential/sequence.ts. */
function differenceTable(): string {
  const rows = LISTED.map(({ steps, difference, reason }) => {
    const [kind = '', why = ''] = reason.split(/: (.*)/s);
    const seen = typeof difference === 'string' ? difference : difference.source;
    return [kind, steps?.join(', ') ?? 'every answer', `\`${seen}\``, why];
  });
  return table(['kind', 'where', 'Keycloak -> here', 'why'], rows);
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

/** The page with these parts made anew; one without the marks of a part stays as it is. */
function withParts(page: string, parts: Record<string, () => string>): string {
  let text = page;
  for (const [name, make] of Object.entries(parts)) {
    const [first, last] = [`<!-- ${name}: npm run generate -->`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(first), text.indexOf(last)];
    if (start !== -1 && end > start) text = `${text.slice(0, start)}${first}\n${make()}\n${text.slice(end)}`;
  }
  return text;
}
