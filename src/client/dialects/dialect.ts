/**
 * client/dialects/: where servers differ, one file a vendor. A dialect is a value: it says how a server is recognised and how each
 * operation is asked and read. A new one spreads `standard`, changes groups of members, and is one line in index.ts.
 * Imports protocol and wire only; it decides no trust: what it reads tolerantly it names through `note`.
 */
import type { ClientCredentials, HttpExchange, HttpRequest } from '../../protocol/http.ts';
import type { Introspection } from '../../protocol/introspection.ts';
import type { PartialMetadata } from '../../protocol/metadata.ts';
import type { Outcome, TicketGrantRequest } from '../../protocol/outcome.ts';
import type {
  AccessRequest,
  HistoryEntry,
  OwnedResource,
  Party,
  Policy,
  PolicyDescription,
  Revocation,
  RevocationAnswer,
} from '../../protocol/owner.ts';
import type { RequestedPermission } from '../../protocol/permission.ts';
import type { RegisteredResource, RegistrationAnswer, ResourceDescription } from '../../protocol/resource.ts';
import type { TokenAnswer } from '../../protocol/token.ts';

/** Told of each deviation that was accepted, in words with the spec section; shown by `-v`. */
export type Note = (deviation: string) => void;

/** Tokens of this program's own: PAT, claim token, owner token. */
export interface TokenDialect {
  /** Scope of each request; undefined = the parameter is left out (servers where the right is a role). */
  patScope: string | undefined;
  claimScope: string | undefined;
  readToken(exchange: HttpExchange, what: string, note: Note): TokenAnswer;
  /** True when the server says that the access token of this request is no good (any more): worth one new token. */
  tokenRefused(exchange: HttpExchange): boolean;
}

/** The protection API: UMA Federated Authorization 3, 4, 5. */
export interface ProtectionDialect {
  buildCreate(endpoint: string, pat: string, description: ResourceDescription): HttpRequest;
  buildRead(endpoint: string, pat: string, id: string): HttpRequest;
  buildUpdate(endpoint: string, pat: string, id: string, description: ResourceDescription): HttpRequest;
  buildDelete(endpoint: string, pat: string, id: string): HttpRequest;
  buildList(endpoint: string, pat: string): HttpRequest;
  readRegistration(exchange: HttpExchange, note: Note): RegistrationAnswer;
  readResource(exchange: HttpExchange, note: Note): RegisteredResource;
  readDeletion(exchange: HttpExchange, note: Note): void;
  readIds(exchange: HttpExchange, note: Note): string[];
  /** True for the refusal of an id that this PAT does not see, whatever the code says. */
  unknownResource(exchange: HttpExchange): boolean;
  buildTicket(endpoint: string, pat: string, permissions: readonly RequestedPermission[]): HttpRequest;
  readTicket(exchange: HttpExchange, note: Note): string;
  /** What authorizes introspection: the PAT (FED 5.1) or the resource server's client (RFC 7662). */
  introspectsWith: 'pat' | 'client';
  buildIntrospection(
    endpoint: string,
    authorization: { pat: string } | { client: ClientCredentials },
    token: string,
  ): HttpRequest;
  readIntrospection(exchange: HttpExchange, note: Note): Introspection;
}

/** The uma-ticket grant: UMA Grant 3.3. */
export interface GrantDialect {
  build(endpoint: string, client: ClientCredentials, request: TicketGrantRequest): HttpRequest;
  read(exchange: HttpExchange, sent: TicketGrantRequest, note: Note): Outcome;
  /** False where a server polls with one and the same ticket; only then a repeated ticket is no fault (GRANT-5.5-04). */
  rotatesTickets: boolean;
}

/** Sends a request made with the owner's token; renews a token that the server has forgotten. */
export type AsOwner = (build: (token: string) => HttpRequest) => Promise<HttpExchange>;

/** What the resource owner can do; every list is the whole list. @throws UmaError the refusal, or `not_offered` (config). */
export interface OwnerApi {
  requests(filter?: { status?: string | undefined }): Promise<AccessRequest[]>;
  request(id: string): Promise<AccessRequest>;
  approve(id: string, decision?: { scopes?: string[]; expires_at?: number; message?: string }): Promise<AccessRequest>;
  deny(id: string, decision?: { message?: string }): Promise<AccessRequest>;
  policies(filter?: { resource_id?: string | undefined }): Promise<Policy[]>;
  policy(id: string): Promise<Policy>;
  createPolicy(policy: PolicyDescription): Promise<Policy>;
  updatePolicy(id: string, policy: PolicyDescription): Promise<Policy>;
  deletePolicy(id: string): Promise<void>;
  revoke(revocation: Revocation): Promise<RevocationAnswer>;
  resources(): Promise<OwnedResource[]>;
  /** Newest first, at most `limit` entries. */
  history(filter: {
    limit: number;
    type?: string | undefined;
    resource_id?: string | undefined;
  }): Promise<HistoryEntry[]>;
  /** The person of that login name; undefined when the server knows none. */
  person(username: string): Promise<Party | undefined>;
}

/** The owner's side, which UMA leaves to each server (UMA Grant 1.4). */
export interface OwnerDialect {
  /** The owner's sign-in without a browser. */
  buildSignIn(
    metadata: PartialMetadata & { token_endpoint: string },
    app: ClientCredentials,
    person: { username: string; password: string },
  ): HttpRequest;
  readSignIn(exchange: HttpExchange, note: Note): TokenAnswer;
  /** Undefined where the server has no API for owners. */
  api(metadata: PartialMetadata, asOwner: AsOwner): OwnerApi | undefined;
}

export interface Dialect {
  name: string;
  /** Asked by `--dialect auto` with what discovery found; the first that says yes is taken. */
  recognises(metadata: PartialMetadata): boolean;
  /** `metadata` with the endpoints that this vendor has and does not announce. */
  complete(metadata: PartialMetadata): PartialMetadata;
  tokens: TokenDialect;
  protection: ProtectionDialect;
  grant: GrantDialect;
  owner: OwnerDialect;
}
