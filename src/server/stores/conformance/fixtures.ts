/** What a driver gives to the suite, and the records that the levels work with: always two owners and two resource servers. */
import type { TestContext } from 'node:test';
import type {
  Artifact,
  Domain,
  PolicyRecord,
  RefreshRecord,
  RequestRecord,
  ResourceRecord,
  RptRecord,
  Stores,
  TicketRecord,
} from '../types.ts';

export interface StoreUnderTest {
  /** The first handle. */
  stores: Stores;
  /** A further handle of the same data in this process; absent when a driver cannot share. */
  again?: () => Promise<Stores>;
  /** How another process opens the same data: `(await import(module))[name](argument)`; absent when it cannot. */
  elsewhere?: { module: string; name: string; argument: unknown };
  /** Closes what {@link again} opened and removes the data. */
  dispose(): Promise<void>;
}

export interface StoreDriver {
  name: string;
  /** Makes an EMPTY store. */
  create(): Promise<StoreUnderTest>;
}

/** A new empty store that goes away with the test. */
export async function freshStore(driver: StoreDriver, context: TestContext): Promise<StoreUnderTest> {
  const subject = await driver.create();
  context.after(async () => {
    await subject.stores.close();
    await subject.dispose();
  });
  return subject;
}

export const NOW = 1_750_000_000;
export const ISSUER = 'https://as.example';
export const BOB = { iss: ISSUER, sub: 'bob', name: 'Bob Baker' };
export const CHRIS = { iss: ISSUER, sub: 'chris' };
/** The same subject at another issuer is somebody else. */
export const FOREIGN_BOB = { iss: 'https://idp.example', sub: 'bob' };

export const ALICE_PHOTOS: Domain = { owner: 'alice', rs: 'photos' };
export const ALICE_FILES: Domain = { owner: 'alice', rs: 'files' };
export const DORA_PHOTOS: Domain = { owner: 'dora', rs: 'photos' };
export const DORA_FILES: Domain = { owner: 'dora', rs: 'files' };
export const DOMAINS = [ALICE_PHOTOS, ALICE_FILES, DORA_PHOTOS, DORA_FILES];
export const nameOf = ({ owner, rs }: Domain): string => `${owner}-${rs}`;

export const resource = (id: string, domain: Domain = ALICE_PHOTOS): ResourceRecord => ({
  id,
  ...domain,
  description: {
    name: `Résumé "${id}"`,
    resource_scopes: ['view', 'download'],
    'name#fr': 'Photo',
    nested: [{ a: 1 }],
  },
  created_at: NOW,
  updated_at: NOW,
});

export const ticket = (key: string, more: Partial<TicketRecord> = {}): TicketRecord => ({
  key,
  chain: `chain-of-${key}`,
  ...ALICE_PHOTOS,
  permissions: [{ resource_id: 'photo', resource_scopes: ['view'] }],
  expires_at: NOW + 120,
  ...more,
});

export const rpt = (key: string, more: Partial<RptRecord> = {}): RptRecord => ({
  key,
  chain: `chain-of-${key}`,
  ...ALICE_PHOTOS,
  client_id: 'app',
  party: BOB,
  permissions: [{ resource_id: 'photo', resource_scopes: ['view'], exp: NOW + 3600 }],
  issued_at: NOW,
  expires_at: NOW + 3600,
  ...more,
});

export const refresh = (key: string, more: Partial<RefreshRecord> = {}): RefreshRecord => {
  const { issued_at: _, ...grant } = rpt(key);
  return { ...grant, family: `family-of-${key}`, ...more };
};

export const policy = (id: string, more: Partial<PolicyRecord> = {}): PolicyRecord => ({
  id,
  owner: 'alice',
  resource_id: 'photo',
  effect: 'allow',
  scopes: ['view'],
  subject: { party: BOB },
  created_at: NOW,
  updated_at: NOW,
  ...more,
});

export const request = (id: string, more: Partial<RequestRecord> = {}): RequestRecord => ({
  id,
  owner: 'alice',
  status: 'pending',
  resource_id: 'photo',
  scopes: ['view'],
  party: BOB,
  client_id: 'app',
  created_at: NOW,
  ...more,
});

export const artifact = (kind: string, id: string, more: Partial<Artifact> = {}): Artifact => ({
  kind,
  id,
  payload: { jti: id, accountId: 'alice' },
  expires_at: NOW + 60,
  ...more,
});
