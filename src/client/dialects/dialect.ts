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
  FoundPerson,
  HistoryEntry,
  OwnedResource,
  Policy,
  PolicyDescription,
  Revocation,
  RevocationAnswer,
  SharedResource,
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
  /** Finding resources by exact name or by URI in one request; without it, all are read and compared. */
  find?: {
    build(endpoint: string, pat: string, by: 'name' | 'uri', value: string): HttpRequest;
    read(exchange: HttpExchange, note: Note): RegisteredResource[];
  };
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

/** What a vendor adds to the grant; {@link GrantDialect.extensions} says which of these its server knows. */
export interface GrantExtensions {
  /** False: only ask; nothing is filed with the resource owner. */
  submit_request?: boolean | undefined;
  /** The requesting party's access token in place of client authentication and claim token. */
  bearer?: string | undefined;
  /** In place of a ticket: the resource server, by its client id ... */
  audience?: string | undefined;
  /** ... and what is wanted of it (a resource by id, name or URI); absent = everything that there is. */
  permission?: readonly RequestedPermission[] | undefined;
  /** The assessment alone, without an RPT. */
  response_mode?: 'decision' | 'permissions' | undefined;
}

/** A ticket is required, unless the vendor takes an `audience` instead. */
export type GrantRequest = Omit<TicketGrantRequest, 'ticket'> & { ticket?: string | undefined } & GrantExtensions;

/** A yes without an RPT, as `response_mode` asks for; `wire` as it came. A no is one of the outcomes. */
export interface Assessed {
  kind: 'assessed';
  wire: object;
}

/** The uma-ticket grant: UMA Grant 3.3. */
export interface GrantDialect {
  /** @throws UmaError `extension_unknown` (usage) for an extension that this vendor does not have. */
  build(endpoint: string, client: ClientCredentials, request: GrantRequest): HttpRequest;
  read(exchange: HttpExchange, sent: GrantRequest, note: Note): Outcome | Assessed;
  extensions: readonly (keyof GrantExtensions)[];
  /** False where a server polls with one and the same ticket; only then a repeated ticket is no fault (GRANT-5.5-04). */
  rotatesTickets: boolean;
  /** True where a ticket that gave an RPT gives another one (UMA Grant 5.5 says single use). */
  ticketSurvivesGrant: boolean;
  /**
   * Where the wire does not tell the refusals apart: what the resource server's side knows of this one. `asServer` sends with a PAT.
   * @throws UmaError `not_owner_managed` (config): the resource owner is never asked about this resource.
   */
  secondLook?(outcome: Outcome, sent: GrantRequest, metadata: PartialMetadata, asServer: WithToken): Promise<Outcome>;
}

/** Sends a request made with a token of this program's own; renews a token that the server has forgotten. */
export type WithToken = (build: (token: string) => HttpRequest) => Promise<HttpExchange>;

/** A type of protocol/owner.ts as any server may show it: without what only ours always says. */
type Unsaid<T, Member extends keyof T> = Omit<T, Member> & Partial<Pick<T, Member>>;
export type SeenRequest = Unsaid<AccessRequest, 'client_id' | 'created_at'>;
export type SeenPolicy = Unsaid<Policy, 'created_at' | 'updated_at'>;
export type SeenResource = Unsaid<OwnedResource, 'created_at'> & { uris?: unknown };

/** What the resource owner can do; every list is the whole list. @throws UmaError the refusal, or `not_offered` (config). */
export interface OwnerApi {
  /** True where an RPT issued before a revocation stays good until it ends, `unconfirmed` where no document says: whoever revokes has to say so. */
  readonly rptSurvivesRevocation: boolean | 'unconfirmed';
  requests(filter?: { status?: string | undefined }): Promise<SeenRequest[]>;
  request(id: string): Promise<SeenRequest>;
  approve(id: string, decision?: { scopes?: string[]; expires_at?: number; message?: string }): Promise<SeenRequest>;
  deny(id: string, decision?: { message?: string }): Promise<SeenRequest>;
  policies(filter?: { resource_id?: string | undefined }): Promise<SeenPolicy[]>;
  policy(id: string): Promise<SeenPolicy>;
  createPolicy(policy: PolicyDescription): Promise<SeenPolicy>;
  updatePolicy(id: string, policy: PolicyDescription): Promise<SeenPolicy>;
  deletePolicy(id: string): Promise<void>;
  revoke(revocation: Revocation): Promise<RevocationAnswer>;
  resources(): Promise<SeenResource[]>;
  /** Newest first, at most `limit` entries. */
  history(filter: {
    limit: number;
    type?: string | undefined;
    resource_id?: string | undefined;
    /** Login name of somebody at this server. */
    username?: string | undefined;
  }): Promise<HistoryEntry[]>;
  /** The person of that login name; undefined when the server knows none. */
  person(username: string): Promise<FoundPerson | undefined>;
  /** What others share with the person of the token; absent where the server does not tell. */
  shared?(): Promise<SharedResource[]>;
  giveUp?(resource_id: string): Promise<void>;
}

/** The owner's side, which UMA leaves to each server (UMA Grant 1.4). */
export interface OwnerDialect {
  /**
   * The client of the owner's sign-in: the public `app`, the resource server's (`rs`) where the server wants its tokens only, or none
   * where she signs in at the server itself.
   */
  signsInWith: 'app' | 'rs' | 'nobody';
  /** What her token is asked for when she signs in at the server; undefined = the parameter is left out. */
  signInScope: string | undefined;
  /** The owner's sign-in without a browser. */
  buildSignIn(
    metadata: PartialMetadata & { token_endpoint: string },
    app: ClientCredentials,
    person: { username: string; password: string },
  ): HttpRequest;
  readSignIn(exchange: HttpExchange, note: Note): TokenAnswer;
  /** Undefined where the server has no API for owners. */
  api(metadata: PartialMetadata, asOwner: WithToken): OwnerApi | undefined;
}

/** One way in which a vendor departs from the specifications, and what is done about it. For people: `uma discover` prints it. */
export interface Deviation {
  role: 'resource_server' | 'requesting_party' | 'resource_owner';
  differs: string;
  uma: string;
  /** The section that it departs from. */
  spec?: string;
}

export interface Dialect {
  name: string;
  /** The product's name; undefined for a server that is taken as it comes. */
  vendor: string | undefined;
  /** Asked by `--dialect auto` with what discovery found: why it is this vendor, or undefined. The first with a reason is taken. */
  recognises(metadata: PartialMetadata): string | undefined;
  deviations: readonly Deviation[];
  /** `metadata` with the endpoints that this vendor has and does not announce. */
  complete(metadata: PartialMetadata): PartialMetadata;
  tokens: TokenDialect;
  protection: ProtectionDialect;
  grant: GrantDialect;
  owner: OwnerDialect;
}
