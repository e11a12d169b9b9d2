/** Faults around claims: pushed tokens believed too easily, and the interaction in the browser. */
import { formsOf } from '../../../src/conformance/html.ts';
import { claimsOf, keyOf, signJws } from '../../../src/conformance/jws.ts';
import { answering, asking, at, ticketGrant, withForm, withJson, withLocation, withoutHeader } from './change.ts';
import { type Fault, formOf, jsonOf, type Message, type World } from './proxy.ts';

/** The pushed token with one thing mended, as if that thing were not looked at. */
const mended =
  (
    is: (claims: Record<string, unknown>, header: Record<string, unknown>) => boolean,
    mend: (claims: Record<string, unknown>) => object,
  ) =>
  (message: Message, { subject }: World): Message => {
    const token = formOf(message).get('claim_token') ?? '';
    const claims = claimsOf(token);
    const issuer = subject.config.claim_issuer!;
    if (claims === undefined || claims.sub !== 'conformance-visitor') return message;
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    if (!is(claims, header)) return message;
    const good = signJws(keyOf(issuer.private_jwk), { ...claims, ...mend(claims) }, { typ: 'JWT' });
    return withForm(message, (form) => form.set('claim_token', good));
  };
const believing = (name: string, row: string, handle: Fault['handle']): Fault => ({
  name,
  row,
  check: 'security/claim-token-trust',
  handle,
});
const now = () => Math.floor(Date.now() / 1000);
const claimsRedirects = (world: World) => world.subject.config.clients.main.claims_redirect_uris;

export const CLAIMS_FAULTS: readonly Fault[] = [
  believing(
    'the audience of a claim token is ignored',
    'GRANT-5.7-03',
    asking(ticketGrant, (message, world) =>
      mended(
        (claims) => claims.aud !== world.subject.config.clients.main.client_id,
        () => ({ aud: world.subject.config.clients.main.client_id, azp: undefined }),
      )(message, world),
    ),
  ),
  believing(
    'the end of a claim token is ignored',
    'ATK-19',
    asking(
      ticketGrant,
      mended(
        (claims) => claims.exp === undefined || Number(claims.exp) < now(),
        () => ({ exp: now() + 60, iat: now() }),
      ),
    ),
  ),
  believing(
    'the issuer of a claim token is ignored',
    'ATK-19',
    asking(ticketGrant, (message, world) =>
      mended(
        (claims) => claims.iss !== world.subject.config.claim_issuer!.issuer,
        () => ({ iss: world.subject.config.claim_issuer!.issuer }),
      )(message, world),
    ),
  ),
  believing(
    'an unsigned claim token is believed',
    'ATK-19',
    asking(
      ticketGrant,
      mended(
        (_claims, header) => header.alg === 'none',
        () => ({}),
      ),
    ),
  ),
  believing(
    'the key in the header of a claim token is believed',
    'ATK-19',
    asking(
      ticketGrant,
      mended(
        (_claims, header) => header.jwk !== undefined,
        () => ({}),
      ),
    ),
  ),
  believing(
    'an access token passes as ID Token',
    'ATK-19',
    asking(
      ticketGrant,
      mended(
        (_claims, header) => header.typ === 'at+jwt',
        () => ({}),
      ),
    ),
  ),
  {
    name: 'an expired claim token is believed',
    row: 'GRANT-5.2-08',
    check: 'core/claim-token-issuer',
    handle: asking(
      ticketGrant,
      mended(
        (claims) => Number(claims.exp) < now(),
        () => ({ exp: now() + 60, iat: now() }),
      ),
    ),
  },
  {
    name: 'a bad claim token is invalid_grant',
    row: 'GRANT-3.3.6-05',
    check: 'core/claim-token-bad',
    handle: answering(ticketGrant, (reply, message) =>
      formOf(message).has('claim_token') && jsonOf(reply).error === 'need_info'
        ? withJson(() => ({ error: 'invalid_grant' }))({ ...reply, status: 400 })
        : reply,
    ),
  },
  {
    name: 'an unchecked address is redirected to',
    row: 'GRANT-3.3.3-08',
    check: 'claims/redirect-uris',
    handle: answering(at('/claims', 'GET'), (reply, { url }) =>
      reply.status >= 400 && url.searchParams.has('claims_redirect_uri')
        ? {
            ...reply,
            status: 303,
            headers: { ...reply.headers, location: url.searchParams.get('claims_redirect_uri') ?? '' },
          }
        : reply,
    ),
  },
  {
    name: 'claims redirect URIs are compared by their origin',
    row: 'GRANT-3.3.2-11',
    check: 'claims/redirect-uris',
    handle: asking(at('/claims', 'GET'), (message, world) => {
      const [registered = ''] = claimsRedirects(world);
      const given = message.url.searchParams.get('claims_redirect_uri') ?? '';
      if (!URL.canParse(given) || new URL(given).origin !== new URL(registered).origin) return message;
      if (message.url.searchParams.get('client_id') !== world.subject.config.clients.main.client_id) return message;
      const url = new URL(message.url);
      url.searchParams.set('claims_redirect_uri', registered);
      return { ...message, url };
    }),
  },
  {
    name: 'an OAuth redirect URI is good for claims',
    row: 'GRANT-3.3.2-10',
    check: 'claims/redirect-uris',
    handle: asking(at('/claims', 'GET'), (message, world) => {
      const { redirect_uri, claims_redirect_uris, client_id } = world.subject.config.clients.main;
      const url = new URL(message.url);
      if (
        url.searchParams.get('claims_redirect_uri') === redirect_uri &&
        url.searchParams.get('client_id') === client_id
      )
        url.searchParams.set('claims_redirect_uri', claims_redirect_uris[0] ?? '');
      return { ...message, url };
    }),
  },
  {
    name: 'state is not given back',
    row: 'GRANT-3.3.3-03',
    check: 'claims/round-trip',
    handle: answering(
      () => true,
      withLocation((url) => {
        url.searchParams.delete('state');
        return url;
      }),
    ),
  },
  {
    name: 'the old ticket is given back',
    row: 'GRANT-3.3.3-02',
    check: 'claims/round-trip',
    handle: async (message, forward, { memory }) => {
      if (at('/claims', 'GET')(message) && message.url.searchParams.has('ticket'))
        memory.set('sent', message.url.searchParams.get('ticket'));
      const reply = await forward(message);
      return withLocation((url) => {
        if (url.searchParams.has('ticket')) url.searchParams.set('ticket', String(memory.get('sent')));
        return url;
      })(reply, message);
    },
  },
  {
    name: 'claims stand in the redirect',
    row: 'GRANT-3.3.3-04',
    check: 'claims/round-trip',
    handle: answering(
      () => true,
      withLocation((url) => {
        url.searchParams.set('email', 'bob@example.com');
        return url;
      }),
    ),
  },
  {
    name: 'the query of the registered URI is lost',
    row: 'GRANT-3.3.2-06',
    check: 'claims/round-trip',
    handle: answering(
      () => true,
      withLocation((url) => {
        url.searchParams.delete('a');
        return url;
      }),
    ),
  },
  {
    name: 'the claims redirect has no issuer',
    row: 'SEC-9207-03',
    check: 'claims/round-trip',
    handle: answering(
      () => true,
      withLocation((url) => {
        url.searchParams.delete('iss');
        return url;
      }),
    ),
  },
  {
    name: 'the consent form is good without its hidden values, from any browser',
    row: 'GRANT-5.1-01',
    check: 'claims/csrf',
    handle: async (message, forward, { memory }) => {
      const known = memory.get(message.url.pathname) as { hidden: [string, string][]; cookie: string } | undefined;
      if (message.method === 'POST' && known !== undefined) {
        const headers = { ...message.headers, cookie: known.cookie };
        return forward(
          withForm({ ...message, headers }, (form) => {
            for (const [name, value] of known.hidden) form.set(name, value);
          }),
        );
      }
      const reply = await forward(message);
      for (const form of formsOf(reply.body, message.url.href)) {
        const hidden = form.fields.filter(({ type }) => type === 'hidden').map(({ name, value }) => [name, value]);
        const set = [reply.headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split(';')[0] ?? '');
        const cookie = [message.headers.cookie ?? '', ...set].filter((part) => part !== '').join('; ');
        memory.set(new URL(form.action).pathname, { hidden, cookie });
      }
      return reply;
    },
  },
  {
    name: 'a failed interaction ends on a page',
    row: 'GRANT-3.3.3-09',
    check: 'claims/errors',
    handle: answering(
      () => true,
      (reply) =>
        String(reply.headers.location).includes('error=')
          ? { ...reply, status: 400, headers: {}, body: 'failed' }
          : reply,
    ),
  },
  {
    name: 'the claims endpoint leaves the ticket alone',
    row: 'GRANT-5.5-03',
    check: 'claims/ticket-burn',
    handle: async (message, forward) =>
      at('/claims', 'GET')(message) && message.url.searchParams.has('ticket')
        ? { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>later</p>' }
        : forward(message),
  },
  {
    name: 'claims pages can be framed',
    row: 'SEC-9700-21',
    check: 'claims/pages',
    handle: answering(() => true, withoutHeader('content-security-policy', 'x-frame-options')),
  },
  {
    name: 'claims pages leak their address',
    row: 'ATK-25',
    check: 'claims/pages',
    handle: answering(() => true, withoutHeader('referrer-policy')),
  },
  {
    name: 'claims pages load a script from elsewhere',
    row: 'ATK-25',
    check: 'claims/pages',
    handle: answering(
      () => true,
      (reply) => ({
        ...reply,
        body: reply.body.replace('</head>', '<script src="https://cdn.example/x.js"></script></head>'),
      }),
    ),
  },
  {
    name: 'the page does not name the resource server',
    row: 'ATK-05',
    check: 'claims/pages',
    handle: answering(
      () => true,
      (reply) => ({ ...reply, body: reply.body.replaceAll(/rs1/gi, '') }),
    ),
  },
  {
    name: 'a form is answered by 307',
    row: 'SEC-9700-20',
    check: 'claims/pages',
    handle: answering(
      () => true,
      (reply, { method }) =>
        method === 'POST' &&
        typeof reply.headers.location === 'string' &&
        reply.headers.location.startsWith('https://client.example')
          ? { ...reply, status: 307 }
          : reply,
    ),
  },
  {
    name: 'the verifier of a ticket is not looked at',
    row: 'ATK-09',
    check: 'claims/ticket-pkce',
    handle: async (message, forward) => {
      const url = new URL(message.url);
      url.searchParams.delete('code_challenge');
      url.searchParams.delete('code_challenge_method');
      const open = at('/claims', 'GET')(message) ? { ...message, url } : message;
      return forward(ticketGrant(open) ? withForm(open, (form) => form.delete('code_verifier')) : open);
    },
  },
  {
    name: 'a PCT comes without consent',
    row: 'GRANT-6.2-02',
    check: 'claims/pct',
    handle: answering(ticketGrant, (reply) =>
      reply.status === 200
        ? withJson((body) => ({ pct: 'unasked-for-unasked-for-unasked-for', ...body }))(reply)
        : reply,
    ),
  },
  {
    name: 'the PCT tells who it is about',
    row: 'GRANT-3.3.5-06',
    check: 'claims/pct',
    handle: answering(
      ticketGrant,
      withJson((body) =>
        body.pct === undefined
          ? body
          : { ...body, pct: `${Buffer.from('{"sub":"bob"}').toString('base64url')}.${String(body.pct)}` },
      ),
    ),
  },
  {
    name: "another client's PCT is honoured",
    row: 'GRANT-5.2-05',
    check: 'claims/pct-binding',
    handle: asking(ticketGrant, (message, { subject }) => {
      if (!formOf(message).has('pct') || !formOf(message).has('client_id')) return message;
      const { client_id, client_secret = '' } = subject.config.clients.main;
      const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
      return withForm({ ...message, headers: { ...message.headers, authorization } }, (form) => {
        form.delete('client_id');
        form.delete('client_secret');
      });
    }),
  },
  {
    name: 'a revoked PCT still works',
    row: 'GRANT-3.7-02',
    check: 'claims/pct-binding',
    handle: async (message, forward) =>
      at('/revoke')(message) ? { status: 200, headers: {}, body: '' } : forward(message),
  },
];
