/** The pages of docs/, and how their blocks are run: each page in a folder of its own against a fresh `uma serve`. */
import { globSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { blocksOf, runBlock } from './recipes.ts';
import { openStage, type Served, type Stage } from './walkthrough/processes.ts';

const root = new URL('../', import.meta.url);

/** Run at a real Keycloak (test/interop/keycloak/page.test.ts), and at the layout of AM (test/docs.test.ts). */
const ELSEWHERE = ['docs/keycloak.md', 'docs/forgerock.md'];

export const readPage = (path: string): string => readFileSync(new URL(path, root), 'utf8');

export const pages: readonly string[] = globSync('docs/**/*.md', { cwd: root.pathname }).sort();

/** Every block between fences, with what stands behind the first: `sh`, `sh norun`, `json`. */
export const fencedIn = (path: string): { language: string; text: string }[] =>
  [...readPage(path).matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language: language.trim(),
    text,
  }));

/** Pages with blocks that run; those with curl in them need it on the machine, which a machine with Node may not have. */
export function pagesToRun({ curl }: { curl: boolean }): string[] {
  return pages.filter((page) => {
    const blocks = blocksOf(readPage(page));
    return !ELSEWHERE.includes(page) && blocks.length > 0 && blocks.some((block) => /\bcurl -/.test(block)) === curl;
  });
}

export function runPage(page: string): void {
  describe(`${page} (conventions 37)`, () => {
    let stage: Stage;
    let server: Served;
    before(async () => {
      stage = openStage();
      server = await stage.serve();
    });
    after(() => stage.close());

    for (const block of blocksOf(readPage(page)))
      test(block.split('\n')[0] ?? 'an empty block', () => runBlock(stage, block, { UMA_ISSUER: server.issuer }));
  });
}
