import { pageOf } from '../rows.ts';
import type { ResourceRecord, ResourceStore } from '../types.ts';
import { checked, type Database, original, sequence } from './database.ts';

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
  id: original(row.id),
  owner: original(row.owner),
  rs: original(row.rs),
  description: JSON.parse(row.description) as ResourceRecord['description'],
  created_at: row.created_at,
  updated_at: row.updated_at,
});

const IN_DOMAIN = `${checked('owner', '$2')} AND ${checked('rs', '$3')}`;

export function resourceStore(database: Database): ResourceStore {
  const insert = database.prepare(
    'INSERT INTO resources (id, owner, rs, description, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)',
  );
  const byId = database.prepare<Row>('SELECT * FROM resources WHERE id = $1');
  const inDomain = database.prepare<Row>(`SELECT * FROM resources WHERE id = $1 AND ${IN_DOMAIN}`);
  const replace = database.prepare(
    `UPDATE resources SET description = $4, updated_at = $5 WHERE id = $1 AND ${IN_DOMAIN}`,
  );
  const remove = database.prepare(`DELETE FROM resources WHERE id = $1 AND ${IN_DOMAIN}`);
  const ids = database.prepare<{ id: string }>('SELECT id FROM resources WHERE owner = $1 AND rs = $2 ORDER BY seq');
  const served = database.prepare<Row>('SELECT * FROM resources WHERE rs = $1 AND seq > $2 ORDER BY seq LIMIT $3');
  const owned = database.prepare<Row>('SELECT * FROM resources WHERE owner = $1 AND seq > $2 ORDER BY seq LIMIT $3');

  return {
    async create({ id, owner, rs, description, created_at, updated_at }) {
      await insert.run(id, owner, rs, JSON.stringify(description), created_at, updated_at);
    },
    async get(id) {
      const row = await byId.get(id);
      return row && record(row);
    },
    async find(id, { owner, rs }) {
      const row = await inDomain.get(id, owner, rs);
      return row && record(row);
    },
    async update(id, { owner, rs }, description, at) {
      return (await replace.run(id, owner, rs, JSON.stringify(description), at)) > 0;
    },
    async delete(id, { owner, rs }) {
      return (await remove.run(id, owner, rs)) > 0;
    },
    async ids({ owner, rs }) {
      return (await ids.all(owner, rs)).map((row) => original(row.id));
    },
    async ofServer(rs, { limit, after }) {
      return pageOf(await served.all(rs, sequence(after ?? '0'), limit + 1), limit, record);
    },
    async ofOwner(owner, { limit, after }) {
      return pageOf(await owned.all(owner, sequence(after ?? '0'), limit + 1), limit, record);
    },
  };
}
