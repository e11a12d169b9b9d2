/** The tables, as numbered steps. A released step never changes: a new one is added at the end. */
import type { DatabaseSync } from 'node:sqlite';
import { UmaError } from '../../../protocol/errors.ts';
import type { Migrating } from '../types.ts';

/**
 * Tables that are only looked up by their key have no row id: one tree less to write to.
 * What a grant filter can ask for stands in columns of its own; the record itself is the JSON in `data`.
 */
const GRANT_COLUMNS = `
  key TEXT PRIMARY KEY NOT NULL,
  chain TEXT NOT NULL,
  owner TEXT NOT NULL,
  rs TEXT NOT NULL,
  client_id TEXT NOT NULL,
  party_iss TEXT NOT NULL,
  party_sub TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  data TEXT NOT NULL`;

/** Writes that can change an assessment: everything but a new pending request. */
const DECISION_WRITES = [
  ['resources', 'INSERT'],
  ['resources', 'UPDATE'],
  ['resources', 'DELETE'],
  ['policies', 'INSERT'],
  ['policies', 'UPDATE'],
  ['policies', 'DELETE'],
  ['requests', 'UPDATE'],
  ['requests', 'DELETE'],
] as const;

const countDecisions = ([table, event]: (typeof DECISION_WRITES)[number]): string => `
CREATE TRIGGER ${table}_${event.toLowerCase()}_decides AFTER ${event} ON ${table} BEGIN
  INSERT INTO decisions (owner, version) VALUES (${event === 'DELETE' ? 'OLD' : 'NEW'}.owner, 1)
  ON CONFLICT (owner) DO UPDATE SET version = version + 1;
END;
`;

export const STEPS: readonly string[] = [
  `
CREATE TABLE resources (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  rs TEXT NOT NULL,
  description TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX resources_owner ON resources (owner);
CREATE INDEX resources_domain ON resources (owner, rs);

CREATE TABLE tickets (
  key TEXT PRIMARY KEY NOT NULL,
  chain TEXT NOT NULL,
  client_id TEXT,
  used INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_expiry ON tickets (expires_at);

CREATE TABLE rpts (${GRANT_COLUMNS}
) STRICT, WITHOUT ROWID;
CREATE INDEX rpts_owner ON rpts (owner);
CREATE INDEX rpts_chain ON rpts (chain);
CREATE INDEX rpts_expiry ON rpts (expires_at);

CREATE TABLE refreshes (${GRANT_COLUMNS},
  family TEXT NOT NULL,
  used INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX refreshes_owner ON refreshes (owner);
CREATE INDEX refreshes_chain ON refreshes (chain);
CREATE INDEX refreshes_family ON refreshes (family);
CREATE INDEX refreshes_expiry ON refreshes (expires_at);

CREATE TABLE pcts (
  key TEXT PRIMARY KEY NOT NULL,
  expires_at INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pcts_expiry ON pcts (expires_at);

CREATE TABLE policies (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  description TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX policies_owner ON policies (owner);
CREATE INDEX policies_resource ON policies (resource_id);

CREATE TABLE requests (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  status TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  party_iss TEXT NOT NULL,
  party_sub TEXT NOT NULL,
  client_id TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX requests_owner ON requests (owner);
CREATE INDEX requests_resource ON requests (resource_id, party_iss, party_sub);
CREATE UNIQUE INDEX requests_open ON requests (resource_id, party_iss, party_sub, client_id) WHERE status = 'pending';

CREATE TABLE history (
  seq INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  type TEXT NOT NULL,
  resource_id TEXT,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX history_owner ON history (owner);

CREATE TABLE artifacts (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  payload TEXT NOT NULL,
  grant_id TEXT,
  uid TEXT,
  user_code TEXT,
  consumed_at INTEGER,
  expires_at INTEGER,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_grant ON artifacts (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX artifacts_uid ON artifacts (kind, uid) WHERE uid IS NOT NULL;
CREATE INDEX artifacts_user_code ON artifacts (kind, user_code) WHERE user_code IS NOT NULL;
CREATE INDEX artifacts_expiry ON artifacts (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE once (
  key TEXT PRIMARY KEY NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX once_expiry ON once (expires_at);

CREATE TABLE keys (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kid TEXT NOT NULL UNIQUE,
  jwk TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
`,
  `
CREATE INDEX resources_rs ON resources (rs);
`,
  `
CREATE TABLE decisions (
  owner TEXT PRIMARY KEY NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
${DECISION_WRITES.map(countDecisions).join('')}`,
  `
CREATE TABLE limits (
  key TEXT PRIMARY KEY NOT NULL,
  count INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX limits_expiry ON limits (expires_at);
`,
  `
ALTER TABLE policies ADD COLUMN subject TEXT;
UPDATE policies SET subject = CASE
  WHEN json_type(description, '$.subject.party') IS NOT NULL
    THEN json_array('party', description ->> '$.subject.party.iss', description ->> '$.subject.party.sub')
  WHEN json_type(description, '$.subject.email') IS NOT NULL THEN json_array('email', description ->> '$.subject.email')
  WHEN json_type(description, '$.subject.group') IS NOT NULL THEN json_array('group', description ->> '$.subject.group')
  ELSE json_array('anyone') END;
CREATE INDEX policies_subject ON policies (subject);
ALTER TABLE history ADD COLUMN party TEXT;
UPDATE history SET party = json_array(data ->> '$.party.iss', data ->> '$.party.sub')
  WHERE json_type(data, '$.party') IS NOT NULL;
CREATE INDEX history_party ON history (owner, party) WHERE party IS NOT NULL;
`,
  `
CREATE INDEX requests_status ON requests (owner, status);
CREATE INDEX history_type ON history (owner, type);
CREATE INDEX history_resource ON history (owner, resource_id) WHERE resource_id IS NOT NULL;
`,
];

export const schemaVersion = (handle: DatabaseSync): number =>
  Number(handle.prepare('SELECT user_version AS version FROM pragma_user_version').get()?.version);

/** The number of the last step. */
export const NEWEST = STEPS.length;

/** @throws UmaError `store_too_new` (config). */
export function refuseNewer(schema: number, name: string): void {
  if (schema <= NEWEST) return;
  throw new UmaError(
    'config',
    'store_too_new',
    `${name} was written by a newer version of this program (schema ${schema}, known up to ${NEWEST})`,
    { hint: 'use the newer version, or another data directory' },
  );
}

/**
 * Brings the tables to the newest step; `migrating` is told before when an older program made them. Safe while other processes do the same.
 * @throws UmaError `store_too_new` (category `config`) when a newer program wrote the file.
 */
export function migrate(handle: DatabaseSync, name: string, migrating?: Migrating): void {
  if (schemaVersion(handle) === NEWEST) return;
  handle.exec('BEGIN IMMEDIATE');
  try {
    const from = schemaVersion(handle);
    refuseNewer(from, name);
    if (from > 0 && from < NEWEST) migrating?.(from, NEWEST);
    for (const step of STEPS.slice(from)) handle.exec(step);
    handle.exec(`PRAGMA user_version = ${NEWEST}`);
    handle.exec('COMMIT');
  } catch (error) {
    if (handle.isTransaction) handle.exec('ROLLBACK');
    throw error;
  }
}
