import type { PolicyDescription, PolicySubject } from '../../../protocol/owner.ts';
import { pageOf, subjectParts } from '../rows.ts';
import type { PolicyRecord, PolicyStore } from '../types.ts';
import { type Database, sequence } from './database.ts';

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
  id: row.id,
  owner: row.owner,
  created_at: row.created_at,
  updated_at: row.updated_at,
});

const subjectKey = (subject: PolicySubject): string => JSON.stringify(subjectParts(subject));

export function policyStore(database: Database): PolicyStore {
  const insert = database.prepare(
    'INSERT INTO policies (id, owner, resource_id, description, subject, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const byId = database.prepare<Row>('SELECT * FROM policies WHERE id = ? AND owner = ?');
  const replace = database.prepare<Row>(
    'UPDATE policies SET resource_id = ?, description = ?, subject = ?, updated_at = ? WHERE id = ? AND owner = ? RETURNING *',
  );
  const remove = database.prepare<Row>('DELETE FROM policies WHERE id = ? AND owner = ? RETURNING *');
  const list = database.prepare<Row>('SELECT * FROM policies WHERE owner = ? AND seq > ? ORDER BY seq LIMIT ?');
  const listOfResource = database.prepare<Row>(
    'SELECT * FROM policies WHERE resource_id = ? AND owner = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const ofResource = database.prepare<Row>('SELECT * FROM policies WHERE resource_id = ? ORDER BY seq');
  const ofSubject = database.prepare<Row>('SELECT * FROM policies WHERE subject = ? AND seq > ? ORDER BY seq LIMIT ?');
  const kept = database.keep((id: string) => ofResource.all(id).map(record), ['policies']);
  const removeOfResource = database.prepare('DELETE FROM policies WHERE resource_id = ?');

  return {
    async create({ id, owner, created_at, updated_at, ...description }) {
      const { resource_id, subject } = description;
      insert.run(id, owner, resource_id, JSON.stringify(description), subjectKey(subject), created_at, updated_at);
    },
    async get(id, owner) {
      const row = byId.get(id, owner);
      return row && record(row);
    },
    async update(id, owner, description, at) {
      const { resource_id, subject } = description;
      const [row] = replace.all(resource_id, JSON.stringify(description), subjectKey(subject), at, id, owner);
      return row && record(row);
    },
    async delete(id, owner) {
      const [row] = remove.all(id, owner);
      return row && record(row);
    },
    async list(owner, { resource_id }, { limit, after }) {
      const from = sequence(after ?? '0');
      const rows =
        resource_id === undefined
          ? list.all(owner, from, limit + 1)
          : listOfResource.all(resource_id, owner, from, limit + 1);
      return pageOf(rows, limit, record);
    },
    async ofResources(resource_ids) {
      return [...new Set(resource_ids)].flatMap((id) => kept(id) ?? []);
    },
    async ofSubjects(subjects, { limit, after }) {
      const from = sequence(after ?? '0');
      // The next of each subject, in the order of all: no more is read than a page of each.
      const rows = [...new Set(subjects.map(subjectKey))].flatMap((key) => ofSubject.all(key, from, limit + 1));
      return pageOf(rows.sort((a, b) => a.seq - b.seq).slice(0, limit + 1), limit, record);
    },
    async deleteOfResource(resource_id) {
      return removeOfResource.run(resource_id);
    },
  };
}
