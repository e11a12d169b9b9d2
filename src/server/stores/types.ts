/**
 * stores/: what the server remembers, behind narrow async interfaces (one per kind of thing), and the drivers that keep it.
 * A driver may be shared by several processes, so every read-then-write that matters is one atomic method here.
 * Times are seconds since the epoch and always come in as arguments. Secrets (tickets, tokens) come in hashed: a `key` is
 * the base64url SHA-256 of the value, so that a stolen store redeems nothing. Imports only `protocol`.
 */
import type {
  AccessRequest,
  HistoryEntry,
  HistoryType,
  Party,
  Policy,
  PolicyDescription,
  PolicySubject,
} from '../../protocol/owner.ts';
import type { Permission, RequestedPermission } from '../../protocol/permission.ts';
import type { ResourceDescription } from '../../protocol/resource.ts';
import type { StoredRecord } from './records.ts';

/** A registered resource. Belongs to one owner (subject at this AS) and one resource server (its client id). */
export interface ResourceRecord {
  id: string;
  owner: string;
  rs: string;
  description: ResourceDescription;
  created_at: number;
  updated_at: number;
}

/** Whose resources: FED-1.3-05, a PAT is specific to one owner and one resource server. */
export interface Domain {
  owner: string;
  rs: string;
}

/** Lists are in order of creation unless they say otherwise. */
export interface PageRequest {
  limit: number;
  /** The `next` of the page before; anything else gives an empty last page. */
  after?: string | undefined;
}
export interface PageOf<T> {
  items: T[];
  next?: string;
}

export interface ResourceStore {
  create(record: ResourceRecord): Promise<void>;
  /** By id alone: for the grant and the owner's side, never for a PAT. */
  get(id: string): Promise<ResourceRecord | undefined>;
  /** Undefined also for a resource of another owner or resource server (ATK-14, ATK-15). */
  find(id: string, domain: Domain): Promise<ResourceRecord | undefined>;
  /** Replaces the description. False when {@link find} would find nothing. */
  update(id: string, domain: Domain, description: ResourceDescription, at: number): Promise<boolean>;
  delete(id: string, domain: Domain): Promise<boolean>;
  /** Ids in order of creation. */
  ids(domain: Domain): Promise<string[]>;
  /** Every resource of a resource server, over all owners, in order of creation: for what answers no owner's PAT. */
  ofServer(rs: string, page: PageRequest): Promise<PageOf<ResourceRecord>>;
  /** Every resource of an owner, over all resource servers, in order of creation. */
  ofOwner(owner: string, page: PageRequest): Promise<PageOf<ResourceRecord>>;
}

/** A claim that the AS believes, and who said it. */
export interface BelievedClaim {
  name: string;
  value: unknown;
  issuer: string;
}

/** What is known of the requesting party at one point of the process. */
export interface GatheredClaims {
  party?: Party;
  claims: BelievedClaim[];
  /** When the newest of them was learnt. */
  at: number;
  /** The requesting party agreed that they are kept for later, as a PCT. */
  persist?: boolean;
}

export interface TicketRecord {
  key: string;
  /** Same for all tickets of one authorization process. */
  chain: string;
  owner: string;
  rs: string;
  permissions: RequestedPermission[];
  /** Set once a client has presented a ticket of this chain (ATK-08). */
  client_id?: string;
  gathered?: GatheredClaims;
  /** S256 challenge of the claims redirect (ATK-09). */
  code_challenge?: string;
  /** Requests filed with the owner by this chain. */
  requests?: string[];
  expires_at: number;
}

export type TakenTicket =
  | { kind: 'taken'; ticket: TicketRecord }
  | { kind: 'used'; chain: string; client_id?: string }
  | { kind: 'unknown' };

export interface TicketStore {
  put(ticket: TicketRecord): Promise<void>;
  /**
   * Takes a ticket exactly once over all processes (GRANT-5.5-02). `used` until it would have expired, with the client that took it; then `unknown`.
   * With `client_id`, a ticket bound to another client is `unknown` and stays usable for its own.
   */
  take(key: string, now: number, client_id?: string): Promise<TakenTicket>;
  /**
   * Binds a ticket to the client that presents it, and leaves it usable: for a wire on which a refusal carries no new ticket. Atomic;
   * answers as {@link take}.
   */
  bind(key: string, now: number, client_id: string): Promise<TakenTicket>;
}

export interface RptRecord {
  key: string;
  /** Of the ticket it was issued from. */
  chain: string;
  owner: string;
  rs: string;
  client_id: string;
  party: Party;
  permissions: Permission[];
  issued_at: number;
  expires_at: number;
  /** Thumbprint of the DPoP key it is bound to. */
  jkt?: string;
}

/** Which RPTs (and refresh tokens) a withdrawal is about; all members given must match. */
export interface GrantFilter {
  owner?: string;
  rs?: string;
  client_id?: string;
  chain?: string;
  party?: Party;
}

export interface RptStore {
  put(rpt: RptRecord): Promise<void>;
  /** Undefined once expired. `allowExpired` is for upgrading (GRANT-3.3.1-10). */
  get(key: string, now: number, options?: { allowExpired: boolean }): Promise<RptRecord | undefined>;
  delete(key: string): Promise<boolean>;
  /** Deletes whole RPTs; the count. @throws TypeError for an empty filter. */
  revoke(filter: GrantFilter): Promise<number>;
  /** Takes one resource out of RPTs, and deletes those left empty; the count of RPTs touched. */
  withdraw(resource_id: string, filter: GrantFilter): Promise<number>;
}

/** A refresh token of an RPT. Used once; a second use is told apart so that its family can be revoked (SEC-9700-12). */
export interface RefreshRecord extends Omit<RptRecord, 'issued_at'> {
  family: string;
}
export type TakenRefresh =
  | { kind: 'taken'; refresh: RefreshRecord }
  | { kind: 'used'; family: string }
  | { kind: 'unknown' };

export interface RefreshStore {
  put(refresh: RefreshRecord): Promise<void>;
  /** As {@link TicketStore.take}. */
  take(key: string, now: number, client_id: string): Promise<TakenRefresh>;
  /** Undefined once expired or, unless `allowUsed`, used. What is withdrawn later is taken out of a used one too. */
  get(key: string, now: number, options?: { allowUsed: boolean }): Promise<RefreshRecord | undefined>;
  delete(key: string): Promise<boolean>;
  revokeFamily(family: string): Promise<number>;
  revoke(filter: GrantFilter): Promise<number>;
  withdraw(resource_id: string, filter: GrantFilter): Promise<number>;
}

export interface PctRecord {
  key: string;
  client_id: string;
  gathered: GatheredClaims;
  jkt?: string;
  expires_at: number;
}

export interface PctStore {
  put(pct: PctRecord): Promise<void>;
  get(key: string, now: number): Promise<PctRecord | undefined>;
  delete(key: string): Promise<boolean>;
}

export type PolicyRecord = Policy & { owner: string };

export interface PolicyStore {
  create(policy: PolicyRecord): Promise<void>;
  get(id: string, owner: string): Promise<PolicyRecord | undefined>;
  update(id: string, owner: string, description: PolicyDescription, at: number): Promise<PolicyRecord | undefined>;
  /** The policy as it was, or undefined. */
  delete(id: string, owner: string): Promise<PolicyRecord | undefined>;
  list(owner: string, filter: { resource_id?: string | undefined }, page: PageRequest): Promise<PageOf<PolicyRecord>>;
  /** All policies of these resources, expired ones too: the assessment looks at the clock. */
  ofResources(resource_ids: readonly string[]): Promise<PolicyRecord[]>;
  deleteOfResource(resource_id: string): Promise<number>;
  /** Those of every owner that are about one of these subjects. The `name` of a party is not compared. */
  ofSubjects(subjects: readonly PolicySubject[], page: PageRequest): Promise<PageOf<PolicyRecord>>;
}

export type RequestRecord = AccessRequest & { owner: string };

export interface RequestStore {
  /**
   * Files a request, or finds the open one of the same resource, party and client (ATK-26); where that one asks for less, it is
   * widened, so whoever approves must name the scopes she saw. Atomic. `created` is false when nothing new was filed.
   */
  file(request: RequestRecord): Promise<{ request: RequestRecord; created: boolean }>;
  get(id: string, owner: string): Promise<RequestRecord | undefined>;
  list(
    owner: string,
    filter: { status?: AccessRequest['status'] | undefined },
    page: PageRequest,
  ): Promise<PageOf<RequestRecord>>;
  /** Denied requests of these resources and this party. */
  denied(resource_ids: readonly string[], party: Party): Promise<RequestRecord[]>;
  /** Compare-and-set on the status: undefined unless the request is one of `from`. Replaces the decision before, message and all. */
  decide(
    id: string,
    owner: string,
    from: readonly AccessRequest['status'][],
    decision: { status: AccessRequest['status']; decided_at: number; granted_scopes?: string[]; message?: string },
  ): Promise<RequestRecord | undefined>;
  /** Forgets requests of a resource, of one party if given; the count. */
  delete(resource_id: string, party?: Party): Promise<number>;
}

export type HistoryRecord = HistoryEntry & { owner: string };

export interface HistoryStore {
  append(entry: HistoryRecord): Promise<void>;
  /** Newest first. */
  list(
    owner: string,
    filter: { type?: HistoryType | undefined; resource_id?: string | undefined; party?: Party | undefined },
    page: PageRequest,
  ): Promise<PageOf<HistoryRecord>>;
}

/** What oidc-provider keeps (sessions, codes, access tokens, ...): its model name, its id, its own payload. */
export interface Artifact {
  kind: string;
  id: string;
  payload: Record<string, unknown>;
  grant_id?: string | undefined;
  uid?: string | undefined;
  user_code?: string | undefined;
  expires_at?: number | undefined;
}

export interface ArtifactStore {
  /** Writes or replaces; what has been consumed stays consumed. */
  put(artifact: Artifact): Promise<void>;
  /** Undefined once expired. `consumed_at` is set when it has been used. */
  get(kind: string, id: string, now: number): Promise<(Artifact & { consumed_at?: number }) | undefined>;
  /** What {@link get} would give, without what is around it: the look-up that every request with a PAT makes. */
  payload(kind: string, id: string, now: number): Promise<Record<string, unknown> | undefined>;
  findByUid(kind: string, uid: string, now: number): Promise<(Artifact & { consumed_at?: number }) | undefined>;
  findByUserCode(
    kind: string,
    user_code: string,
    now: number,
  ): Promise<(Artifact & { consumed_at?: number }) | undefined>;
  /** Marks as used by compare-and-set: true for exactly one of all callers (ATK-21). */
  consume(kind: string, id: string, now: number): Promise<boolean>;
  delete(kind: string, id: string): Promise<void>;
  deleteByGrant(grant_id: string): Promise<void>;
}

/** Things that must happen once within a time: `jti` of DPoP proofs, client assertions (SEC-9449-05, SEC-7523-02). */
export interface OnceStore {
  /** True for the first caller with this key until `expires_at`. */
  first(key: string, now: number, expires_at: number): Promise<boolean>;
}

/** How often something was tried, over all processes. Not moved by an export: a window is short. */
export interface LimitStore {
  /** One try more: the count in the window that the first of them opened, `seconds` long, and when that ends. */
  count(key: string, now: number, seconds: number): Promise<{ count: number; expires_at: number }>;
  /** One failure more; forgotten `seconds` after the last of them. */
  fail(key: string, now: number, seconds: number): Promise<{ count: number; expires_at: number }>;
  /** What {@link count} or {@link fail} answered last; undefined once it is over. */
  peek(key: string, now: number): Promise<{ count: number; expires_at: number } | undefined>;
  clear(key: string): Promise<void>;
}

export interface KeyRecord {
  kid: string;
  jwk: Record<string, unknown>;
  created_at: number;
}
export interface KeyStore {
  /** Newest first. */
  list(): Promise<KeyRecord[]>;
  /** Adds the first key unless there is one: several processes that start at once end with the same. */
  addFirst(key: KeyRecord): Promise<KeyRecord[]>;
  add(key: KeyRecord): Promise<void>;
  /** Writes the `jwk` of a key anew; nothing where there is no such key. */
  replace(key: KeyRecord): Promise<void>;
  delete(kid: string): Promise<void>;
}

/** Whether anything changed that an assessment of an owner's resources depends on. */
export interface DecisionStore {
  /** Another number after every acknowledged write to the owner's resources and policies, and to her decided requests. */
  version(owner: string): Promise<number>;
}

export interface Stores {
  resources: ResourceStore;
  tickets: TicketStore;
  rpts: RptStore;
  refreshes: RefreshStore;
  pcts: PctStore;
  policies: PolicyStore;
  requests: RequestStore;
  decisions: DecisionStore;
  history: HistoryStore;
  artifacts: ArtifactStore;
  once: OnceStore;
  limits: LimitStore;
  keys: KeyStore;
  /** Removes what has expired; the count of rows. RPTs stay a day longer, for upgrading. Called on a timer. */
  sweep(now: number): Promise<number>;
  /** All that is held, for another store (records.ts). What is written meanwhile may be in it or not. */
  records(): AsyncIterable<StoredRecord>;
  close(): Promise<void>;
}

/** A store as a dry look finds it. */
export interface Inspected {
  /** The step that its tables are at; 0 = there is nothing yet. */
  schema: number;
  /** The step that a start would bring them to. */
  newest: number;
  /** As the store has them; none where the tables are not at the newest step. */
  keys: KeyRecord[];
}

/** Told before what an older program has left is brought up to date: the numbers of the schema that is there, and of ours. */
export type Migrating = (from: number, to: number) => void;
