// The requirements are data, and every one of an authorization server has a check or a written reason.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { PROFILES } from '../../src/conformance/check.ts';
import { CHECKS } from '../../src/conformance/checks/registry.ts';
import { LEVELS, REQUIREMENTS, requirement } from '../../src/conformance/requirements/table.ts';
import { UNTESTABLE } from '../../src/conformance/untestable.ts';

/** Document and role -> how many of MUST, MUST*, SHOULD, MAY, HARDEN. */
const COUNTS: Record<string, readonly number[]> = {
  'GRANT AS': [27, 30, 20, 12, 0],
  'GRANT RS': [2, 7, 2, 0, 0],
  'GRANT client': [22, 10, 6, 10, 0],
  'GRANT all': [0, 1, 4, 1, 0],
  'FED AS': [26, 16, 6, 7, 0],
  'FED RS': [4, 7, 3, 12, 0],
  'SEC AS': [34, 4, 9, 0, 2],
  'SEC RS': [4, 0, 0, 1, 0],
  'SEC client': [10, 0, 0, 0, 0],
  'ATK AS': [0, 0, 0, 0, 20],
  'ATK RS': [0, 0, 0, 0, 3],
  'ATK client': [0, 0, 0, 0, 5],
};

test('there are 327 requirements, counted by document, role and level', () => {
  assert.equal(REQUIREMENTS.length, 327);
  const counted: Record<string, number[]> = {};
  for (const { document, role, level } of REQUIREMENTS) {
    const key = `${document} ${role}`;
    const row = counted[key] ?? LEVELS.map(() => 0);
    counted[key] = row;
    row[LEVELS.indexOf(level)]! += 1;
  }
  assert.deepEqual(counted, COUNTS);
});

test('each has an id of its own, a section and one line', () => {
  assert.equal(new Set(REQUIREMENTS.map(({ id }) => id)).size, REQUIREMENTS.length);
  for (const { id, line, section } of REQUIREMENTS) {
    assert.match(id, /^(GRANT|FED)-\d(\.\d)*-\d\d$|^SEC-\d{4}-\d\d$|^ATK-\d\d$/);
    assert.ok(line.length > 10 && !line.includes('\n'), id);
    assert.ok(section.length > 3, id);
  }
  assert.throws(() => requirement('GRANT-9.9-99'), RangeError);
});

test('each requirement of an authorization server has a check or a written reason, never both', () => {
  const tested = new Set(Object.values(CHECKS).flatMap(({ requirements }) => requirements));
  const own = REQUIREMENTS.filter(({ role }) => role === 'AS' || role === 'all').map(({ id }) => id);
  assert.equal(own.length, 213 + 6);
  const open = own.filter((id) => !tested.has(id) && UNTESTABLE[id] === undefined);
  assert.deepEqual(open, []);
  const both = own.filter((id) => tested.has(id) && UNTESTABLE[id] !== undefined);
  assert.deepEqual(both, []);
  assert.deepEqual(Object.keys(UNTESTABLE), ['GRANT-1.1-02', 'GRANT-5.7-04', 'GRANT-6.2-01', 'FED-1.3-07']);
});

test('each check is registered under its file, says what it sends and expects, and declares rows that exist', () => {
  const folder = 'src/conformance/checks/';
  const files = globSync(`${folder}*/*.ts`).map((file) => file.slice(folder.length, -3));
  assert.deepEqual(Object.keys(CHECKS).sort(), files.sort());
  const titles = new Set<string>();
  for (const [name, check] of Object.entries(CHECKS)) {
    assert.ok(PROFILES.includes(check.profile) && name.startsWith(`${check.profile}/`), name);
    assert.ok(check.sends.endsWith('.') && check.expects.endsWith('.'), `${name}: sends and expects are sentences`);
    assert.equal(new Set(check.requirements).size, check.requirements.length, `${name} repeats a row`);
    for (const id of check.requirements) assert.ok(['AS', 'all'].includes(requirement(id).role), `${name}: ${id}`);
    assert.ok(!titles.has(check.title), `${name}: its title is taken`);
    titles.add(check.title);
  }
});
