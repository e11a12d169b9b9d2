/** Everything that stores hold, as records that any driver can take over: for moving from one to another. */
import type {
  Artifact,
  HistoryRecord,
  KeyRecord,
  PctRecord,
  PolicyRecord,
  RefreshRecord,
  RequestRecord,
  ResourceRecord,
  RptRecord,
  Stores,
  TicketRecord,
} from './types.ts';

export type StoredRecord =
  | { kind: 'key'; record: KeyRecord }
  | { kind: 'resource'; record: ResourceRecord }
  | { kind: 'policy'; record: PolicyRecord }
  | { kind: 'request'; record: RequestRecord }
  | { kind: 'history'; record: HistoryRecord }
  | { kind: 'ticket'; record: TicketRecord; used: boolean }
  | { kind: 'rpt'; record: RptRecord }
  | { kind: 'refresh'; record: RefreshRecord; used: boolean }
  | { kind: 'pct'; record: PctRecord }
  | { kind: 'artifact'; record: Artifact; consumed_at?: number }
  | { kind: 'once'; record: { key: string; expires_at: number } };

/** A row of any table, texts as they were given to the store. */
export type Row = Readonly<Record<string, unknown>>;

const parsed = <T>(text: unknown): T => JSON.parse(text as string) as T;

/** Of {@link StoredRecord}, in the order in which they are read and restored. */
export const KINDS: readonly string[] = [
  'key',
  'resource',
  'policy',
  'request',
  'history',
  'ticket',
  'rpt',
  'refresh',
  'pct',
  'artifact',
  'once',
] satisfies StoredRecord['kind'][];

interface Table {
  name: string;
  /** Columns that order it and say where a page ends. */
  cursor: readonly string[];
  read(row: Row): StoredRecord;
}

const TABLES: readonly Table[] = [
  {
    name: 'keys',
    cursor: ['seq'],
    read: ({ kid, jwk, created_at }) => ({
      kind: 'key',
      record: { kid, jwk: parsed(jwk), created_at } as KeyRecord,
    }),
  },
  {
    name: 'resources',
    cursor: ['seq'],
    read: ({ seq: _, description, ...row }) => ({
      kind: 'resource',
      record: { ...row, description: parsed(description) } as ResourceRecord,
    }),
  },
  {
    name: 'policies',
    cursor: ['seq'],
    read: ({ id, owner, description, created_at, updated_at }) => ({
      kind: 'policy',
      record: { ...parsed<object>(description), id, owner, created_at, updated_at } as PolicyRecord,
    }),
  },
  {
    name: 'requests',
    cursor: ['seq'],
    read: ({ data, status, decision = '{}' }) => ({
      kind: 'request',
      record: { ...parsed<object>(data), status, ...parsed<object>(decision) } as RequestRecord,
    }),
  },
  { name: 'history', cursor: ['seq'], read: ({ data }) => ({ kind: 'history', record: parsed(data) }) },
  {
    name: 'tickets',
    cursor: ['key'],
    read: ({ data, used, client_id }) => ({
      kind: 'ticket',
      record: { ...parsed<TicketRecord>(data), ...(client_id === null ? {} : { client_id: client_id as string }) },
      used: Boolean(used),
    }),
  },
  { name: 'rpts', cursor: ['key'], read: ({ data }) => ({ kind: 'rpt', record: parsed(data) }) },
  {
    name: 'refreshes',
    cursor: ['key'],
    read: ({ data, used }) => ({ kind: 'refresh', record: parsed(data), used: Boolean(used) }),
  },
  { name: 'pcts', cursor: ['key'], read: ({ data }) => ({ kind: 'pct', record: parsed(data) }) },
  {
    name: 'artifacts',
    cursor: ['kind', 'id'],
    read: ({ payload, consumed_at, ...row }) => ({
      kind: 'artifact',
      record: {
        ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
        payload: parsed(payload),
      } as unknown as Artifact,
      ...(consumed_at === null ? {} : { consumed_at: consumed_at as number }),
    }),
  },
  {
    name: 'once',
    cursor: ['key'],
    read: ({ key, expires_at }) => ({ kind: 'once', record: { key, expires_at } as never }),
  },
];

const PAGE = 500;

/** Reads a page of a table. `after`: values of the cursor columns of the last row before; absent for the first page. */
export type ReadPage = (
  table: string,
  cursor: readonly string[],
  after: readonly (string | number)[] | undefined,
  limit: number,
) => Row[] | Promise<Row[]>;

/** All records, each table in its order. What is written meanwhile may be in it or not. */
export async function* walk(page: ReadPage): AsyncGenerator<StoredRecord> {
  for (const { name, cursor, read } of TABLES) {
    let after: (string | number)[] | undefined;
    for (;;) {
      const rows = await page(name, cursor, after, PAGE);
      yield* rows.map(read);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) break;
      after = cursor.map((column) => last[column] as string | number);
    }
  }
}

/** Puts a record into stores that have nothing of its key yet; what was used stays used. */
export async function restore(stores: Stores, item: StoredRecord): Promise<void> {
  switch (item.kind) {
    case 'key':
      return stores.keys.add(item.record);
    case 'resource':
      return stores.resources.create(item.record);
    case 'policy':
      return stores.policies.create(item.record);
    case 'request':
      await stores.requests.file(item.record);
      return;
    case 'history':
      return stores.history.append(item.record);
    case 'ticket': {
      const { key, expires_at, client_id } = item.record;
      await stores.tickets.put(item.record);
      if (item.used) await stores.tickets.take(key, expires_at - 1, client_id);
      return;
    }
    case 'rpt':
      return stores.rpts.put(item.record);
    case 'refresh': {
      const { key, expires_at, client_id } = item.record;
      await stores.refreshes.put(item.record);
      if (item.used) await stores.refreshes.take(key, expires_at - 1, client_id);
      return;
    }
    case 'pct':
      return stores.pcts.put(item.record);
    case 'artifact': {
      const { kind, id } = item.record;
      await stores.artifacts.put(item.record);
      if (item.consumed_at !== undefined) await stores.artifacts.consume(kind, id, item.consumed_at);
      return;
    }
    case 'once':
      await stores.once.first(item.record.key, Number.MIN_SAFE_INTEGER, item.record.expires_at);
      return;
  }
}
