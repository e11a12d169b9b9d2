import type { PolicyDescription } from '../../../protocol/owner.ts';
import { pageOf } from '../rows.ts';
import type { PolicyRecord, PolicyStore } from '../types.ts';
import { type Database, original, sequence } from './database.ts';

interface Row {
  seq: number;
  id: string;
  owner: string;
  resource_id: string;
  description: string;
  created_at: number;
  updated_at: number;
}

const record = (row: Row): PolicyRecord => ({
  ...(JSON.parse(row.description) as PolicyDescription),
  id: original(row.id),
  owner: original(row.owner),
  created_at: row.created_at,
  updated_at: row.updated_at,
});

export function policyStore(database: Database): PolicyStore {
  const insert = database.prepare(
    `INSERT INTO policies (id, owner, resource_id, description, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)`,
  );
  const byId = database.prepare<Row>('SELECT * FROM policies WHERE id = $1 AND owner = $2');
  const replace = database.prepare<Row>(
    `UPDATE policies SET resource_id = $3, description = $4, updated_at = $5 WHERE id = $1 AND owner = $2 RETURNING *`,
  );
  const remove = database.prepare<Row>('DELETE FROM policies WHERE id = $1 AND owner = $2 RETURNING *');
  const list = database.prepare<Row>('SELECT * FROM policies WHERE owner = $1 AND seq > $2 ORDER BY seq LIMIT $3');
  const listOfResource = database.prepare<Row>(
    'SELECT * FROM policies WHERE resource_id = $1 AND owner = $2 AND seq > $3 ORDER BY seq LIMIT $4',
  );
  const ofResources = database.prepare<Row>('SELECT * FROM policies WHERE resource_id = ANY ($1) ORDER BY seq');
  const removeOfResource = database.prepare('DELETE FROM policies WHERE resource_id = $1');

  return {
    async create({ id, owner, created_at, updated_at, ...description }) {
      await insert.run(id, owner, description.resource_id, JSON.stringify(description), created_at, updated_at);
    },
    async get(id, owner) {
      const row = await byId.get(id, owner);
      return row && record(row);
    },
    async update(id, owner, description, at) {
      const row = await replace.get(id, owner, description.resource_id, JSON.stringify(description), at);
      return row && record(row);
    },
    async delete(id, owner) {
      const row = await remove.get(id, owner);
      return row && record(row);
    },
    async list(owner, { resource_id }, { limit, after }) {
      const from = sequence(after ?? '0');
      const rows =
        resource_id === undefined
          ? await list.all(owner, from, limit + 1)
          : await listOfResource.all(resource_id, owner, from, limit + 1);
      return pageOf(rows, limit, record);
    },
    async ofResources(resource_ids) {
      return (await ofResources.all(resource_ids)).map(record);
    },
    async deleteOfResource(resource_id) {
      return removeOfResource.run(resource_id);
    },
  };
}
