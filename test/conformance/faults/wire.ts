/** Faults in the shape of answers: statuses, headers, members. */
import {
  answering,
  at,
  json,
  TICKET,
  ticketGrant,
  tokenRequest,
  withJson,
  without,
  withoutHeader,
  withStatus,
} from './change.ts';
import { type Fault, formOf, jsonOf } from './proxy.ts';

const outcome = (error: string, change: (body: Record<string, unknown>, sent: string) => Record<string, unknown>) =>
  answering(ticketGrant, (reply, message) =>
    jsonOf(reply).error === error
      ? withJson((body) => change(body, formOf(message).get('ticket') ?? ''))(reply)
      : reply,
  );
const document = (change: (body: Record<string, unknown>) => Record<string, unknown>) =>
  answering(at('/.well-known'), withJson(change));
const success = (change: (body: Record<string, unknown>) => Record<string, unknown>) =>
  answering(ticketGrant, (reply) => (reply.status === 200 ? withJson(change)(reply) : reply));
const introspected = (change: (body: Record<string, unknown>) => Record<string, unknown>) =>
  answering(at('/introspect'), (reply) => (jsonOf(reply).active === true ? withJson(change)(reply) : reply));

export const WIRE_FAULTS: readonly Fault[] = [
  {
    name: 'the discovery document names another issuer',
    row: 'GRANT-2-03',
    check: 'core/metadata-document',
    handle: document((body) => ({ ...body, issuer: `${String(body.issuer)}/` })),
  },
  {
    name: 'the discovery document has an empty array',
    row: 'SEC-8414-03',
    check: 'core/metadata-document',
    handle: document((body) => ({ ...body, ui_locales_supported: [] })),
  },
  {
    name: 'the discovery document does not name the grant',
    row: 'SEC-8414-04',
    check: 'core/metadata-document',
    handle: document(without('grant_types_supported')),
  },
  {
    name: 'the success answer has a scope',
    row: 'GRANT-3.3.5-10',
    check: 'core/grant-success',
    handle: success((body) => ({ ...body, scope: 'view' })),
  },
  {
    name: 'the success answer may be cached',
    row: 'GRANT-3.3.5-02',
    check: 'core/grant-success',
    handle: answering(at('/token'), withoutHeader('cache-control')),
  },
  {
    name: 'expires_in is a string',
    row: 'GRANT-3.3.5-03',
    check: 'core/grant-success',
    handle: success((body) => ({ ...body, expires_in: String(body.expires_in) })),
  },
  {
    name: 'token_type is missing',
    row: 'GRANT-3.3.5-01',
    check: 'core/grant-success',
    handle: success(without('token_type')),
  },
  {
    name: '"upgraded" is always true',
    row: 'GRANT-3.3.5-08',
    check: 'core/upgrade',
    handle: success((body) => ({ ...body, upgraded: true })),
  },
  {
    name: '"upgraded" is never said',
    row: 'GRANT-3.3.5.1-03',
    check: 'core/upgrade',
    handle: success(without('upgraded')),
  },
  {
    name: 'need_info is 400',
    row: 'GRANT-3.3.6-05',
    check: 'core/need-info',
    handle: answering(ticketGrant, withStatus(403, 400)),
  },
  {
    name: 'need_info has no ticket',
    row: 'GRANT-3.3.6-06',
    check: 'core/need-info',
    handle: outcome('need_info', without('ticket')),
  },
  {
    name: 'need_info says nothing of what is needed',
    row: 'GRANT-3.3.6-07',
    check: 'core/need-info',
    handle: outcome('need_info', without('required_claims', 'redirect_user')),
  },
  {
    name: 'need_info gives the old ticket back',
    row: 'GRANT-3.3.6-08',
    check: 'core/need-info',
    handle: outcome('need_info', (body, ticket) => ({ ...body, ticket })),
  },
  {
    name: 'required_claims has a string where a list belongs',
    row: 'GRANT-3.3.6-10',
    check: 'core/need-info',
    handle: outcome('need_info', (body) => ({
      ...body,
      required_claims: [{ name: 'email', issuer: 'https://idp.example' }],
    })),
  },
  {
    name: 'redirect_user is relative',
    row: 'GRANT-3.3.6-12',
    check: 'core/need-info',
    handle: outcome('need_info', (body) => ({ ...body, redirect_user: '/claims' })),
  },
  {
    name: 'request_denied carries a ticket',
    row: 'GRANT-3.3.6-14',
    check: 'core/request-denied',
    handle: outcome('request_denied', (body, ticket) => ({ ...body, ticket: `${ticket}x` })),
  },
  {
    name: 'request_submitted is access_denied',
    row: 'GRANT-3.3.6-15',
    check: 'core/request-submitted',
    handle: outcome('request_submitted', (body) => ({ ...body, error: 'access_denied' })),
  },
  {
    name: 'request_submitted gives the old ticket back',
    row: 'GRANT-3.3.6-16',
    check: 'core/request-submitted',
    handle: outcome('request_submitted', (body, ticket) => ({ ...body, ticket })),
  },
  {
    name: 'interval is a string',
    row: 'GRANT-3.3.6-17',
    check: 'core/request-submitted',
    handle: outcome('request_submitted', (body) => ({ ...body, interval: '5' })),
  },
  {
    name: 'a refused client is invalid_request',
    row: 'GRANT-3.3.6-20',
    check: 'core/client-authentication',
    handle: answering(at('/token'), withStatus(401, 400)),
  },
  {
    name: 'a client without the grant gets invalid_request',
    row: 'GRANT-3.3.6-21',
    check: 'core/grant-not-allowed',
    handle: answering(
      ticketGrant,
      withJson((body) => (body.error === 'unauthorized_client' ? { ...body, error: 'invalid_request' } : body)),
    ),
  },
  {
    name: 'refresh is assessed anew',
    row: 'GRANT-3.6-03',
    check: 'core/refresh',
    handle: async (message, forward, { memory }) => {
      // From the first policy that asks for another claim on.
      if (message.url.pathname.startsWith('/owner/policies') && message.body.includes('conformance_extra_claim'))
        memory.set('changed', true);
      return memory.has('changed') && tokenRequest('refresh_token')(message)
        ? json(403, { error: 'need_info', ticket: 'x' })
        : forward(message);
    },
  },
  {
    name: 'create answers 200',
    row: 'FED-3.2.1-01',
    check: 'core/resource-lifecycle',
    handle: answering(at('/resource_set', 'POST'), withStatus(201, 200)),
  },
  {
    name: 'create has no Location',
    row: 'FED-3.2.1-02',
    check: 'core/resource-lifecycle',
    handle: answering(at('/resource_set', 'POST'), withoutHeader('location')),
  },
  {
    name: 'update answers without _id',
    row: 'FED-3.2-03',
    check: 'core/resource-lifecycle',
    handle: answering(at('/resource_set', 'PUT'), withJson(without('_id'))),
  },
  {
    name: 'the list is of objects',
    row: 'FED-3.2.5-01',
    check: 'core/resource-lifecycle',
    handle: answering(at('/resource_set', 'GET'), (reply) =>
      reply.body.startsWith('[')
        ? { ...reply, body: JSON.stringify((JSON.parse(reply.body) as string[]).map((_id) => ({ _id }))) }
        : reply,
    ),
  },
  {
    name: 'a resource that is not there is 400',
    row: 'FED-3.2-06',
    check: 'core/resource-not-found',
    handle: answering(at('/resource_set'), withStatus(404, 400)),
  },
  {
    name: 'a wrong method is 404',
    row: 'FED-3.2-08',
    check: 'core/resource-methods',
    handle: answering(at('/resource_set'), withStatus(405, 404)),
  },
  {
    name: 'the permission endpoint answers 200',
    row: 'FED-4.2-01',
    check: 'core/permission-request',
    handle: answering(at('/permission'), withStatus(201, 200)),
  },
  {
    name: 'an array of permissions gets an array of tickets',
    row: 'FED-4.2-02',
    check: 'core/permission-request',
    handle: answering(at('/permission'), (reply, { body }) =>
      body.startsWith('[')
        ? withJson(({ ticket }) => (ticket === undefined ? { error: 'x' } : { ticket: [ticket] }))(reply)
        : reply,
    ),
  },
  {
    name: 'an unknown resource is invalid_request',
    row: 'FED-4.3-02',
    check: 'core/permission-request',
    handle: answering(
      at('/permission'),
      withJson((body) => (body.error === 'invalid_resource_id' ? { error: 'invalid_request' } : body)),
    ),
  },
  {
    name: 'introspection has no permissions',
    row: 'FED-5.1.1-03',
    check: 'core/introspection',
    handle: introspected(without('permissions')),
  },
  {
    name: 'introspection nests permissions as Keycloak does',
    row: 'FED-5-02',
    check: 'core/introspection',
    handle: introspected(({ permissions, ...body }) => ({ ...body, authorization: { permissions } })),
  },
  {
    name: 'introspection of an RPT has a scope',
    row: 'FED-5.1.1-02',
    check: 'core/introspection',
    handle: introspected((body) => ({ ...body, scope: 'view' })),
  },
  {
    name: 'introspection counts in milliseconds',
    row: 'FED-5.1.1-06',
    check: 'core/introspection',
    handle: introspected((body) => ({ ...body, exp: Number(body.exp) * 1000 })),
  },
  {
    name: 'an inactive answer says more',
    row: 'SEC-7662-03',
    check: 'core/introspection',
    handle: answering(
      at('/introspect'),
      withJson((body) => (body.active === false ? { ...body, reason: 'expired' } : body)),
    ),
  },
  {
    name: 'no token is 403 at the protection API',
    row: 'FED-1.3-02',
    check: 'security/pat-required',
    handle: answering(at('/resource_set'), withStatus(401, 403)),
  },
  {
    name: 'the challenge of a bad PAT is missing',
    row: 'FED-1.3-02',
    check: 'security/pat-required',
    handle: answering(at('/permission'), withoutHeader('www-authenticate')),
  },
  {
    name: 'refresh gives a new RPT where it should refuse a scope',
    row: 'GRANT-3.6-04',
    check: 'core/refresh',
    handle: async (message, forward) => {
      const reply = await forward(message);
      return tokenRequest('refresh_token')(message) && jsonOf(reply).error === 'invalid_scope'
        ? json(200, { access_token: 'wider', token_type: 'Bearer' })
        : reply;
    },
  },
  {
    name: 'the grant is known by another name only',
    row: 'GRANT-1.1-01',
    check: 'core/token-request-form',
    handle: async (message, forward) => {
      if (message.url.pathname !== '/token') return forward(message);
      const form = [...formOf(message)].map(([name, value]) => [
        name.toLowerCase(),
        value.toLowerCase() === TICKET ? TICKET : value,
      ]);
      return forward({ ...message, body: new URLSearchParams(form as [string, string][]).toString() });
    },
  },
];
