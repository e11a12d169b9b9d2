/** An export: JSON lines, the first says what it is, the last how many records stand between. Holds private keys and token hashes. */
import { UmaError } from '../../protocol/errors.ts';
import { KINDS, restore, type StoredRecord } from './records.ts';
import { type KeySeal, opened } from './seal.ts';
import type { Stores } from './types.ts';

const FIRST = { kind: 'uma-export', version: 1 } as const;

/** Writes every line by `write`, without waiting; the count of records. Keys come out of their seal: another place has another one. */
export async function exportTo(
  stores: Stores,
  write: (line: string) => void,
  seal?: KeySeal | undefined,
): Promise<number> {
  write(JSON.stringify(FIRST));
  let records = 0;
  for await (const item of stores.records()) {
    const open = item.kind === 'key' ? { ...item, record: await opened(item.record, seal) } : item;
    write(JSON.stringify(open));
    records += 1;
  }
  write(JSON.stringify({ kind: 'end', records }));
  return records;
}

/**
 * Takes an export over into stores that are empty; the count of records.
 * @throws UmaError of category `usage`: `invalid_export` (nothing was written) or `store_not_empty`.
 */
export async function importInto(stores: Stores, text: string, seal?: KeySeal | undefined): Promise<number> {
  const records = readExport(text);
  for await (const { kind } of stores.records()) {
    throw new UmaError('usage', 'store_not_empty', `the store holds records already (the first is of kind ${kind})`, {
      hint: 'import into a new directory or database, before a server has run on it',
    });
  }
  for (const item of records) {
    const closed =
      item.kind === 'key' && seal !== undefined ? { ...item, record: await seal.close(item.record) } : item;
    await restore(stores, closed);
  }
  return records.length;
}

function readExport(text: string): StoredRecord[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const items = lines.map((line, index) => {
    try {
      return JSON.parse(line) as { kind?: unknown; version?: unknown; records?: unknown };
    } catch {
      throw invalid(`line ${index + 1} is no JSON`);
    }
  });
  const [first, last] = [items.shift(), items.pop()];
  if (first?.kind !== FIRST.kind) throw invalid('it does not begin as one');
  if (first.version !== FIRST.version)
    throw invalid(`its version is ${JSON.stringify(first.version)}, known is ${FIRST.version}`);
  if (last?.kind !== 'end' || last.records !== items.length) throw invalid('its end is missing');
  const strange = items.findIndex(({ kind }) => !KINDS.includes(kind as string));
  if (strange !== -1) throw invalid(`line ${strange + 2} is of no kind that is known`);
  return items as unknown as StoredRecord[];
}

const invalid = (reason: string): UmaError =>
  new UmaError('usage', 'invalid_export', `the file is no export of \`uma serve export\`: ${reason}`);
