/**
 * The claims interaction endpoint's rules (UMA Grant 3.3.2, 3.3.3, 5.1) without its pages: which redirect URI may be used, the
 * ticket that is spent on arrival, the interaction that the browser holds meanwhile, and the new ticket at the end.
 */
import type { PolicyClaim } from '../../protocol/owner.ts';
import { union } from '../../protocol/scopes.ts';
import type { BelievedClaim, TicketRecord } from '../stores/types.ts';
import { assess } from './assess.ts';
import { type AuthorityDeps, accountClaims } from './deps.ts';
import { keyOf, newSecret } from './secrets.ts';

/** A client as this endpoint has to know it. */
export interface ClaimsClient {
  id: string;
  name?: string | undefined;
  /** Exactly as registered. */
  claims_redirect_uris: readonly string[];
  registered_scopes?: readonly string[] | undefined;
}

/** Query parameters, each at most once. */
export interface InteractionParams {
  ticket?: string | undefined;
  claims_redirect_uri?: string | undefined;
  state?: string | undefined;
  code_challenge?: string | undefined;
  code_challenge_method?: string | undefined;
}

/** What the server remembers while the requesting party is on the pages. */
export interface ClaimsInteraction {
  ticket: TicketRecord;
  client: ClaimsClient;
  redirect_uri: string;
  state?: string;
  code_challenge?: string;
  /** Subject of the person who signed in on these pages. */
  sub?: string;
  [member: string]: unknown;
}

/** What the pages tell the requesting party (ATK-05), and what they ask. */
export interface InteractionView {
  client: string;
  resource_server: string;
  owner: string;
  resources: { name: string; scopes: string[] }[];
  /** Claims that policies ask for and the account has. */
  known: BelievedClaim[];
  /** Claims that policies ask for and that may be typed in here. */
  asked: Omit<PolicyClaim, 'values'>[];
}

/** Seconds that people have for the pages. */
const INTERACTION_TTL = 900;
const KIND = 'ClaimsInteraction';

export interface ClaimsInteractions {
  /** The URI to return to, or what is wrong with the request: then nobody is redirected (GRANT-3.3.3-08). */
  redirectUri(client: ClaimsClient, given: string | undefined): { uri: string } | { fault: string };
  /**
   * Spends the ticket and opens an interaction; its id is a secret for the browser's cookie.
   * `error` is for the redirect (RFC 6749 4.1.2.1).
   */
  open(
    client: ClaimsClient,
    redirect_uri: string,
    params: InteractionParams,
    now: number,
  ): Promise<{ id: string } | { error: string; error_description: string }>;
  find(id: string, now: number): Promise<ClaimsInteraction | undefined>;
  /** Remembers who signed in. */
  signedIn(id: string, interaction: ClaimsInteraction, sub: string, now: number): Promise<void>;
  view(interaction: ClaimsInteraction, now: number): Promise<InteractionView>;
  /**
   * Ends the interaction, once; undefined for the second of two answers. The address to send the browser to, with a new ticket, or
   * with `access_denied` when the requesting party said no.
   */
  finish(
    id: string,
    interaction: ClaimsInteraction,
    answer: { agreed: false } | { agreed: true; persist: boolean; typed: Record<string, string> },
    now: number,
  ): Promise<string | undefined>;
}

export function createClaimsInteractions(deps: AuthorityDeps): ClaimsInteractions {
  const { issuer, stores, settings, directory } = deps;

  const save = (id: string, payload: ClaimsInteraction, now: number) =>
    stores.artifacts.put({ kind: KIND, id: keyOf(id), payload, expires_at: now + INTERACTION_TTL });

  /** What policies would like to know of this person, after what the account says. */
  async function wanted(
    { ticket, client, sub }: ClaimsInteraction,
    now: number,
  ): Promise<Omit<PolicyClaim, 'values'>[]> {
    const found = await Promise.all(
      ticket.permissions.map(async (permission) => ({
        permission,
        record: await stores.resources.get(permission.resource_id),
      })),
    );
    const assessment = assess({
      resources: found.map(({ permission, record }) => ({
        id: permission.resource_id,
        ticket: permission.resource_scopes,
        available: record?.description.resource_scopes ?? [],
      })),
      owner: { iss: issuer, sub: ticket.owner },
      registered: client.registered_scopes,
      requested: [],
      client_id: client.id,
      party: sub === undefined ? undefined : { iss: issuer, sub },
      claims: ticket.gathered?.claims ?? [],
      policies: await stores.policies.ofResources(ticket.permissions.map(({ resource_id }) => resource_id)),
      denials: [],
      settings: { ...settings, partial: 'never' },
      now,
    });
    return assessment.kind === 'need_info' ? assessment.wanted.filter((item) => item !== 'identity') : [];
  }

  async function view(interaction: ClaimsInteraction, now: number): Promise<InteractionView> {
    const { ticket, client, sub } = interaction;
    const claims = await wanted(interaction, now);
    const account = sub === undefined ? [] : accountClaims(deps, { iss: issuer, sub });
    const names = new Set(claims.map(({ name }) => name));
    const known = account.filter(({ name }) => names.has(name));
    const has = new Set(known.map(({ name }) => name));
    const owner = directory.bySub(ticket.owner);
    const resources = await Promise.all(
      ticket.permissions.map(async ({ resource_id, resource_scopes }) => ({
        name: (await stores.resources.get(resource_id))?.description.name ?? resource_id,
        scopes: resource_scopes,
      })),
    );
    return {
      client: client.name ?? client.id,
      resource_server: directory.clientName(ticket.rs) ?? ticket.rs,
      owner: owner?.name ?? owner?.username ?? ticket.owner,
      resources,
      known,
      asked: claims.filter(({ name }) => !has.has(name) && settings.self_asserted_claims.includes(name)),
    };
  }

  return {
    redirectUri({ claims_redirect_uris: registered }, given) {
      if (given !== undefined) {
        // Simple string comparison (GRANT-3.3.2-11); what is not registered is not even looked at further.
        return registered.includes(given)
          ? { uri: given }
          : { fault: 'claims_redirect_uri is not one that the client has registered' };
      }
      const [only, ...others] = registered;
      return only !== undefined && others.length === 0
        ? { uri: only }
        : { fault: 'claims_redirect_uri is required: the client has registered none, or several' };
    },

    async open(client, redirect_uri, params, now) {
      const { ticket: secret, state, code_challenge, code_challenge_method } = params;
      const invalid = (error_description: string) => ({ error: 'invalid_request', error_description });
      if (secret === undefined || secret === '') return invalid('ticket is required');
      if (code_challenge !== undefined && code_challenge_method !== 'S256')
        return invalid('code_challenge_method must be S256');
      if (code_challenge === undefined && code_challenge_method !== undefined)
        return invalid('code_challenge is required');
      if (code_challenge !== undefined && !/^[\w-]{43}$/.test(code_challenge))
        return invalid('code_challenge is not a SHA-256 digest');
      const taken = await stores.tickets.take(keyOf(secret), now, client.id);
      if (taken.kind !== 'taken') return invalid('the ticket is invalid, expired or used');
      const id = newSecret();
      await save(
        id,
        {
          ticket: taken.ticket,
          client,
          redirect_uri,
          ...(state === undefined ? {} : { state }),
          ...(code_challenge === undefined ? {} : { code_challenge }),
        },
        now,
      );
      return { id };
    },

    async find(id, now) {
      const artifact = await stores.artifacts.get(KIND, keyOf(id), now);
      return artifact === undefined || artifact.consumed_at !== undefined
        ? undefined
        : (artifact.payload as ClaimsInteraction);
    },

    async signedIn(id, interaction, sub, now) {
      await save(id, { ...interaction, sub }, now);
    },

    view,

    async finish(id, interaction, answer, now) {
      const { ticket, client, redirect_uri, state, sub, code_challenge } = interaction;
      const { asked, known } = answer.agreed ? await view(interaction, now) : { asked: [], known: [] };
      if (!(await stores.artifacts.consume(KIND, keyOf(id), now))) return undefined;
      const members: Record<string, string> = {};
      if (answer.agreed && sub !== undefined) {
        const typed = asked
          .map(({ name }) => ({ name, value: answer.typed[name]?.trim() ?? '', issuer }))
          .filter(({ value }) => value !== '');
        const earlier =
          ticket.gathered?.party?.sub === sub && ticket.gathered.party.iss === issuer ? ticket.gathered.claims : [];
        const person = directory.bySub(sub);
        const secret = newSecret();
        await stores.tickets.put({
          key: keyOf(secret),
          chain: ticket.chain,
          owner: ticket.owner,
          rs: ticket.rs,
          permissions: ticket.permissions,
          client_id: client.id,
          gathered: {
            party: { iss: issuer, sub, name: person?.name ?? person?.username ?? sub },
            claims: [...known, ...typed, ...earlier.filter(({ name }) => !typed.some((claim) => claim.name === name))],
            at: now,
            ...(answer.persist ? { persist: true } : {}),
          },
          ...(code_challenge === undefined ? {} : { code_challenge }),
          ...(ticket.requests === undefined ? {} : { requests: union(ticket.requests) }),
          expires_at: now + settings.ticket_ttl,
        });
        members.ticket = secret;
      } else {
        members.error = 'access_denied';
        members.error_description = 'the requesting party did not agree';
      }
      return returnAddress(issuer, { redirect_uri, state }, members);
    },
  };
}

/**
 * The address of the return redirect: the query that the URI has stays as it is (GRANT-3.3.2-06), `state` comes back unchanged
 * (GRANT-3.3.3-03), and `iss` says which AS it comes from, as in RFC 9207 (SEC-9207-03).
 */
export function returnAddress(
  issuer: string,
  { redirect_uri, state }: { redirect_uri: string; state?: string | undefined },
  members: Record<string, string>,
): string {
  const query = new URLSearchParams({ ...members, ...(state === undefined ? {} : { state }), iss: issuer });
  return `${redirect_uri}${redirect_uri.includes('?') ? '&' : '?'}${query}`;
}
