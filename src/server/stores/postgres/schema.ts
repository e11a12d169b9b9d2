/** The tables, as numbered steps. A released step never changes: a new one is added at the end. */
import { UmaError } from '../../../protocol/errors.ts';
import type { Migrating } from '../types.ts';
import type { Connection } from './database.ts';

/** Advisory locks are numbers that all programs on a database share: "uma" in ASCII, then which. */
export const LOCKS = { schema: 0x75_6d_61_01, firstKey: 0x75_6d_61_02 } as const;

/**
 * What a grant filter can ask for stands in columns of its own; the record itself is the JSON in `data`.
 * Keys, kinds and statuses are compared byte by byte (COLLATE "C"): quicker, and the same under every locale.
 */
const GRANT_COLUMNS = `
  key text COLLATE "C" PRIMARY KEY,
  chain text COLLATE "C" NOT NULL,
  owner text COLLATE "C" NOT NULL,
  rs text COLLATE "C" NOT NULL,
  client_id text COLLATE "C" NOT NULL,
  party_iss text COLLATE "C" NOT NULL,
  party_sub text COLLATE "C" NOT NULL,
  expires_at bigint NOT NULL,
  data text NOT NULL`;

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
CREATE TRIGGER ${table}_${event.toLowerCase()}_decides AFTER ${event} ON ${table}
  REFERENCING ${event === 'DELETE' ? 'OLD' : 'NEW'} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_decisions();
`;

const STEPS: readonly string[] = [
  `
CREATE TABLE resources (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  owner text COLLATE "C" NOT NULL,
  rs text COLLATE "C" NOT NULL,
  description text NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
CREATE INDEX resources_owner ON resources (owner, seq);
CREATE INDEX resources_domain ON resources (owner, rs, seq);
CREATE INDEX resources_rs ON resources (rs, seq);

CREATE TABLE tickets (
  key text COLLATE "C" PRIMARY KEY,
  chain text COLLATE "C" NOT NULL,
  client_id text COLLATE "C",
  used boolean NOT NULL DEFAULT false,
  expires_at bigint NOT NULL,
  data text NOT NULL
);
CREATE INDEX tickets_expiry ON tickets (expires_at);

CREATE TABLE rpts (${GRANT_COLUMNS}
);
CREATE INDEX rpts_owner ON rpts (owner);
CREATE INDEX rpts_chain ON rpts (chain);
CREATE INDEX rpts_expiry ON rpts (expires_at);

CREATE TABLE refreshes (${GRANT_COLUMNS},
  family text COLLATE "C" NOT NULL,
  used boolean NOT NULL DEFAULT false
);
CREATE INDEX refreshes_owner ON refreshes (owner);
CREATE INDEX refreshes_chain ON refreshes (chain);
CREATE INDEX refreshes_family ON refreshes (family);
CREATE INDEX refreshes_expiry ON refreshes (expires_at);

CREATE TABLE pcts (
  key text COLLATE "C" PRIMARY KEY,
  expires_at bigint NOT NULL,
  data text NOT NULL
);
CREATE INDEX pcts_expiry ON pcts (expires_at);

CREATE TABLE policies (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  owner text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  description text NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
CREATE INDEX policies_owner ON policies (owner, seq);
CREATE INDEX policies_resource ON policies (resource_id, seq);

CREATE TABLE requests (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  owner text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  party_key text COLLATE "C" NOT NULL,
  open_key text COLLATE "C" NOT NULL,
  data text NOT NULL,
  decision text NOT NULL
);
CREATE INDEX requests_owner ON requests (owner, seq);
CREATE INDEX requests_resource ON requests (resource_id, party_key);
CREATE UNIQUE INDEX requests_open ON requests (open_key) WHERE status = 'pending';

CREATE TABLE history (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C",
  data text NOT NULL
);
CREATE INDEX history_owner ON history (owner, seq);

CREATE TABLE artifacts (
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  payload text NOT NULL,
  grant_id text COLLATE "C",
  uid text COLLATE "C",
  user_code text COLLATE "C",
  consumed_at bigint,
  expires_at bigint,
  PRIMARY KEY (kind, id)
);
CREATE INDEX artifacts_grant ON artifacts (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX artifacts_uid ON artifacts (kind, uid) WHERE uid IS NOT NULL;
CREATE INDEX artifacts_user_code ON artifacts (kind, user_code) WHERE user_code IS NOT NULL;
CREATE INDEX artifacts_expiry ON artifacts (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE once (
  key text COLLATE "C" PRIMARY KEY,
  expires_at bigint NOT NULL
);
CREATE INDEX once_expiry ON once (expires_at);

CREATE TABLE keys (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kid text COLLATE "C" NOT NULL UNIQUE,
  jwk text NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE decisions (
  owner text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL
);
CREATE FUNCTION count_decisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO decisions (owner, version) SELECT DISTINCT owner, 1 FROM changed ORDER BY owner
  ON CONFLICT (owner) DO UPDATE SET version = decisions.version + 1;
  RETURN NULL;
END $$;
${DECISION_WRITES.map(countDecisions).join('')}`,
  `
CREATE TABLE limits (
  key text COLLATE "C" PRIMARY KEY,
  count bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX limits_expiry ON limits (expires_at);
`,
  `
CREATE FUNCTION uma_key(VARIADIC parts text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT translate(rtrim(encode(sha256(convert_to(replace(to_json(parts)::text, '", "', '","'), 'UTF8')), 'base64'), '='), '+/', '-_')
$$;
ALTER TABLE policies ADD COLUMN subject_key text COLLATE "C";
UPDATE policies SET subject_key = CASE
  WHEN description::json #> '{subject,party}' IS NOT NULL
    THEN uma_key('party', description::json #>> '{subject,party,iss}', description::json #>> '{subject,party,sub}')
  WHEN description::json #> '{subject,email}' IS NOT NULL THEN uma_key('email', description::json #>> '{subject,email}')
  WHEN description::json #> '{subject,group}' IS NOT NULL THEN uma_key('group', description::json #>> '{subject,group}')
  ELSE uma_key('anyone') END WHERE position('\\u0000' in description) = 0;
CREATE INDEX policies_subject ON policies (subject_key, seq);
ALTER TABLE history ADD COLUMN party_key text COLLATE "C";
UPDATE history SET party_key = uma_key(data::json #>> '{party,iss}', data::json #>> '{party,sub}')
  WHERE position('\\u0000' in data) = 0 AND data::json -> 'party' IS NOT NULL;
CREATE INDEX history_party ON history (owner, party_key, seq) WHERE party_key IS NOT NULL;
DROP FUNCTION uma_key(text[]);
`,
  `
CREATE INDEX requests_status ON requests (owner, status, seq);
CREATE INDEX history_type ON history (owner, type, seq);
CREATE INDEX history_resource ON history (owner, resource_id, seq) WHERE resource_id IS NOT NULL;
`,
];

/** The number of the last step. */
export const NEWEST = STEPS.length;

/** Zero where there are no tables yet. */
export async function schemaVersion(connection: Connection): Promise<number> {
  const { rows } = await connection.query(`SELECT to_regclass('uma_schema') IS NOT NULL AS made`);
  return rows[0].made ? version(connection) : 0;
}

/** @throws UmaError `store_too_new` (config). */
export function refuseNewer(schema: number): void {
  if (schema <= NEWEST) return;
  throw new UmaError(
    'config',
    'store_too_new',
    `the database was set up by a newer version of this program (schema ${schema}, known up to ${NEWEST})`,
    { hint: 'use the newer version, or another database' },
  );
}

/**
 * Brings the tables of the connection's schema to the newest step. Safe while other instances do the same: the first one works,
 * the others wait and find it done. Runs in the caller's transaction.
 * @throws UmaError `store_too_new` (category `config`) when a newer program made the tables.
 */
export async function migrate(connection: Connection, migrating?: Migrating): Promise<void> {
  if ((await schemaVersion(connection)) === NEWEST) return;
  await connection.query(`SELECT pg_advisory_xact_lock(${LOCKS.schema})`);
  await connection.query('CREATE TABLE IF NOT EXISTS uma_schema (version integer NOT NULL)');
  const from = await version(connection);
  refuseNewer(from);
  if (from === NEWEST) return;
  if (from > 0) migrating?.(from, NEWEST);
  for (const step of STEPS.slice(from)) await connection.query(step);
  await connection.query('DELETE FROM uma_schema');
  await connection.query('INSERT INTO uma_schema VALUES ($1)', [NEWEST]);
}

async function version(connection: Connection): Promise<number> {
  const { rows } = await connection.query('SELECT version FROM uma_schema');
  return (rows[0]?.version as number | undefined) ?? 0;
}
