/** The pages of docs/: their `sh` blocks are run (those with curl in them by test/interop/docs); what they name exists. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pages, pagesToRun, readPage, runPage } from './pages.ts';
import { openStage } from './walkthrough/processes.ts';

const root = new URL('../', import.meta.url);

for (const page of pagesToRun({ curl: false })) runPage(page);

test('docs/flow.md shows the picture that `uma demo --trace` draws', async () => {
  const stage = openStage();
  try {
    const { code, err } = await stage.shell('uma demo --quiet --trace demo.mmd');
    assert.equal(code, 0, err);
    const drawn = readFileSync(`${stage.directory}/demo.mmd`, 'utf8').replaceAll(
      /(requests|resource_set)\/[\w-]{22}/g,
      '$1/ID',
    );
    assert.equal(/^```mermaid\n([\s\S]*?)^```$/m.exec(readPage('docs/flow.md'))?.[1], drawn);
  } finally {
    await stage.close();
  }
});

test('docs/README.md leads to every page, by way of docs/commands/README.md', () => {
  const linked = ['docs/README.md', 'docs/commands/README.md'].flatMap((page) =>
    [...readPage(page).matchAll(/\]\(([^)#]+\.md)\)/g)].map(
      ([, target = '']) => `${page.replace(/[^/]+$/, '')}${target}`,
    ),
  );
  assert.deepEqual(
    pages.filter((page) => page !== 'docs/README.md' && !linked.includes(page)),
    [],
  );
});

test('links between pages, and files that contributing.md names, lead somewhere', () => {
  const missing = [...pages, 'README.md', 'SECURITY.md', 'CHANGELOG.md', 'ARCHITECTURE.md'].flatMap((page) => {
    const text = readPage(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
    return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(new URL(target, new URL(page, root))))
      .map((target) => `${page}: ${target}`);
  });
  assert.deepEqual(missing, []);
  const named = [
    ...readPage('docs/contributing.md').matchAll(
      /`((?:src|test|cli|commands|client|protocol|adapters|server)\/[\w/.-]+)`/g,
    ),
  ].map(([, path = '']) => path);
  const lost = named.filter(
    (path) => !/[A-Z]{4}/.test(path) && !existsSync(new URL(/^(src|test)\//.test(path) ? path : `src/${path}`, root)),
  );
  assert.ok(named.length > 10);
  assert.deepEqual(lost, []);
});
