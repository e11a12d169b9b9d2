/**
 * layouts/: other vendors' addresses, member names, shapes and texts in front of the services of this server. A layout changes
 * paths, names, shapes and texts, never a decision (DESIGN decision 12 of the house): single use, client binding, isolation and
 * claim signatures are authorization/'s in every one. A new layout is one folder and one line in index.ts.
 * Imports wire, protocol and the server's services; must not import `client`.
 *
 * This file: what a layout is. Data first; every member but the first four may be left out, and then nothing changes.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type Provider from 'oidc-provider';
import type { UmaMetadata } from '../../protocol/metadata.ts';
import type { RequestedPermission } from '../../protocol/permission.ts';
import type { Authority } from '../authorization/authority.ts';
import type { ClaimTokenVerifier } from '../authorization/claim-token.ts';
import type { AuthorityDeps, Directory, Signer } from '../authorization/deps.ts';
import type { ConfigOverrides, ServerConfig } from '../config/config.ts';
import type { LayoutSwitch } from '../config/parts.ts';
import type { ShortWay } from '../http/short-way.ts';
import type { Attempts } from '../oauth/attempts.ts';
import type { BrowserSessions } from '../oauth/browser-session.ts';
import type { DescribeClient } from '../oauth/grants/uma-ticket.ts';
import type { SigningAlgorithm, SigningKeys } from '../oauth/keys.ts';
import type { HandOver } from '../oauth/mount.ts';
import type { PATHS } from '../oauth/paths.ts';
import type { People } from '../oauth/people.ts';
import type { OwnerService } from '../owner/service.ts';
import type { Domain, ResourceRecord, Stores } from '../stores/types.ts';

/** An answer on its way out. `body` is the JSON value; undefined = none. */
export interface Answer {
  status: number;
  body: unknown;
}

/** What the answer is to, as far as a shape can depend on it. */
export interface Asked {
  method: string;
  /** Parameters of the house's route (`id`). */
  params: Readonly<Record<string, string>>;
  /** Form of a token request; `grant_type` is one of its members. Empty elsewhere. */
  form: Readonly<Record<string, unknown>>;
}

/** Another shape or text for an answer, errors too. Must not turn a refusal into a success, or the other way round. */
export type Shape = (answer: Answer, asked: Asked) => Answer | Promise<Answer>;

/** Endpoints whose answers a layout can shape; the others answer as ever. */
export type ShapedEndpoint = keyof Pick<
  typeof PATHS,
  'token' | 'resource_registration' | 'permission' | 'introspection'
>;

/** Another look for permission tickets; inside stays the random id, which alone decides (DESIGN decision 7 of the house). */
export interface TicketDress {
  /** Times in seconds since the epoch. `about` is missing where a ticket follows another. */
  dress(id: string, expires_at: number, about?: Domain & { permissions: RequestedPermission[] }): string;
  /** The id in a ticket as it came; for what is not dressed, or not by this server, something that is no id and redeems nothing. */
  undress(ticket: string): string;
}

/** What routes of a layout stand on: the services behind the house's own routes. */
export interface LayoutServices {
  issuer: string;
  /** The address before the issuer's path: `http://127.0.0.1:9400`. */
  origin: string;
  stores: Stores;
  keys: SigningKeys;
  people: People;
  directory: Directory;
  authority: Authority;
  claimTokens: ClaimTokenVerifier;
  owner: OwnerService;
  provider: Provider;
  /** Who is signed in in a browser. */
  sessions: BrowserSessions;
  attempts: Attempts;
  describeClient: DescribeClient;
  /** Gives a request to oidc-provider, as the house's own routes do. */
  handOver: HandOver;
  short: ShortWay | undefined;
  /** Seconds since the epoch. */
  now: () => number;
}

export interface Layout {
  /** As `--layout` takes it. */
  name: string;
  /** Path of the issuer where the operator names none; empty or with a slash before and none after. */
  issuerPath: string;
  switches: readonly LayoutSwitch[];
  /** The configuration where the operator has none; its passwords are public, so it runs on loopback only. */
  fixture(overrides: ConfigOverrides, issuerPath: string): ServerConfig;

  /**
   * The house's address of a request, issuer path and all vendor prefixes taken off; undefined = not one of the vendor's. Called
   * before routing, so it may also mend headers that the vendor's documentation gets wrong.
   */
  address?(request: IncomingMessage, issuerPath: string): string | undefined;
  /** The vendor's metadata documents. */
  metadata?(standard: UmaMetadata, issuer: string): UmaMetadata;
  shapes?: Partial<Record<ShapedEndpoint, Shape>>;
  /** A shape of token answers that needs more than the answer; in place of `shapes.token`. */
  tokenShape?(services: Pick<LayoutServices, 'issuer' | 'stores' | 'keys' | 'people' | 'now'>): Shape;
  tickets?(services: { issuer: string; keys: SigningKeys }): TicketDress;
  /** Signs RPTs (`typ` is `at+jwt`) with the vendor's members beside the house's. */
  signer?(keys: SigningKeys, services: Pick<LayoutServices, 'issuer' | 'stores' | 'people'>): Signer;
  /** Whether the owner of this resource may be asked at all; absent = always. */
  mayAsk?(resource: ResourceRecord): boolean;
  /** What tokens are signed with where the vendor's clients know nothing else. */
  signingAlg?: SigningAlgorithm;
  /** Settings that the vendor's wire fixes, over the configuration's. Each one that is weaker is a switch. */
  settings?: Partial<AuthorityDeps['settings']>;
  /** False: RPTs come without a refresh token. */
  rptsRefresh?: false;
  /** True: also introspection by GET with the token in the query; a switch. */
  introspectionGet?: true;
  /** The vendor's own endpoints. */
  routes?(app: FastifyInstance, services: LayoutServices): void | Promise<void>;
  /** Called at every start, before the first request. */
  prepare?(services: Pick<LayoutServices, 'issuer' | 'stores' | 'now'>): Promise<void>;
  /** Reads the vendor's own configuration file: the layout for it, and what the file says that is not taken over. */
  read?(file: unknown, overrides: ConfigOverrides): Promise<{ layout: Layout; config: ServerConfig; notes: string[] }>;
  /** Tokens that the vendor's manual prints, put in place when the fixture is used. */
  preload?(services: Pick<LayoutServices, 'issuer' | 'stores' | 'now'>): Promise<void>;
}
