/** The PostgreSQL that scripts/interop.ts has started; each test works in a schema of its own. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

const { UMA_INTEROP_POSTGRES } = process.env;
if (UMA_INTEROP_POSTGRES === undefined) throw new Error('run these tests with `npm run test:interop`');
export const DATABASE = UMA_INTEROP_POSTGRES;

/** One statement, as the administrator. */
export async function administer(sql: string, url = DATABASE): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** What seals signing keys in it. */
export const STORE_KEY = randomBytes(32).toString('base64');

export interface Schema {
  name: string;
  /** The database, with this schema as the first of the search path. */
  url: string;
  drop(): Promise<void>;
}

/** An empty schema. */
export async function freshSchema(): Promise<Schema> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(`CREATE SCHEMA ${name}`);
  const url = new URL(DATABASE);
  url.searchParams.set('options', `-c search_path=${name}`);
  return {
    name,
    // A space is %20 in a URL of PostgreSQL, never a plus sign.
    url: url.href.replaceAll('+', '%20'),
    drop: async () => void (await administer(`SET client_min_messages = error; DROP SCHEMA ${name} CASCADE`)),
  };
}
