/** The uma-ticket grant at Keycloak: its extensions, its two words of refusal, and the second look that tells them apart. */
import { ID_TOKEN_FORMAT } from '../../../protocol/claims.ts';
import { type ErrorDetails, UmaError } from '../../../protocol/errors.ts';
import {
  bearer,
  clientAuthentication,
  formPost,
  type HttpExchange,
  isObject,
  jsonRequest,
  jsonValue,
  refusal,
} from '../../../protocol/http.ts';
import { readPermissions } from '../../../protocol/introspection.ts';
import type { PartialMetadata } from '../../../protocol/metadata.ts';
import { type Granted, type Outcome, readOutcome, UMA_TICKET_GRANT } from '../../../protocol/outcome.ts';
import type { RequestedPermission } from '../../../protocol/permission.ts';
import { decodeToken } from '../../../protocol/rpt.ts';
import {
  KEYCLOAK_NO_LIMIT,
  KEYCLOAK_OWNER_PATHS,
  KEYCLOAK_REFUSALS,
  type KeycloakPermissionTicket,
} from '../../../wire/keycloak.ts';
import type { Assessed, GrantDialect, GrantRequest, Note, WithToken } from '../dialect.ts';
import { standard } from '../standard.ts';
import { askedFor, isUri, lackingIn, lackingText } from './part.ts';
import { keycloakResource, refusedByProtection, wireErrorOf } from './refusals.ts';

/** `{"result":true}`, or an array of permissions. */
function assessment(exchange: HttpExchange): object {
  const value = jsonValue(exchange);
  if (typeof value === 'object' && value !== null) return value;
  throw new UmaError('peer', 'invalid_assessment', 'response_mode was answered with neither an object nor an array', {
    exchange,
  });
}

/** UMA's words for what Keycloak says. The ticket stays the same: it is good until it ends, and no other one comes. */
function refused(exchange: HttpExchange, sent: GrantRequest, note: Note): Outcome {
  const { status, body } = exchange.response;
  const error = wireErrorOf(body);
  const ticket = sent.ticket === undefined ? {} : { ticket: sent.ticket };
  if (status === 403 && error === 'access_denied') {
    const said = (JSON.parse(body) as { error_description?: unknown }).error_description;
    note(`a refusal is access_denied, "${String(said)}" tells which one, and no new ticket comes (UMA Grant 3.3.6)`);
    if (said === KEYCLOAK_REFUSALS.submitted && sent.ticket !== undefined) {
      const wire = {
        error: 'request_submitted',
        error_description: 'Keycloak: access_denied, request_submitted',
        ...ticket,
      };
      return { kind: 'request_submitted', ticket: sent.ticket, wire };
    }
    const wire = { error: 'request_denied', error_description: `Keycloak: access_denied, ${String(said)}` };
    return { kind: 'request_denied', wire };
  }
  if (error === 'invalid_claim_token' && sent.ticket !== undefined) {
    note('a claim token that is not accepted is invalid_claim_token, read as need_info (UMA Grant 3.3.6)');
    const required_claims = [
      { friendly_name: 'a new ID token for this client', claim_token_format: [ID_TOKEN_FORMAT] },
    ];
    const wire = { error: 'need_info', error_description: descriptionOf(body), required_claims, ...ticket };
    return { kind: 'need_info', ticket: sent.ticket, required_claims, wire };
  }
  throw grantFault(exchange, error);
}

/** [error on the wire]: the code of UMA, and what to do. */
const GRANT_FAULTS: Record<string, { code: string; hint: string }> = {
  invalid_ticket: {
    code: 'invalid_grant',
    hint: 'the ticket is not of this server, or has ended with the PAT that made it: uma ticket',
  },
  invalid_resource: {
    code: 'invalid_resource',
    hint: 'the resource was deleted, or is not of this server: uma resource list',
  },
  invalid_rpt: { code: 'invalid_rpt', hint: 'leave --rpt-file out, or give an RPT that has not ended' },
  unauthorized_client: {
    code: 'unauthorized_client',
    hint: "check the client's secret; and push a claim token: without one the client itself asks, which needs a service account",
  },
};

function grantFault(exchange: HttpExchange, error: string | undefined): UmaError {
  const spec = 'UMA Grant 3.3.6';
  const first = refusal(exchange, 'no RPT', { spec });
  const bad = exchange.request.headers.authorization?.startsWith('Bearer ') && error === 'invalid_grant';
  if (bad)
    return recoded(first, 'authentication', 'invalid_token', {
      hint: "get a new access token of the requesting party's",
    });
  const known = error === undefined ? undefined : GRANT_FAULTS[error];
  return known === undefined ? first : recoded(first, first.category, known.code, { hint: known.hint });
}

const recoded = (error: UmaError, category: UmaError['category'], code: string, details: ErrorDetails) =>
  new UmaError(category, code, error.message, {
    spec: error.spec,
    status: error.status,
    wire: error.wire,
    exchange: error.exchange,
    ...details,
  });

/** Less than was asked for is a success at Keycloak, and the rest of a ticket has been filed with the owner: to be said. */
function withMissing(outcome: Granted, sent: GrantRequest, note: Note): Granted {
  const { authorization } = decodeToken(outcome.rpt)?.payload ?? {};
  if (!isObject(authorization)) return outcome;
  note('the permissions of the RPT stand in its "authorization" (UMA Federated Authorization 5.1.1)');
  const missing = lackingIn(authorization.permissions, askedFor(sent) ?? []);
  return missing.length === 0 ? outcome : { ...outcome, missing };
}

/** True where a decision is made here, over the list of what may be had: Keycloak's own says yes to a part, and to other scopes of a name. */
const decidesHere = (sent: GrantRequest): boolean =>
  sent.response_mode === 'decision' && (askedFor(sent) ?? []).some(({ resource_id }) => resource_id !== '');

function decided(exchange: HttpExchange, sent: GrantRequest, note: Note): Outcome | Assessed {
  const lacking = lackingIn(assessment(exchange), askedFor(sent) ?? []);
  if (lacking.length === 0) return { kind: 'assessed', wire: { result: true } };
  note("Keycloak's decision is yes where any part is allowed; this one is no unless all of it is");
  const error_description = `only a part is allowed: not ${lackingText(lacking)}`;
  return { kind: 'request_denied', wire: { error: 'request_denied', error_description } };
}

/**
 * Keycloak says `request_submitted` even where nothing was filed, and `not_authorized` for "no", "not yet" and "never asked" alike.
 * The list of permission tickets, which the resource server may read, tells them apart.
 */
const secondLook: NonNullable<GrantDialect['secondLook']> = async (outcome, sent, metadata, asServer) => {
  const base = metadata.resource_owner_endpoint;
  const asked = readPermissions(decodeToken(sent.ticket ?? '')?.payload.permissions) ?? [];
  const sub = decodeToken(sent.claim_token ?? sent.bearer ?? '')?.payload.sub;
  const { ticket } = sent;
  if (base === undefined || ticket === undefined || asked.length === 0 || typeof sub !== 'string') return outcome;
  if (outcome.kind !== 'request_submitted' && outcome.kind !== 'request_denied') return outcome;
  for (const { resource_id, resource_scopes } of asked) {
    const filter = { resourceId: resource_id, requester: sub, returnNames: 'true', max: KEYCLOAK_NO_LIMIT };
    const url = `${base}${KEYCLOAK_OWNER_PATHS.tickets}?${new URLSearchParams(filter)}`;
    const exchange = await asServer((pat) => jsonRequest('GET', url, undefined, bearer(pat)));
    if (exchange.response.status >= 300) throw refusedByProtection(exchange, 'the requests were not listed');
    const filed = (jsonValue(exchange) as KeycloakPermissionTicket[]).filter(
      ({ scopeName = '' }) => resource_scopes.length === 0 || resource_scopes.includes(scopeName),
    );
    if (outcome.kind === 'request_submitted' && filed.length > 0) return outcome;
    if (filed.some(({ granted }) => !granted)) {
      const wire = {
        error: 'request_submitted',
        error_description: 'the request waits for the resource owner',
        ticket,
      };
      return { kind: 'request_submitted', ticket, wire };
    }
  }
  if (outcome.kind === 'request_denied') return outcome;
  throw await neverAsked(asked, metadata, asServer);
};

/** Why no request was filed: the switch is off, or the resource server owns the resource itself. */
async function neverAsked(
  asked: readonly RequestedPermission[],
  metadata: PartialMetadata,
  asServer: WithToken,
): Promise<UmaError> {
  const endpoint = metadata.resource_registration_endpoint;
  const off: string[] = [];
  let unread = 0;
  for (const { resource_id } of asked) {
    const exchange =
      endpoint === undefined
        ? undefined
        : await asServer((pat) => standard.protection.buildRead(endpoint, pat, resource_id));
    if (exchange?.response.status !== 200) unread += 1;
    else {
      const { name, ownerManagedAccess } = keycloakResource(jsonValue(exchange), exchange);
      if (ownerManagedAccess !== true) off.push(`"${name ?? resource_id}"`);
    }
  }
  const itsOwn = 'the resource server owns the resource itself, so nobody is asked';
  const switchedOff = `ownerManagedAccess is off for ${off.join(', ') || 'the resource'}`;
  const why = off.length > 0 ? switchedOff : unread > 0 ? `${switchedOff}, or ${itsOwn}` : itsOwn;
  const turnOn = 'uma resource update RESOURCE --owner-managed';
  return new UmaError(
    'config',
    'not_owner_managed',
    `Keycloak says request_submitted, but has filed no request: ${why}`,
    {
      spec: 'UMA Grant 3.3.6',
      hint: off.length > 0 || unread > 0 ? turnOn : "register it with its owner's PAT: uma register --owner NAME",
    },
  );
}

const descriptionOf = (body: string): string => {
  const { error_description } = JSON.parse(body) as { error_description?: unknown };
  return typeof error_description === 'string' ? error_description : 'invalid_claim_token';
};

export const keycloakGrant: GrantDialect = {
  build(endpoint, client, request) {
    const { bearer: asking, submit_request, permission, audience, scope, ...rest } = request;
    if (rest.ticket !== undefined && audience !== undefined)
      throw new UmaError(
        'usage',
        'conflicting_flags',
        'a ticket and an audience exclude each other: a ticket names its server',
      );
    if (rest.ticket === undefined && audience === undefined) {
      throw new UmaError('usage', 'no_ticket', 'neither a permission ticket nor an audience', {
        hint: 'without a ticket: --audience CLIENT-ID [--permission ID=SCOPE]',
      });
    }
    const { headers, members } =
      asking === undefined ? clientAuthentication(client) : { headers: bearer(asking), members: {} };
    const named = permission?.map(
      ({ resource_id, resource_scopes }) =>
        resource_id + (resource_scopes.length === 0 ? '' : `#${resource_scopes.join(',')}`),
    );
    const uris = permission?.filter(isUri).length ?? 0;
    if (uris > 1 && request.response_mode === 'decision') {
      throw new UmaError(
        'usage',
        'conflicting_flags',
        'no decision about several URIs at once: Keycloak does not say which of them is allowed',
        { hint: 'ask about one after the other, or by id or name' },
      );
    }
    if (uris > 0 && uris !== permission?.length)
      throw new UmaError('usage', 'conflicting_flags', 'resources are all named by URI, or all by id or name');
    return formPost(
      endpoint,
      {
        ...members,
        grant_type: UMA_TICKET_GRANT,
        ...rest,
        audience,
        permission: named,
        ...(decidesHere(request) ? { response_mode: 'permissions' } : {}),
        permission_resource_format: uris > 0 ? 'uri' : undefined,
        scope: scope === undefined || scope.length === 0 ? undefined : scope.join(' '),
        // Without a ticket nothing is ever filed; with one it is, unless this says no.
        submit_request: rest.ticket === undefined ? undefined : String(submit_request ?? true),
      },
      headers,
    );
  },
  read(exchange, sent, note) {
    const { status } = exchange.response;
    if (status === 200) {
      if (decidesHere(sent)) return decided(exchange, sent, note);
      if (sent.response_mode !== undefined) return { kind: 'assessed', wire: assessment(exchange) } satisfies Assessed;
      return withMissing(readOutcome(exchange, { ticket: sent.ticket ?? '' }) as Granted, sent, note);
    }
    return refused(exchange, sent, note);
  },
  extensions: ['submit_request', 'bearer', 'audience', 'permission', 'response_mode'],
  rotatesTickets: false,
  ticketSurvivesGrant: true,
  secondLook,
};
