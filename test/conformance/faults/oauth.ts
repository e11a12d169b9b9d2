/** Faults of the OAuth side and of reading bodies too kindly. */
import {
  answering,
  asking,
  at,
  json,
  ticketGrant,
  tokenRequest,
  withForm,
  withJson,
  withLocation,
  withoutHeader,
} from './change.ts';
import { type Fault, formOf, jsonOf } from './proxy.ts';

export const OAUTH_FAULTS: readonly Fault[] = [
  {
    name: 'a JSON member named twice is read',
    row: 'FED-3.2-10',
    check: 'core/resource-bad-bodies',
    handle: asking(at('/resource_set'), (message) =>
      Object.keys(jsonOf(message)).length > 0 ? { ...message, body: JSON.stringify(jsonOf(message)) } : message,
    ),
  },
  {
    name: 'any media type is read as JSON',
    row: 'FED-3.2-10',
    check: 'core/resource-bad-bodies',
    handle: asking(at('/resource_set'), (message) => ({
      ...message,
      headers: message.body === '' ? message.headers : { ...message.headers, 'content-type': 'application/json' },
    })),
  },
  {
    name: 'PUT merges',
    row: 'FED-3.2.3-02',
    check: 'core/resource-lifecycle',
    handle: async (message, forward) => {
      if (!at('/resource_set/', 'PUT')(message)) return forward(message);
      const { 'content-type': _type, ...headers } = message.headers;
      const old = await forward({ ...message, method: 'GET', headers, body: '' });
      const { _id, user_access_policy_uri: _uri, ...before } = jsonOf(old);
      return forward({ ...message, body: JSON.stringify({ ...before, ...jsonOf(message) }) });
    },
  },
  {
    name: 'the server takes the _id of the request',
    row: 'FED-3.2-04',
    check: 'core/resource-lifecycle',
    handle: answering(at('/resource_set', 'POST'), (reply, message) =>
      jsonOf(message)._id === undefined ? reply : withJson((body) => ({ ...body, _id: jsonOf(message)._id }))(reply),
    ),
  },
  {
    name: 'the last of two tickets counts',
    row: 'GRANT-3.3.1-15',
    check: 'core/token-request-form',
    handle: asking(ticketGrant, (message) =>
      withForm(message, (form) => {
        const last = form.getAll('ticket').at(-1);
        if (last !== undefined) form.set('ticket', last);
      }),
    ),
  },
  {
    name: 'a ticket in the query is read',
    row: 'GRANT-3.3.1-15',
    check: 'core/token-request-form',
    handle: answering(ticketGrant, (reply, { url }) =>
      url.searchParams.has('ticket') ? json(403, { error: 'need_info', ticket: 'x', required_claims: [] }) : reply,
    ),
  },
  {
    name: 'an asked scope counts where the resource lacks it',
    row: 'GRANT-3.3.4-04',
    check: 'core/scope-sets',
    handle: answering(
      at('/introspect'),
      withJson((body) => {
        const list = body.permissions as { resource_id: string; resource_scopes: string[] }[] | undefined;
        return list === undefined || list.length < 2
          ? body
          : { ...body, permissions: list.map((item) => ({ ...item, resource_scopes: ['view', 'download'] })) };
      }),
    ),
  },
  {
    name: 'the registered scopes of a client are ignored',
    row: 'GRANT-3.3.4-02',
    check: 'core/scope-sets',
    handle: asking(ticketGrant, (message, { subject, memory }) => {
      const { main, limited } = subject.config.clients;
      const basic = (client: typeof main) =>
        `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')}`;
      const token = formOf(message).get('claim_token');
      if (message.headers.authorization === basic(main)) memory.set('claim_token', token);
      if (message.headers.authorization !== basic(limited!)) return message;
      return withForm({ ...message, headers: { ...message.headers, authorization: basic(main) } }, (form) =>
        form.set('claim_token', String(memory.get('claim_token'))),
      );
    }),
  },
  {
    name: 'an unknown scope is dropped in silence',
    row: 'GRANT-3.3.6-03',
    check: 'core/invalid-scope',
    handle: asking(ticketGrant, (message) =>
      withForm(message, (form) => {
        if (form.get('scope') === 'no_such_scope') form.delete('scope');
      }),
    ),
  },
  {
    name: 'PKCE is not looked at',
    row: 'SEC-9700-05',
    check: 'security/pkce',
    handle: async (message, forward) => {
      const url = new URL(message.url);
      url.searchParams.delete('code_challenge');
      url.searchParams.delete('code_challenge_method');
      const open = at('/authorize', 'GET')(message) ? { ...message, url } : message;
      return forward(
        tokenRequest('authorization_code')(open) ? withForm(open, (form) => form.delete('code_verifier')) : open,
      );
    },
  },
  {
    name: 'S256 is not announced',
    row: 'SEC-9700-08',
    check: 'security/pkce',
    handle: answering(
      at('/.well-known'),
      withJson((body) => ({ ...body, code_challenge_methods_supported: ['plain'] })),
    ),
  },
  {
    name: 'authorization answers carry no issuer',
    row: 'SEC-9207-01',
    check: 'security/authorization-response',
    handle: answering(
      () => true,
      withLocation((url) => {
        url.searchParams.delete('iss');
        return url;
      }),
    ),
  },
  {
    name: 'a login page can be framed',
    row: 'SEC-9700-21',
    check: 'security/authorization-response',
    handle: answering(() => true, withoutHeader('content-security-policy', 'x-frame-options')),
  },
  {
    name: 'the authorization endpoint answers any origin',
    row: 'SEC-9700-19',
    check: 'security/redirect-uris',
    handle: answering(at('/authorize'), (reply) => ({
      ...reply,
      headers: { ...reply.headers, 'access-control-allow-origin': '*' },
    })),
  },
  {
    name: 'an unregistered redirect URI is followed',
    row: 'SEC-9700-02',
    check: 'security/redirect-uris',
    handle: answering(at('/authorize', 'GET'), (reply, { url }) =>
      reply.status >= 400
        ? { ...reply, status: 302, headers: { location: url.searchParams.get('redirect_uri') ?? '' } }
        : reply,
    ),
  },
  {
    name: 'a DPoP proof is ignored',
    row: 'SEC-9449-03',
    check: 'security/dpop-proof',
    handle: asking(at('/token'), (message) => {
      const { dpop: _proof, ...headers } = message.headers;
      return { ...message, headers };
    }),
  },
  {
    name: 'a client assertion is good twice',
    row: 'SEC-7523-02',
    check: 'security/client-assertion',
    handle: async (message, forward, { memory }) => {
      const assertion = formOf(message).get('client_assertion') ?? '';
      const kept = assertion === '' ? undefined : memory.get(assertion);
      const reply = await forward(message);
      if (assertion !== '' && kept === undefined) memory.set(assertion, reply);
      return (kept as typeof reply | undefined) ?? reply;
    },
  },
  {
    name: 'claims_redirect_uris are lost at registration',
    row: 'GRANT-2-08',
    check: 'security/registration',
    handle: answering(
      at('/register', 'POST'),
      withJson(({ claims_redirect_uris: _uris, ...body }) => body),
    ),
  },
  {
    name: 'a client chooses its own client_id',
    row: 'SEC-9700-17',
    check: 'security/registration',
    handle: answering(at('/register', 'POST'), (reply, message) =>
      withJson((body) => ({
        ...body,
        ...(jsonOf(message).client_id === undefined ? {} : { client_id: jsonOf(message).client_id }),
      }))(reply),
    ),
  },
  {
    name: 'the resource indicator is ignored',
    row: 'ATK-03',
    check: 'security/resource-indicator',
    handle: asking(ticketGrant, (message) => withForm(message, (form) => form.delete('resource'))),
  },
];
