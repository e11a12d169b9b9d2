// docs/requirements.md: every numbered requirement and what proves it.
import { globSync, readFileSync } from 'node:fs';
import { CHECKS } from '../src/conformance/checks/registry.ts';
import { type Document, REQUIREMENTS, type Requirement } from '../src/conformance/requirements/table.ts';
import { UNTESTABLE } from '../src/conformance/untestable.ts';

const PARTS: Record<Document, string> = {
  GRANT: 'UMA 2.0 Grant',
  FED: 'Federated Authorization for UMA 2.0',
  SEC: 'OAuth documents around them',
  ATK: 'Known attacks and field failures (hardening)',
};

const ID = /\b(?:GRANT-\d(?:\.\d)*|FED-\d(?:\.\d)*|SEC-\d{4}|ATK)-\d\d\b/g;
const TEST_NAME = /\b(?:test|it|describe)\(\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/g;

const PCT_IS_GIVEN = 'whoever runs `uma` keeps the PCT and names it for each request (`--pct-file`); it is not stored';

/** What the client of `uma` has no part in, in words. */
const NOT_DONE: Readonly<Record<string, string>> = {
  'GRANT-3.3.1-08': PCT_IS_GIVEN,
  'GRANT-3.3.1-09': PCT_IS_GIVEN,
  'GRANT-5.2-04': PCT_IS_GIVEN,
  'GRANT-5.2-06': PCT_IS_GIVEN,
  'SEC-7523-03': 'the client of `uma` authenticates by its secret',
};

/** Requirement -> the test files that carry its id in a test's name. */
function proofsInTests(root: URL): Map<string, string[]> {
  const proofs = new Map<string, string[]>();
  for (const file of globSync('test/**/*.test.ts', { cwd: root }).sort()) {
    const names = [...readFileSync(new URL(file, root), 'utf8').matchAll(TEST_NAME)].map(([, , name]) => name);
    for (const id of new Set(names.join('\n').match(ID) ?? [])) proofs.set(id, [...(proofs.get(id) ?? []), file]);
  }
  return proofs;
}

export function requirementsPage(root: URL): string {
  const tests = proofsInTests(root);
  const link = (path: string) =>
    `[${path.replace(/^src\/conformance\/checks\//, '').replace(/\.ts$/, '')}](../${path})`;
  const proofOf = ({ id }: Requirement): string => {
    const checks = Object.keys(CHECKS).filter((name) => CHECKS[name]?.requirements.includes(id));
    const files = [...checks.map((name) => `src/conformance/checks/${name}.ts`), ...(tests.get(id) ?? [])];
    if (files.length > 0) return files.map(link).join(', ');
    if (UNTESTABLE[id] !== undefined) return UNTESTABLE[id];
    if (NOT_DONE[id] !== undefined) return NOT_DONE[id];
    return 'none yet';
  };
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const parts = (Object.keys(PARTS) as Document[]).map((document) => {
    const rows = REQUIREMENTS.filter((row) => row.document === document).map(
      (row) =>
        `| ${row.id} | ${row.level} | ${row.role} | ${cell(row.section)} | ${cell(row.line)} | ${cell(proofOf(row))} |`,
    );
    return [
      `## ${PARTS[document]}`,
      '',
      '| id | level | role | section | requirement | proof |',
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return [
    '# Requirements and what proves them',
    '',
    'Made by `npm run generate`. Requirements of an authorization server are proved by the checks of `uma conformance`,',
    'which run against the built-in server in `test/conformance`; those of the client and the resource server by the tests that',
    'carry their id in a name. `MUST*` is stated by the text without a keyword; `HARDEN` is required by none of the documents.',
    '',
    ...parts.flatMap((part) => [part, '']),
  ].join('\n');
}
