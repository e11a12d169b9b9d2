/** The uma-ticket grant after client authentication: UMA Grant 3.3.1 to 3.3.6, in the order of the assessment's steps. */
import { hash } from 'node:crypto';
import { ID_TOKEN_FORMAT, type RequiredClaim } from '../../protocol/claims.ts';
import type { Party } from '../../protocol/owner.ts';
import { parseScope } from '../../protocol/scopes.ts';
import type { GatheredClaims, ResourceRecord, TicketRecord } from '../stores/types.ts';
import { type Assessment, assess, type Wanted } from './assess.ts';
import {
  type AuthorityDeps,
  accountClaims,
  type RedeemContext,
  type RedeemParams,
  type RequestChoices,
  type WireAnswer,
  wireError,
} from './deps.ts';
import { gatherClaims, issuePct } from './gathered-claims.ts';
import { findUpgradable, INVALID_GRANT, issueRpt, type RptSubject } from './rpt.ts';
import { keyOf, newId, newSecret } from './secrets.ts';
import type { AuthorizationSettings } from './settings.ts';

export const REQUEST_SUBMITTED =
  'The client is not authorised to access the requested resource set. A request has been submitted to the resource owner requesting access to the resource';

/** Redeems a ticket. Every answer of the grant is a {@link WireAnswer}; it throws only when a store fails. */
export async function redeem(deps: AuthorityDeps, params: RedeemParams, context: RedeemContext): Promise<WireAnswer> {
  const { ticket: secret, claim_token, claim_token_format } = params;
  if (secret === undefined || secret === '') return wireError(400, 'invalid_request', '"ticket" is required');
  if ((claim_token === undefined) !== (claim_token_format === undefined)) {
    return wireError(400, 'invalid_request', '"claim_token" and "claim_token_format" are sent together or not at all');
  }

  const { ticket_survives_refusal: survives } = deps.settings;
  const taken = await (survives ? bind : take)(deps, secret, context);
  if ('status' in taken) return taken;
  const { ticket } = taken;
  if (!provesChallenge(ticket, params.code_verifier)) return wireError(400, 'invalid_grant', INVALID_GRANT);
  const origins = params.resource === undefined ? undefined : deps.directory.originsOf(ticket.rs);
  if (origins !== undefined && !origins.includes(originOf(params.resource))) {
    return wireError(400, 'invalid_target', 'the ticket was not made by the resource server named in "resource"');
  }

  const { gathered, fault } = await gatherClaims(deps, ticket, params, context);
  const party = gathered?.party;
  const { decisions } = deps.stores;
  for (;;) {
    const version = await decisions.version(ticket.owner);
    const assessment = await decide(deps, ticket, gathered, params.scope, context);
    if (assessment === undefined) return wireError(400, 'invalid_grant', INVALID_GRANT);
    if (assessment.kind === 'granted' && context.choices?.dry)
      return { status: 200, body: { permissions: assessment.permissions } };
    if (assessment.kind !== 'granted') return refuse(deps, ticket, assessment, { gathered, fault }, context);
    // RPTs are somebody's even where a policy asks for nobody: an unidentified party gets a name of its own.
    const subject: RptSubject = {
      ...ticket,
      client_id: context.client.id,
      party: party ?? { iss: deps.issuer, sub: `anonymous:${ticket.chain}` },
    };
    const earlier = params.rpt === undefined ? undefined : await findUpgradable(deps, params.rpt, subject, context);
    const { answer, takeBack } = await issueRpt(deps, subject, assessment.permissions, context, earlier);
    // A revocation that was acknowledged while this went on has not seen the new RPT: look again, now that it can be seen.
    if ((await decisions.version(ticket.owner)) !== version) {
      await takeBack();
      continue;
    }
    if (survives) {
      // Nobody has seen the RPT yet: of several that got here with one ticket, the one that takes it keeps its own.
      const spent = await take(deps, secret, context);
      if ('status' in spent) {
        await takeBack();
        return spent;
      }
    }
    if (earlier !== undefined) await deps.stores.rpts.delete(earlier.key);
    const pct = await issuePct(deps, gathered, context);
    if (pct !== undefined) answer.body.pct = pct;
    // ATK-02: the client learns that its resource server is the one of the ticket (RFC 8707 has no member for it; a draft has).
    if (origins !== undefined) answer.body.resource = originOf(params.resource);
    await Promise.all(
      assessment.permissions.map(({ resource_id, resource_scopes }) =>
        record(deps, 'rpt_issued', ticket, resource_id, resource_scopes, subject.party, context),
      ),
    );
    return answer;
  }
}

/** Assesses the ticket by what is stored at this moment; undefined when none of its resources exists any more (Q10). */
async function decide(
  deps: AuthorityDeps,
  ticket: TicketRecord,
  gathered: GatheredClaims | undefined,
  scope: string | undefined,
  { client, now, choices }: RedeemContext,
): Promise<Assessment | undefined> {
  const resources = await currentResources(deps, ticket);
  if (resources.length === 0) return undefined;
  const ids = resources.map(({ record }) => record.id);
  const party = gathered?.party;
  return assess({
    resources: resources.map(({ record, scopes }) => ({
      id: record.id,
      ticket: scopes,
      available: record.description.resource_scopes,
      may_ask: deps.mayAsk?.(record) ?? true,
    })),
    owner: { iss: deps.issuer, sub: ticket.owner },
    registered: client.registered_scopes,
    requested: parseScope(scope),
    client_id: client.id,
    party,
    claims: [...(gathered?.claims ?? []), ...accountClaims(deps, party)],
    policies: await deps.stores.policies.ofResources(ids),
    denials: party === undefined ? [] : await deps.stores.requests.denied(ids, party),
    settings: chosen(deps.settings, choices),
    now,
  });
}

/** A request can ask for less than the settings allow, never for more than they do about asking the owner. */
function chosen(settings: AuthorizationSettings, { ask_owner = true, partial }: RequestChoices = {}) {
  return {
    ...settings,
    ask_owner: settings.ask_owner && ask_owner,
    ...(partial === undefined ? {} : { partial }),
  };
}

/** The answer to everything but a grant (UMA Grant 3.3.6). */
async function refuse(
  deps: AuthorityDeps,
  ticket: TicketRecord,
  assessment: Exclude<Assessment, { kind: 'granted' }>,
  { gathered, fault }: { gathered: GatheredClaims | undefined; fault: string | undefined },
  context: RedeemContext,
): Promise<WireAnswer> {
  switch (assessment.kind) {
    case 'invalid_scope':
      return wireError(400, 'invalid_scope', `no resource of the ticket offers ${assessment.scopes.join(' ')}`);
    case 'need_info': {
      const next = await nextTicket(deps, ticket, gathered, context);
      const { claimsInteractionEndpoint: redirect_user } = deps;
      const why =
        fault === undefined
          ? 'More information about the requesting party is needed'
          : `The claim token is not accepted: ${fault}`;
      return {
        status: 403,
        body: {
          error: 'need_info',
          error_description: why,
          ...next,
          required_claims: requiredClaims(deps, assessment.wanted),
          ...(redirect_user === undefined ? {} : { redirect_user }),
        },
      };
    }
    case 'request_submitted': {
      const requests = await submit(deps, ticket, assessment.asks, gathered!.party!, context);
      const next = await nextTicket(deps, { ...ticket, requests }, gathered, context);
      return {
        status: 403,
        body: {
          error: 'request_submitted',
          error_description: REQUEST_SUBMITTED,
          ...next,
          interval: deps.settings.interval,
        },
      };
    }
    case 'request_denied':
      return wireError(403, 'request_denied', 'The client is not authorised to have these permissions.');
  }
}

/** Takes the ticket; a replay by another client kills what the first one got (GRANT-5.5-05). */
async function take({ stores, settings }: AuthorityDeps, secret: string, { client, now }: RedeemContext) {
  const taken = await stores.tickets.take(keyOf(secret), now, client.id);
  if (taken.kind === 'taken') return { ticket: taken.ticket };
  if (taken.kind === 'used' && settings.revoke_on_replay && taken.client_id !== client.id) {
    await stores.refreshes.revoke({ chain: taken.chain });
    await stores.rpts.revoke({ chain: taken.chain });
  }
  return wireError(400, 'invalid_grant', INVALID_GRANT);
}

/** The ticket stays usable; from now on by this client only. */
async function bind({ stores }: AuthorityDeps, secret: string, { client, now }: RedeemContext) {
  const bound = await stores.tickets.bind(keyOf(secret), now, client.id);
  return bound.kind === 'taken' ? { ticket: bound.ticket } : wireError(400, 'invalid_grant', INVALID_GRANT);
}

/** RFC 7636 4.6, with the downgrade check: a verifier for a ticket that has no challenge is refused as well. */
function provesChallenge({ code_challenge }: TicketRecord, verifier: string | undefined): boolean {
  if (code_challenge === undefined) return verifier === undefined;
  return verifier !== undefined && hash('sha256', verifier, 'base64url') === code_challenge;
}

function originOf(resource: string | undefined): string {
  return resource !== undefined && URL.canParse(resource) ? new URL(resource).origin : '';
}

/** The ticket's resources that still exist, with what is left of the ticket's scopes (Q10). */
async function currentResources(
  { stores }: AuthorityDeps,
  ticket: TicketRecord,
): Promise<{ record: ResourceRecord; scopes: string[] }[]> {
  const found = await Promise.all(
    ticket.permissions.map(async ({ resource_id, resource_scopes }) => ({
      record: await stores.resources.find(resource_id, { owner: ticket.owner, rs: ticket.rs }),
      scopes: resource_scopes,
    })),
  );
  return found.filter((item): item is { record: ResourceRecord; scopes: string[] } => item.record !== undefined);
}

/** A new ticket for the same permissions, with the claims so far, bound to this client (ATK-08); none where the old one goes on. */
async function nextTicket(
  { stores, settings }: AuthorityDeps,
  ticket: TicketRecord,
  gathered: GatheredClaims | undefined,
  { client, now }: RedeemContext,
): Promise<{ ticket?: string }> {
  if (settings.ticket_survives_refusal) return {};
  const { chain, owner, rs, permissions, requests } = ticket;
  const secret = newSecret();
  const next: TicketRecord = {
    key: keyOf(secret),
    chain,
    owner,
    rs,
    permissions,
    client_id: client.id,
    // GRANT-5.5-06: it has to outlive the wait that the answer asks for.
    expires_at: now + Math.max(settings.ticket_ttl, settings.interval * 3),
  };
  if (gathered !== undefined) next.gathered = gathered;
  if (requests !== undefined) next.requests = requests;
  await stores.tickets.put(next);
  return { ticket: secret };
}

function requiredClaims({ trustedIssuers }: AuthorityDeps, wanted: readonly Wanted[]): RequiredClaim[] {
  const claim_token_format = [ID_TOKEN_FORMAT];
  return wanted.map((item) => {
    if (item === 'identity')
      return {
        name: 'sub',
        friendly_name: 'who the requesting party is',
        claim_token_format,
        issuer: [...trustedIssuers],
      };
    const { name, friendly_name, claim_type, issuer } = item;
    return {
      name,
      ...(friendly_name === undefined ? {} : { friendly_name }),
      ...(claim_type === undefined ? {} : { claim_type }),
      claim_token_format,
      issuer: issuer ?? [...trustedIssuers],
    };
  });
}

/** Files what the owner has to decide, one request a resource; a repeat finds the open one (ATK-26). */
async function submit(
  deps: AuthorityDeps,
  ticket: TicketRecord,
  asks: readonly { resource_id: string; scopes: string[] }[],
  party: Party,
  context: RedeemContext,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { resource_id, scopes } of asks) {
    const { request, created } = await deps.stores.requests.file({
      id: newId(),
      owner: ticket.owner,
      status: 'pending',
      resource_id,
      scopes,
      party,
      client_id: context.client.id,
      created_at: context.now,
    });
    if (created) await record(deps, 'request_submitted', ticket, resource_id, scopes, party, context);
    ids.push(request.id);
  }
  return ids;
}

async function record(
  { stores }: AuthorityDeps,
  type: 'rpt_issued' | 'request_submitted',
  { owner }: TicketRecord,
  resource_id: string,
  scopes: string[],
  party: Party,
  { client, now }: RedeemContext,
): Promise<void> {
  await stores.history.append({ id: newId(), owner, type, at: now, resource_id, scopes, party, client_id: client.id });
}
