// What is made from the sources: completions/, the README's command table, the schema of the server's configuration.
import { existsSync, readFileSync } from 'node:fs';
import { isGroup } from '../src/cli/command.ts';
import { completionScript, SHELLS, type Shell } from '../src/cli/completion.ts';
import { REGISTRY } from '../src/commands/registry.ts';
import { configSchema } from '../src/server/config/schema.ts';
import { requirementsPage } from './requirements.ts';

/** The names by which the shells look for completion files. */
const FILE_NAMES: Record<Shell, string> = { bash: 'uma.bash', zsh: '_uma', fish: 'uma.fish', powershell: 'uma.ps1' };

const MARKS = ['<!-- commands: npm run generate -->', '<!-- /commands -->'] as const;

/** Path (from the top folder) and text of each generated file. The README only where it exists and has the marks. */
export function generatedFiles(root: URL): { path: string; text: string }[] {
  const readme = new URL('README.md', root);
  const page = existsSync(readme) ? withCommandTable(readFileSync(readme, 'utf8')) : undefined;
  return [
    ...SHELLS.map((shell) => ({ path: `completions/${FILE_NAMES[shell]}`, text: completionScript(shell) })),
    { path: 'docs/requirements.md', text: requirementsPage(root) },
    { path: 'docs/config.schema.json', text: `${JSON.stringify(configSchema(), null, 2)}\n` },
    ...(page === undefined ? [] : [{ path: 'README.md', text: page }]),
  ];
}

export function commandTable(): string {
  const rows = REGISTRY.map((entry) =>
    isGroup(entry)
      ? `| \`uma ${entry.name} ${entry.commands.map(({ name }) => name).join('\\|')}\` | ${entry.summary} |`
      : `| \`uma ${entry.name}\` | ${entry.summary} |`,
  );
  return ['| command | what it does |', '|---|---|', ...rows].join('\n');
}

function withCommandTable(page: string): string | undefined {
  const [start, end] = MARKS.map((mark) => page.indexOf(mark));
  if (start === undefined || end === undefined || start === -1 || end < start) return undefined;
  return `${page.slice(0, start)}${MARKS[0]}\n${commandTable()}\n${page.slice(end)}`;
}
