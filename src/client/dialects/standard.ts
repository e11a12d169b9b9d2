/** The two specifications to the letter, and for the owner's side our own extension (protocol/owner.ts). */
import { UmaError } from '../../protocol/errors.ts';
import { type HttpExchange, type HttpRequest, isObject } from '../../protocol/http.ts';
import { buildIntrospection, readIntrospection } from '../../protocol/introspection.ts';
import { buildTicketGrant, readOutcome, type TicketGrantRequest } from '../../protocol/outcome.ts';
import { OWNER_SCOPE } from '../../protocol/owner.ts';
import * as api from '../../protocol/owner-api.ts';
import { buildPermissionRequest, readPermissionTicket } from '../../protocol/permission.ts';
import * as registration from '../../protocol/resource.ts';
import { buildPasswordGrant, PAT_SCOPE, readTokenAnswer, type TokenAnswer } from '../../protocol/token.ts';
import type {
  Dialect,
  GrantDialect,
  GrantRequest,
  Note,
  OwnerApi,
  OwnerDialect,
  ProtectionDialect,
  TokenDialect,
  WithToken,
} from './dialect.ts';

/** The tolerant reader of protocol/token.ts, with its tolerance named (users meet such servers: `expires_in` as a string). */
function readToken(exchange: HttpExchange, what: string, note: Note): TokenAnswer {
  const answer = readTokenAnswer(exchange, what);
  const sent: unknown = JSON.parse(exchange.response.body);
  if (isObject(sent)) {
    if (typeof sent.token_type !== 'string')
      note('"token_type" is missing from a token answer, read as Bearer (RFC 6749 5.1)');
    if (sent.expires_in !== undefined && typeof sent.expires_in !== 'number')
      note(`"expires_in" of a token answer is no number: ${JSON.stringify(sent.expires_in)} (RFC 6749 5.1)`);
  }
  return answer;
}

const tokens: TokenDialect = {
  patScope: PAT_SCOPE,
  claimScope: 'openid email',
  readToken,
  tokenRefused: ({ response }) => response.status === 401,
};

const protection: ProtectionDialect = {
  buildCreate: registration.buildCreateResource,
  buildRead: registration.buildReadResource,
  buildUpdate: registration.buildUpdateResource,
  buildDelete: registration.buildDeleteResource,
  buildList: registration.buildListResources,
  readRegistration: registration.readRegistration,
  readResource: registration.readResource,
  readDeletion: registration.readDeletion,
  readIds: registration.readResourceIds,
  unknownResource: ({ response }) => response.status === 404 || wireError(response.body) === 'invalid_resource_id',
  buildTicket: buildPermissionRequest,
  readTicket: readPermissionTicket,
  introspectsWith: 'pat',
  buildIntrospection(endpoint, authorization, token) {
    if ('pat' in authorization) return buildIntrospection(endpoint, authorization.pat, token);
    throw new UmaError('internal', 'no_pat', 'introspection of UMA Federated Authorization 5.1 is authorized by a PAT');
  },
  readIntrospection,
};

const EXTENSIONS = ['submit_request', 'bearer', 'audience', 'permission', 'response_mode'] as const;

/** @throws UmaError `no_ticket`, `extension_unknown` (usage). */
function ticketRequest(request: GrantRequest): TicketGrantRequest {
  const used = EXTENSIONS.find((name) => request[name] !== undefined);
  if (used !== undefined) {
    throw new UmaError(
      'usage',
      'extension_unknown',
      `"${used}" is no part of UMA, and this server is not known to have it`,
      {
        spec: 'UMA Grant 3.3.1',
        hint: 'if it is a Keycloak that was not recognised: --dialect keycloak',
      },
    );
  }
  const { ticket, ...rest } = request;
  if (ticket !== undefined) return { ...rest, ticket };
  throw new UmaError('usage', 'no_ticket', 'the grant is made for a permission ticket', { spec: 'UMA Grant 3.3.1' });
}

const grant: GrantDialect = {
  build: (endpoint, client, request) => buildTicketGrant(endpoint, client, ticketRequest(request)),
  read: (exchange, sent) => readOutcome(exchange, ticketRequest(sent)),
  extensions: [],
  rotatesTickets: true,
  ticketSurvivesGrant: false,
};

const owner: OwnerDialect = {
  signsInWith: 'app',
  signInScope: OWNER_SCOPE,
  buildSignIn: (metadata, app, person) =>
    buildPasswordGrant(metadata.token_endpoint, app, { ...person, scope: OWNER_SCOPE }),
  readSignIn: (exchange, note) => readToken(exchange, "no token for the owner's API", note),
  api: (metadata, asOwner) => {
    const base = metadata.resource_owner_endpoint;
    return base === undefined ? undefined : ownerApi(base, asOwner);
  },
};

function ownerApi(base: string, asOwner: WithToken): OwnerApi {
  const all = async <T>(
    build: (token: string, after: string | undefined) => HttpRequest,
    read: (exchange: HttpExchange) => api.ListPage<T>,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<T[]> => {
    const items: T[] = [];
    const seen = new Set<string>();
    for (let after: string | undefined; ; ) {
      const start = after;
      const exchange = await asOwner((token) => build(token, start));
      const page = read(exchange);
      items.push(...page.items);
      if (page.next === undefined || items.length >= limit) return items.slice(0, limit);
      if (seen.has(page.next)) {
        throw new UmaError('peer', 'endless_list', `the list at ${base} names the page "${page.next}" twice`, {
          exchange,
        });
      }
      seen.add(page.next);
      after = page.next;
    }
  };
  return {
    rptSurvivesRevocation: false,
    requests: ({ status } = {}) =>
      all((token, after) => api.buildListRequests(base, token, { status, after }), api.readRequestList),
    request: async (id) => api.readAccessRequest(await asOwner((token) => api.buildReadRequest(base, token, id))),
    approve: async (id, decision) =>
      api.readAccessRequest(await asOwner((token) => api.buildApproval(base, token, id, decision))),
    deny: async (id, decision) =>
      api.readAccessRequest(await asOwner((token) => api.buildDenial(base, token, id, decision))),
    policies: ({ resource_id } = {}) =>
      all((token, after) => api.buildListPolicies(base, token, { resource_id, after }), api.readPolicyList),
    policy: async (id) => api.readPolicy(await asOwner((token) => api.buildReadPolicy(base, token, id))),
    createPolicy: async (policy) =>
      api.readPolicy(await asOwner((token) => api.buildCreatePolicy(base, token, policy))),
    updatePolicy: async (id, policy) =>
      api.readPolicy(await asOwner((token) => api.buildUpdatePolicy(base, token, id, policy))),
    deletePolicy: async (id) => api.readOwnerDeletion(await asOwner((token) => api.buildDeletePolicy(base, token, id))),
    revoke: async (revocation) =>
      api.readRevocationAnswer(await asOwner((token) => api.buildOwnerRevocation(base, token, revocation))),
    resources: () => all((token, after) => api.buildListOwned(base, token, { after }), api.readOwnedList),
    shared: () => all((token, after) => api.buildListShared(base, token, { after }), api.readSharedList),
    giveUp: async (id) => api.readOwnerDeletion(await asOwner((token) => api.buildGiveUp(base, token, id))),
    history: ({ limit, type, resource_id, username }) =>
      all(
        (token, after) =>
          api.buildListHistory(base, token, {
            limit: String(Math.min(limit, 100)),
            type,
            resource_id,
            username,
            after,
          }),
        api.readHistoryList,
        limit,
      ),
    person: async (username) => {
      const exchange = await asOwner((token) => api.buildFindPerson(base, token, username));
      return exchange.response.status === 404 ? undefined : api.readPerson(exchange);
    },
  };
}

function wireError(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value.error : undefined;
  } catch {
    return undefined;
  }
}

export const standard: Dialect = {
  name: 'standard',
  vendor: undefined,
  recognises: () => 'no sign of a known vendor: taken to keep to the specifications',
  deviations: [],
  complete: (metadata) => metadata,
  tokens,
  protection,
  grant,
  owner,
};
