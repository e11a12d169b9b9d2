/** The pages of docs/: their `sh` blocks are run, each page in a folder of its own against a fresh `uma serve`; what they name exists. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { blocksOf, runBlock } from './recipes.ts';
import { openStage, type Served, type Stage } from './walkthrough/processes.ts';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Run at a real Keycloak: test/interop/keycloak/page.test.ts. */
const ELSEWHERE = ['docs/keycloak.md'];

const pages = globSync('docs/**/*.md', { cwd: root.pathname }).sort();

for (const page of pages.filter((path) => !ELSEWHERE.includes(path) && blocksOf(read(path)).length > 0))
  describe(`${page} (conventions 37)`, () => {
    let stage: Stage;
    let server: Served;
    before(async () => {
      stage = openStage();
      server = await stage.serve();
    });
    after(() => stage.close());

    for (const block of blocksOf(read(page)))
      test(block.split('\n')[0] ?? 'an empty block', () => runBlock(stage, block, { UMA_ISSUER: server.issuer }));
  });

test('docs/flow.md shows the picture that `uma demo --trace` draws', async () => {
  const stage = openStage();
  try {
    const { code, err } = await stage.shell('uma demo --quiet --trace demo.mmd');
    assert.equal(code, 0, err);
    const drawn = readFileSync(`${stage.directory}/demo.mmd`, 'utf8').replaceAll(
      /(requests|resource_set)\/[\w-]{22}/g,
      '$1/ID',
    );
    assert.equal(/^```mermaid\n([\s\S]*?)^```$/m.exec(read('docs/flow.md'))?.[1], drawn);
  } finally {
    await stage.close();
  }
});

test('docs/README.md leads to every page, by way of docs/commands/README.md', () => {
  const linked = ['docs/README.md', 'docs/commands/README.md'].flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#]+\.md)\)/g)].map(([, target = '']) => `${page.replace(/[^/]+$/, '')}${target}`),
  );
  assert.deepEqual(
    pages.filter((page) => page !== 'docs/README.md' && !linked.includes(page)),
    [],
  );
});

test('links between pages, and files that contributing.md names, lead somewhere', () => {
  const missing = [...pages, 'README.md', 'SECURITY.md', 'CHANGELOG.md', 'ARCHITECTURE.md'].flatMap((page) => {
    const text = read(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
    return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(new URL(target, new URL(page, root))))
      .map((target) => `${page}: ${target}`);
  });
  assert.deepEqual(missing, []);
  const named = [
    ...read('docs/contributing.md').matchAll(
      /`((?:src|test|cli|commands|client|protocol|adapters|server)\/[\w/.-]+)`/g,
    ),
  ].map(([, path = '']) => path);
  const lost = named.filter(
    (path) => !/[A-Z]{4}/.test(path) && !existsSync(new URL(/^(src|test)\//.test(path) ? path : `src/${path}`, root)),
  );
  assert.ok(named.length > 10);
  assert.deepEqual(lost, []);
});
