/** PostgreSQL as a place for instances: a schema of its own for each test. */
import type { TestContext } from 'node:test';
import { freshSchema, STORE_KEY } from '../interop/postgres/peer.ts';
import type { Place } from './instances.ts';

export async function onPostgres(t: TestContext): Promise<Place> {
  const schema = await freshSchema();
  t.after(schema.drop);
  return { name: 'PostgreSQL', args: [], env: { UMA_STORE: schema.url, UMA_STORE_KEY: STORE_KEY } };
}
