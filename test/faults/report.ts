/**
 * faults/: what must hold when something breaks, by real processes: `uma serve` on a SQLite file and on a real PostgreSQL, killed,
 * cut off, out of space, at another time. `npm run test:faults` starts the peers, runs the files one after the other and prints
 * one table of all counts. A test says by {@link counts} what it has counted and what it expects; a wrong count fails it.
 *
 * This file: the lines of the table, and the table.
 */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';

/** What was done where, what was counted, and how many there were and have to be. */
export interface Count {
  fault: string;
  store: string;
  what: string;
  expected: number | `at least ${number}` | `at most ${number}`;
  seen: number | null;
}

const { UMA_FAULTS_REPORT: file } = process.env;

/** Counts of one fault on one store. The returned function writes a line and fails the test where it does not hold. */
export function counts(
  fault: string,
  store: string,
): (what: string, seen: number, expected: Count['expected']) => void {
  if (file === undefined) throw new Error('run these tests with `npm run test:faults`');
  return (what, seen, expected) => {
    const line: Count = { fault, store, what, expected, seen };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    assert.ok(holds(line), `${fault}, ${store}: ${what}: ${seen}, expected ${expected}`);
  };
}

/** Costs at each size over that at the first. */
export interface Curve {
  store: string;
  name: string;
  sizes: readonly number[];
  ratios: readonly number[];
}

/** A line of the second table; the limit is a matter of {@link counts}. */
export function curve(line: Curve): void {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function holds({ expected, seen }: Pick<Count, 'expected' | 'seen'>): boolean {
  if (seen === null) return false;
  if (typeof expected === 'number') return seen === expected;
  const limit = Number(expected.split(' ')[2]);
  return expected.startsWith('at least') ? seen >= limit : seen <= limit;
}

const HEADING = ['fault', 'store', 'counted', 'seen', 'expected', ''];
const cells = (line: Count) => [
  line.fault,
  line.store,
  line.what,
  // JSON has no NaN.
  line.seen?.toLocaleString('en') ?? 'no number',
  line.expected.toLocaleString('en'),
  holds(line) ? 'yes' : 'NO',
];

const curves = (lines: readonly Curve[]): string[][] => [
  ['cost', 'store', ...(lines[0]?.sizes ?? []).map((size) => size.toLocaleString('en'))],
  ...lines.map(({ name, store, ratios }) => [name, store, ...ratios.map((ratio) => ratio.toFixed(2))]),
];

/** Both tables as text, by the way in which one is written. */
export function report(text: string, write: (rows: string[][]) => string): { lines: Count[]; tables: string[] } {
  const all = text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Count | Curve);
  const lines = all.filter((line) => 'fault' in line);
  const ratios = all.filter((line) => 'ratios' in line);
  const tables = [[HEADING, ...lines.map(cells)], ...(ratios.length > 0 ? [curves(ratios)] : [])];
  return { lines, tables: tables.map(write) };
}

/** For a terminal. */
export function columns(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdown([heading = [], ...rows]: string[][]): string {
  return [heading, heading.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
