import type { PolicyDescription, PolicySubject } from '../../../protocol/owner.ts';
import { pageOf, subjectParts } from '../rows.ts';
import type { PolicyRecord, PolicyStore } from '../types.ts';
import { checked, type Database, indexed, original, sequence } from './database.ts';

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

const subjectKey = (subject: PolicySubject): string => indexed(...subjectParts(subject));

const OF_OWNER = checked('owner', '$2');

export function policyStore(database: Database): PolicyStore {
  const insert = database.prepare(
    `INSERT INTO policies (id, owner, resource_id, description, created_at, updated_at, subject_key) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
  );
  const byId = database.prepare<Row>(`SELECT * FROM policies WHERE id = $1 AND ${OF_OWNER}`);
  const replace = database.prepare<Row>(
    `UPDATE policies SET resource_id = $3, description = $4, updated_at = $5, subject_key = $6 WHERE id = $1 AND ${OF_OWNER} RETURNING *`,
  );
  const remove = database.prepare<Row>(`DELETE FROM policies WHERE id = $1 AND ${OF_OWNER} RETURNING *`);
  const list = database.prepare<Row>('SELECT * FROM policies WHERE owner = $1 AND seq > $2 ORDER BY seq LIMIT $3');
  const listOfResource = database.prepare<Row>(
    `SELECT * FROM policies WHERE resource_id = $1 AND ${OF_OWNER} AND seq > $3 ORDER BY seq LIMIT $4`,
  );
  const ofResources = database.prepare<Row>('SELECT * FROM policies WHERE resource_id = ANY ($1) ORDER BY seq');
  const ofSubjects = database.prepare<Row>(
    `SELECT next.* FROM (SELECT DISTINCT unnest($1::text[]) AS key) AS subjects CROSS JOIN LATERAL
       (SELECT * FROM policies WHERE subject_key = subjects.key AND seq > $2 ORDER BY seq LIMIT $3) AS next
     ORDER BY next.seq LIMIT $3`,
  );
  const removeOfResource = database.prepare('DELETE FROM policies WHERE resource_id = $1');

  return {
    async create({ id, owner, created_at, updated_at, ...description }) {
      const { resource_id, subject } = description;
      const key = subjectKey(subject);
      await insert.run(id, owner, resource_id, JSON.stringify(description), created_at, updated_at, key);
    },
    async get(id, owner) {
      const row = await byId.get(id, owner);
      return row && record(row);
    },
    async update(id, owner, description, at) {
      const { resource_id, subject } = description;
      const row = await replace.get(id, owner, resource_id, JSON.stringify(description), at, subjectKey(subject));
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
    async ofSubjects(subjects, { limit, after }) {
      return pageOf(await ofSubjects.all(subjects.map(subjectKey), sequence(after ?? '0'), limit + 1), limit, record);
    },
    async deleteOfResource(resource_id) {
      return removeOfResource.run(resource_id);
    },
  };
}
