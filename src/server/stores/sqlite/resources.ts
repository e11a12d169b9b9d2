import { pageOf } from '../rows.ts';
import type { ResourceRecord, ResourceStore } from '../types.ts';
import { type Database, sequence } from './database.ts';

interface Row {
  seq: number;
  id: string;
  owner: string;
  rs: string;
  description: string;
  created_at: number;
  updated_at: number;
}

const record = (row: Row): ResourceRecord => ({
  id: row.id,
  owner: row.owner,
  rs: row.rs,
  description: JSON.parse(row.description) as ResourceRecord['description'],
  created_at: row.created_at,
  updated_at: row.updated_at,
});

export function resourceStore(database: Database): ResourceStore {
  const insert = database.prepare(
    'INSERT INTO resources (id, owner, rs, description, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const byId = database.prepare<Row>('SELECT * FROM resources WHERE id = ?');
  const get = database.keep(
    (id: string) => {
      const row = byId.get(id);
      return row && record(row);
    },
    ['resources'],
    { byKey: true },
  );
  const replace = database.prepare(
    'UPDATE resources SET description = ?, updated_at = ? WHERE id = ? AND owner = ? AND rs = ?',
  );
  const remove = database.prepare('DELETE FROM resources WHERE id = ? AND owner = ? AND rs = ?');
  const ids = database.prepare<{ id: string }>('SELECT id FROM resources WHERE owner = ? AND rs = ? ORDER BY seq');
  const served = database.prepare<Row>('SELECT * FROM resources WHERE rs = ? AND seq > ? ORDER BY seq LIMIT ?');
  const owned = database.prepare<Row>('SELECT * FROM resources WHERE owner = ? AND seq > ? ORDER BY seq LIMIT ?');

  return {
    async create({ id, owner, rs, description, created_at, updated_at }) {
      insert.run(id, owner, rs, JSON.stringify(description), created_at, updated_at);
    },
    async get(id) {
      return get(id);
    },
    async find(id, { owner, rs }) {
      const found = get(id);
      return found?.owner === owner && found.rs === rs ? found : undefined;
    },
    async update(id, { owner, rs }, description, at) {
      return replace.run(JSON.stringify(description), at, id, owner, rs) > 0;
    },
    async delete(id, { owner, rs }) {
      return remove.run(id, owner, rs) > 0;
    },
    async ids({ owner, rs }) {
      return ids.all(owner, rs).map((row) => row.id);
    },
    async ofServer(rs, { limit, after }) {
      return pageOf(served.all(rs, sequence(after ?? '0'), limit + 1), limit, record);
    },
    async ofOwner(owner, { limit, after }) {
      return pageOf(owned.all(owner, sequence(after ?? '0'), limit + 1), limit, record);
    },
  };
}
