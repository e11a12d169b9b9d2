/** What happens to one request: passed on, challenged or refused (UMA Grant 3.2 and 3.5; UMA Federated Authorization 4 and 5). */
import type { ResourceServer } from '../client/resource-server.ts';
import { formatUmaChallenge, quote } from '../protocol/challenge.ts';
import { DPOP_ALGS } from '../protocol/dpop.ts';
import { UmaError } from '../protocol/errors.ts';
import { includesAll } from '../protocol/scopes.ts';
import type { Identity } from './headers.ts';
import { type Match, matchRequest, type Subject } from './match.ts';
import type { Pats } from './pats.ts';
import type { Proofs } from './proofs.ts';
import type { Routes } from './routes.ts';
import type { Shares } from './shares.ts';
import type { TicketBudget } from './ticket-budget.ts';
import type { Rpt, Verifier } from './verify.ts';

export const UNREACHABLE = '199 - "UMA Authorization Server Unreachable"';

export type Verdict =
  | { kind: 'forward'; match: Match; identity?: Identity; until?: number | undefined }
  /** `header` is the value of `WWW-Authenticate`. */
  | { kind: 'challenge'; header: string }
  | { kind: 'unreachable' }
  | { kind: 'denied' }
  /** Seconds. */
  | { kind: 'limited'; wait: number };

export interface Asked {
  method: string;
  /** The request target as sent. */
  target: string;
  authorization: string | undefined;
  /** The DPoP header. */
  proof: string | string[] | undefined;
  ip: string;
}

export interface Enforcement {
  issuer: string;
  routes: Routes;
  pats: Pats;
  shares: Shares;
  verifier: Verifier;
  proofs: Proofs;
  /** Known once the gateway listens. */
  site: { publicUrl: string };
  budget: TicketBudget;
  /** Told why an AS could not be asked. */
  log: (message: string, error: unknown) => void;
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @throws UmaError `ambiguous_path`, `ambiguous_query`: the request is not to be answered with anything but 400. */
export async function enforce(gate: Enforcement, asked: Asked): Promise<Verdict> {
  const match = matchRequest(gate.routes, asked.method, asked.target);
  if (match.subject === undefined) return match.access === 'pass' ? { kind: 'forward', match } : { kind: 'denied' };
  const { subject } = match;
  const [, scheme = '', token] = /^(Bearer|DPoP) +([\w\-.~+/]+=*) *$/i.exec(asked.authorization ?? '') ?? [];
  const write = !READS.has(asked.method);
  const atHand = token !== undefined && gate.verifier.knows(token, subject.owner, write);
  // Who has used up his tickets causes no call at all, unless he comes with an RPT that is known to be good.
  const wait = gate.budget.wait(asked.ip);
  if (wait > 0 && !atHand) return { kind: 'limited', wait };
  try {
    const server = gate.pats.serverFor(subject.owner);
    if (server === undefined) {
      gate.budget.take(asked.ip);
      throw new UmaError('config', 'not_connected', `${subject.owner ?? 'the owner'} has not connected this gateway`);
    }
    const rpt = token === undefined ? undefined : await gate.verifier.verify(token, subject.owner, write, server);
    const fault = rpt === undefined ? undefined : await unproven(gate, asked, match, scheme, token ?? '', rpt);
    if (rpt !== undefined && fault === undefined && allows(rpt, gate, subject))
      return passed(gate, match, subject, rpt);
    if (wait > 0) return { kind: 'limited', wait };
    gate.budget.take(asked.ip);
    const known = rpt !== undefined && fault === undefined;
    const error = token === undefined ? undefined : known ? 'insufficient_scope' : 'invalid_token';
    const header = await challenge(gate, subject, server, error);
    return { kind: 'challenge', header: fault === undefined ? header : `${header}, ${dpopChallenge(fault)}` };
  } catch (error) {
    if (error instanceof UmaError && error.code === 'withdrawn') return { kind: 'denied' };
    gate.log(`no permission ticket for ${subject.name}`, error);
    return { kind: 'unreachable' };
  }
}

interface ProofFault {
  error: 'invalid_token' | 'invalid_dpop_proof';
  why: string;
}

/** A bound RPT is no bearer token, and an unbound one needs no proof (RFC 9449 7.1, 7.2; SEC-9449-04). */
async function unproven(
  { proofs, site }: Enforcement,
  { method, proof }: Asked,
  { target }: Match,
  scheme: string,
  token: string,
  { jkt }: Rpt,
): Promise<ProofFault | undefined> {
  const shownAsBound = scheme.toLowerCase() === 'dpop';
  if (jkt === undefined)
    return shownAsBound ? { error: 'invalid_token', why: 'the RPT is not bound to a key' } : undefined;
  if (!shownAsBound) return { error: 'invalid_token', why: 'the RPT is bound to a key' };
  const why = await proofs.fault({ method, url: site.publicUrl + target.path, proof, token, jkt });
  return why === undefined ? undefined : { error: 'invalid_dpop_proof', why };
}

const dpopChallenge = ({ error, why }: ProofFault): string =>
  `DPoP error="${error}", error_description=${quote(why)}, algs="${DPOP_ALGS.join(' ')}"`;

/** What is not registered is permitted to nobody. */
function allows(rpt: Rpt, gate: Enforcement, subject: Subject): boolean {
  const resource_id = gate.shares.idOf(subject);
  return rpt.permissions.some(
    (permission) =>
      resource_id !== undefined &&
      permission.resource_id === resource_id &&
      includesAll(permission.resource_scopes, subject.scopes),
  );
}

function passed(gate: Enforcement, match: Match, subject: Subject, rpt: Rpt): Verdict {
  const resource_id = gate.shares.idOf(subject) ?? '';
  const held = rpt.permissions.filter((permission) => permission.resource_id === resource_id);
  const ends = [rpt.exp, ...held.map(({ exp }) => exp)].filter((end) => end !== undefined);
  return {
    kind: 'forward',
    match,
    until: ends.length === 0 ? undefined : Math.min(...ends),
    identity: {
      issuer: rpt.issuer ?? gate.issuer,
      subject: rpt.subject,
      client: rpt.client,
      resource: resource_id,
      scopes: [...new Set(held.flatMap(({ resource_scopes }) => resource_scopes))],
      owner: subject.owner,
    },
  };
}

/** A fresh ticket for every challenge (GRANT-3.2.1-04), for the scopes that fit the attempt (GRANT-3.2-02). */
async function challenge(
  gate: Enforcement,
  subject: Subject,
  server: ResourceServer,
  error: string | undefined,
): Promise<string> {
  const { resource_id } = await gate.shares.of(subject, server);
  const ticket = await ticketFor(resource_id, subject, server).catch(async (failure: unknown) => {
    if (
      !(failure instanceof UmaError) ||
      (failure.code !== 'unknown_resource' && failure.code !== 'invalid_resource_id')
    )
      throw failure;
    const renewed = await gate.shares.renew(subject, server, resource_id);
    return ticketFor(renewed.resource_id, subject, server);
  });
  return formatUmaChallenge({ realm: gate.routes.file.realm ?? 'uma', as_uri: gate.issuer, ticket, error });
}

const ticketFor = async (resource_id: string, { scopes }: Subject, server: ResourceServer): Promise<string> =>
  (await server.ticket([{ resource_id, resource_scopes: [...scopes] }])).ticket;
