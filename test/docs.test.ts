/** The pages of docs/: their `sh` blocks are run (those with curl in them by test/interop/docs); what they name exists. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fencedIn, pages, pagesToRun, readPage, runPage } from './pages.ts';
import { blocksOf, runBlock } from './recipes.ts';
import { openStage } from './walkthrough/processes.ts';

const root = new URL('../', import.meta.url);

for (const page of pagesToRun({ curl: false })) runPage(page);

describe('docs/forgerock.md, at the layout of AM (conventions 37)', () => {
  const stage = openStage();
  after(() => stage.close());
  for (const block of blocksOf(readPage('docs/forgerock.md')))
    test(block.split('\n')[0] ?? 'an empty block', async () => {
      const { issuer } = await stage.serve('--layout', 'forgerock');
      const secrets = { RS_SECRET: 'password', CLIENT_SECRET: 'password' };
      const people = { UMA_OWNER_PASSWORD: 'Ch4ng31t', UMA_PARTY_PASSWORD: 'password' };
      await runBlock(stage, block, { AM: issuer, ...secrets, ...people });
    });
});

describe('a line of a block marked `sh serve` is a server that starts (conventions 37)', () => {
  const stage = openStage();
  after(() => stage.close());
  copyFileSync(new URL('test/interop/keycloak/photoz-realm.json', root), `${stage.directory}/realm.json`);
  chmodSync(`${stage.directory}/realm.json`, 0o600);
  for (const page of pages)
    for (const line of fencedIn(page).flatMap(({ language, text }) =>
      language === 'sh serve' ? text.trimEnd().split('\n') : [],
    ))
      test(`${page}: ${line}`, async () => {
        const words = line.replace(/#.*$/, '').trim().split(/\s+/);
        assert.deepEqual(words.splice(0, 2), ['uma', 'serve']);
        const server = await stage.serve(...words);
        assert.equal(await server.stop(), 0);
      });
});

test('a block with a command of uma in it says whether it is run', () => {
  const known = ['sh', 'sh norun', 'sh serve', 'json', 'yaml', 'mermaid', 'text'];
  const unknown = [...pages, 'README.md', 'SECURITY.md', 'CHANGELOG.md', 'ARCHITECTURE.md'].flatMap((page) =>
    fencedIn(page).filter(({ language, text }) => !known.includes(language) && /^(\$ )?uma /m.test(text)),
  );
  assert.deepEqual(unknown, []);
});

test('cli 37: routes.json of docs/gateway.md and docs/keycloak.md are what uma gateway takes', async () => {
  const stage = openStage();
  try {
    for (const page of ['docs/gateway.md', 'docs/keycloak.md']) {
      const [routes] = fencedIn(page).filter(({ language }) => language === 'json');
      writeFileSync(`${stage.directory}/routes.json`, routes?.text ?? '');
      const { code, err, json } = await stage.shell('uma gateway explain --config routes.json');
      assert.equal(code, 0, err);
      assert.equal(json().default, 'deny');
      assert.ok(json().routes.length > 0);
    }
  } finally {
    await stage.close();
  }
});

test('cli 37: the commands of the job in docs/recipes/smoke-check.md run', async () => {
  const stage = openStage();
  try {
    const { issuer } = await stage.serve();
    const [job] = fencedIn('docs/recipes/smoke-check.md').filter(({ language }) => language === 'yaml');
    const lines = (job?.text ?? '').split('\n');
    // What GitHub sets: variables, and secrets of the repository.
    const env = Object.fromEntries(
      lines.flatMap((line) => {
        const [, name, value] = /^ {10}(UMA_\w+): (.+)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value.replace(/\$\{\{.*\}\}/, 'password')]];
      }),
    );
    assert.ok(Object.keys(env).length > 5);
    const check = lines.find((line) => line.includes('uma demo'))?.replace(/^ *run: /, '') ?? '';
    const checked = await stage.shell(check.replace('https://as.test.example', issuer), env);
    assert.equal(checked.code, 0, checked.err);
    assert.match(readFileSync(`${stage.directory}/smoke.xml`, 'utf8'), /tests="12" failures="0"/);
    const at = lines.indexOf('        run: |');
    const script = lines
      .slice(at + 1)
      .join('\n')
      .replace('npm test', 'uma discover --field issuer');
    const tested = await stage.shell(`${script}\nkill $!`);
    assert.equal(tested.code, 0, tested.err);
    assert.match(tested.out, /^http:\/\/127\.0\.0\.1:\d+\n$/);
  } finally {
    await stage.close();
  }
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
