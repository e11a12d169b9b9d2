/** Faults of isolation: tokens, owners, resource servers and clients that are not told apart. */
import { answering, asking, at, json, repeating, ticketGrant, tokenRequest, withForm } from './change.ts';
import { type Fault, formOf, jsonOf, type Message, type World } from './proxy.ts';

const lastOf = (set: Set<string>) => [...set].at(-1) ?? '';
const creatorOf = ({ url, body }: Message, { creators }: World): string | undefined => {
  const named = url.pathname.split('/')[2];
  if (named !== undefined && named !== '') return creators.get(named);
  return [...creators].find(([id]) => body.includes(`"${id}"`))?.[1];
};
/** The request as the resource's own owner and server would have sent it. */
const asCreator = (message: Message, world: World): Message => {
  const authorization = creatorOf(message, world);
  return authorization === undefined ? message : { ...message, headers: { ...message.headers, authorization } };
};
const hasToken = ({ headers }: Message) => /^Bearer /i.test(headers.authorization ?? '');

export const ACCESS_FAULTS: readonly Fault[] = [
  {
    name: "another owner's resource can be read",
    row: 'ATK-14',
    check: 'security/protection-matrix',
    handle: asking(at('/resource_set/', 'GET'), asCreator),
  },
  {
    name: 'PUT forgets whose resource it is',
    row: 'ATK-14',
    check: 'security/protection-matrix',
    handle: asking(at('/resource_set/', 'PUT'), asCreator),
  },
  {
    name: 'DELETE forgets whose resource it is',
    row: 'FED-1.3-05',
    check: 'security/protection-matrix',
    handle: asking(at('/resource_set/', 'DELETE'), asCreator),
  },
  {
    name: 'a foreign resource id is accepted at the permission endpoint',
    row: 'ATK-13',
    check: 'security/protection-matrix',
    handle: asking((message) => at('/permission')(message) && hasToken(message), asCreator),
  },
  {
    name: 'a foreign resource answers 403, an unknown one 404',
    row: 'ATK-15',
    check: 'security/protection-matrix',
    handle: answering(at('/resource_set/'), (reply, message, { creators }) =>
      reply.status === 404 && creators.has(message.url.pathname.split('/')[2] ?? '')
        ? { ...reply, status: 403 }
        : reply,
    ),
  },
  {
    name: 'the list shows every owner',
    row: 'FED-3.2.5-02',
    check: 'core/resource-owner-list',
    handle: answering(at('/resource_set', 'GET'), (reply, _message, { creators }) =>
      reply.body.startsWith('[') ? { ...reply, body: JSON.stringify([...creators.keys()]) } : reply,
    ),
  },
  {
    name: 'resources of two owners go into one ticket',
    row: 'FED-4-02',
    check: 'core/permission-owner',
    handle: answering(at('/permission'), (reply, { body }) =>
      body.startsWith('[') && reply.status === 400 ? json(201, { ticket: 'of-two-owners' }) : reply,
    ),
  },
  {
    name: 'uma_protection is not asked for',
    row: 'ATK-16',
    check: 'security/pat-required',
    handle: async (message, forward, world) => {
      const reply = await forward(message);
      if (reply.status !== 403) return reply;
      return forward({ ...message, headers: { ...message.headers, authorization: lastOf(world.pats) } });
    },
  },
  {
    name: 'any token is good for the protection API',
    row: 'FED-1.3-02',
    check: 'security/pat-required',
    handle: asking(at('/permission'), (message, { pats }) =>
      hasToken(message) ? { ...message, headers: { ...message.headers, authorization: lastOf(pats) } } : message,
    ),
  },
  {
    name: 'DELETE needs no token',
    row: 'FED-3.2-02',
    check: 'security/pat-required',
    handle: asking(at('/resource_set', 'DELETE'), (message, { pats }) => ({
      ...message,
      headers: { authorization: lastOf(pats), ...message.headers },
    })),
  },
  {
    name: 'introspection is open to token scanning',
    row: 'SEC-7662-01',
    check: 'security/pat-required',
    handle: asking(at('/introspect'), (message, { pats }) => ({
      ...message,
      headers: { authorization: lastOf(pats), ...message.headers },
    })),
  },
  {
    name: "an RPT is active for another resource server's PAT",
    row: 'SEC-7662-02',
    check: 'core/rpt-binding',
    handle: async (message, forward, { pats }) => {
      let reply = await forward(message);
      if (message.url.pathname !== '/introspect' || reply.status !== 200) return reply;
      for (const authorization of pats) {
        if (jsonOf(reply).active === true) break;
        reply = await forward({ ...message, headers: { ...message.headers, authorization } });
      }
      return reply;
    },
  },
  {
    name: 'the owner API takes a PAT',
    row: 'ATK-16',
    check: 'security/owner-api-tokens',
    handle: asking(at('/owner'), (message, { owners, pats }) =>
      pats.has(message.headers.authorization ?? '')
        ? { ...message, headers: { ...message.headers, authorization: lastOf(owners) } }
        : message,
    ),
  },
  {
    name: "a policy over another owner's resource is accepted",
    row: 'ATK-17',
    check: 'security/owner-api-domain',
    handle: async (message, forward, { owners }) => {
      let reply = await forward(message);
      if (!message.url.pathname.startsWith('/owner/policies') || message.method === 'DELETE') return reply;
      for (const authorization of owners) {
        if (reply.status < 400) break;
        reply = await forward({ ...message, headers: { ...message.headers, authorization } });
      }
      return reply;
    },
  },
  {
    name: 'a name is as good as a resource id',
    row: 'ATK-18',
    check: 'security/resource-id-forms',
    handle: async (message, forward, world) => {
      const { memory } = world;
      if (at('/resource_set', 'POST')(message)) {
        const reply = await forward(message);
        memory.set(String(jsonOf(message).name), jsonOf(reply)._id);
        return reply;
      }
      const { resource_id } = jsonOf(message);
      const id = memory.get(String(resource_id));
      if (!at('/permission')(message) || id === undefined) return forward(message);
      return forward({ ...message, body: JSON.stringify({ ...jsonOf(message), resource_id: id }) });
    },
  },
  {
    name: 'a ticket is good as often as one likes',
    row: 'GRANT-5.5-02',
    check: 'core/ticket-single-use',
    handle: repeating(
      ticketGrant,
      (message) => formOf(message).get('ticket') ?? '',
      (reply) => reply.status === 200,
    ),
  },
  {
    name: 'a used ticket is invalid_request',
    row: 'GRANT-3.3.6-02',
    check: 'core/invalid-grant',
    handle: answering(ticketGrant, (reply) =>
      jsonOf(reply).error === 'invalid_grant' ? json(400, { error: 'invalid_request' }) : reply,
    ),
  },
  {
    name: 'a ticket outlives need_info',
    row: 'GRANT-5.5-03',
    check: 'core/ticket-single-use',
    handle: async (message, forward, { memory }) => {
      if (!ticketGrant(message)) return forward(message);
      const ticket = formOf(message).get('ticket') ?? '';
      const next = memory.get(ticket);
      const reply = await forward(
        next === undefined ? message : withForm(message, (form) => form.set('ticket', String(next))),
      );
      if (jsonOf(reply).error === 'need_info') memory.set(ticket, jsonOf(reply).ticket);
      return reply;
    },
  },
  {
    name: 'tickets are counted',
    row: 'GRANT-5.4-01',
    check: 'core/ticket-unguessable',
    handle: answering(at('/permission'), (_reply, _message, { memory }) => {
      const number = Number(memory.get('n') ?? 0) + 1;
      memory.set('n', number);
      return json(201, { ticket: `ticket-${Date.now()}-${number}` });
    }),
  },
  {
    name: "another client may go on with a client's process",
    row: 'ATK-08',
    check: 'security/ticket-chain-client',
    handle: async (message, forward, { memory }) => {
      if (!ticketGrant(message)) return forward(message);
      const first = memory.get(formOf(message).get('ticket') ?? '') as Message | undefined;
      const { authorization = '' } = first?.headers ?? message.headers;
      const asFirst =
        first === undefined
          ? message
          : withForm({ ...message, headers: { ...message.headers, authorization } }, (form) => {
              form.delete('client_id');
              form.delete('client_secret');
              form.delete('claim_token');
              form.delete('claim_token_format');
            });
      const reply = await forward(asFirst);
      const { ticket } = jsonOf(reply);
      if (typeof ticket === 'string') memory.set(ticket, message);
      return first !== undefined && reply.status === 403
        ? json(200, { access_token: 'stolen', token_type: 'Bearer' })
        : reply;
    },
  },
  {
    name: 'a wrong secret burns the ticket',
    row: 'ATK-22',
    check: 'core/client-authentication',
    handle: async (message, forward, { subject }) => {
      const reply = await forward(message);
      if (!ticketGrant(message) || reply.status !== 401) return reply;
      const { client_id, client_secret = '' } = subject.config.clients.main;
      const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
      await forward({ ...message, headers: { ...message.headers, authorization } });
      return reply;
    },
  },
  {
    name: 'the secret is not looked at',
    row: 'GRANT-3.3.6-20',
    check: 'core/client-authentication',
    handle: asking(ticketGrant, (message, { subject }) => {
      if (!/^Basic /.test(message.headers.authorization ?? '')) return message;
      const { client_id, client_secret = '' } = subject.config.clients.main;
      return {
        ...message,
        headers: {
          ...message.headers,
          authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
        },
      };
    }),
  },
  {
    name: "a person's token is client authentication",
    row: 'GRANT-3.3.1-14',
    check: 'core/client-authentication',
    handle: answering(ticketGrant, (reply, message) =>
      hasToken(message) ? json(403, { error: 'need_info', ticket: 'x', required_claims: [] }) : reply,
    ),
  },
  {
    name: 'no policy is a yes',
    row: 'GRANT-5.6-01',
    check: 'core/default-deny',
    handle: answering(ticketGrant, (reply) =>
      jsonOf(reply).error === 'request_submitted'
        ? json(200, { access_token: 'by-default', token_type: 'Bearer' })
        : reply,
    ),
  },
  {
    name: 'a permission that was withdrawn stays in the RPT',
    row: 'GRANT-6.1-01',
    check: 'core/withdrawal',
    handle: async (message, forward, { memory }) => {
      if (!at('/revocations')({ ...message, url: new URL(message.url.href.replace('/owner', '')) }))
        return forward(message);
      memory.set('withdrawn', true);
      return json(200, { policies: 1, rpts: 1, requests: 0 });
    },
  },
  {
    name: 'revocation says yes and does nothing',
    row: 'SEC-7009-05',
    check: 'security/revocation',
    handle: async (message, forward) => (at('/revoke')(message) ? json(200, {}) : forward(message)),
  },
  {
    name: "anybody's token can be revoked",
    row: 'SEC-7009-03',
    check: 'security/revocation',
    handle: asking(at('/revoke'), (message, { subject }) => {
      const { client_id, client_secret = '' } = subject.config.clients.main;
      const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
      return withForm({ ...message, headers: { ...message.headers, authorization } }, (form) => {
        form.delete('client_id');
        form.delete('client_secret');
      });
    }),
  },
  {
    name: 'a refresh token is good again and again',
    row: 'SEC-9700-12',
    check: 'security/refresh-reuse',
    handle: repeating(
      tokenRequest('refresh_token'),
      (message) => formOf(message).get('refresh_token') ?? '',
      (reply) => reply.status === 200,
    ),
  },
  {
    name: 'every poll fills the inbox',
    row: 'ATK-26',
    check: 'security/owner-inbox',
    handle: answering(at('/owner/requests', 'GET'), (reply) => {
      const { requests } = jsonOf(reply) as { requests?: unknown[] };
      return Array.isArray(requests) ? json(200, { requests: requests.flatMap((item) => [item, item]) }) : reply;
    }),
  },
];
