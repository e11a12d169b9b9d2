import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsAddress, type Interaction, interact } from '../../src/client/claims-interaction.ts';
import { Connection } from '../../src/client/connection.ts';
import type { PartialMetadata } from '../../src/protocol/metadata.ts';
import { ISSUER, script } from './script.ts';

const CLIENT = { id: 'UmaClient', secret: 'password', method: 'client_secret_basic' as const };
const BACK = 'http://127.0.0.1:9402/callback?a=1';
const PAGES = 'https://as.example/claims?id=9';
const need = (redirect_user?: string) => ({
  kind: 'need_info' as const,
  ticket: 't1',
  required_claims: [],
  wire: {},
  ...(redirect_user === undefined ? {} : { redirect_user }),
});

function connectionWith(metadata: Partial<PartialMetadata> = {}) {
  const peer = script(() => ({
    body: {
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/token`,
      claims_interaction_endpoint: `${ISSUER}/c`,
      ...metadata,
    },
  }));
  return new Connection({ issuer: ISSUER, send: peer.send });
}

/** Where the person was sent, and what the client made of her return. */
async function go(
  answer: (sent: URLSearchParams) => Record<string, string>,
  {
    metadata = {},
    redirect_uri = BACK,
    address = PAGES,
  }: { metadata?: object; redirect_uri?: string; address?: string } = {},
) {
  const connection = connectionWith(metadata);
  await connection.find('token_endpoint');
  let sent = new URL(ISSUER);
  const visit: Interaction['visit'] = async (url) => {
    sent = new URL(url);
    const back = new URL(redirect_uri);
    for (const [name, value] of Object.entries(answer(sent.searchParams))) back.searchParams.append(name, value);
    return back;
  };
  const result = await interact(connection, CLIENT, address, 't1', { redirect_uri, visit });
  return { sent, result };
}
const good = (sent: URLSearchParams) => ({ ticket: 't2', state: sent.get('state') ?? '' });

test('GRANT-2-05: redirect_user of the answer wins over the endpoint that the AS publishes', async () => {
  assert.equal(await claimsAddress(connectionWith(), need(PAGES)), PAGES);
  assert.equal(await claimsAddress(connectionWith(), need()), `${ISSUER}/c`);
});

test('GRANT-3.3.2-01 GRANT-3.3.2-02 GRANT-3.3.2-03 GRANT-3.3.2-12 GRANT-3.3.2-13: client_id, newest ticket, redirect URI and state; what the address had stays', async () => {
  const { sent, result } = await go(good);
  const query = Object.fromEntries(sent.searchParams);
  assert.deepEqual(
    [query.id, query.client_id, query.ticket, query.claims_redirect_uri],
    ['9', 'UmaClient', 't1', BACK],
  );
  assert.ok(query.state);
  assert.deepEqual(result, { ticket: 't2' });
});

test('GRANT-5.1-03 GRANT-5.1-04 GRANT-5.1-07: state is random, new each time, and says nothing', async () => {
  const states = new Set<string>();
  for (let n = 0; n < 20; n += 1) {
    const state = (await go(good)).sent.searchParams.get('state') ?? '';
    assert.match(state, /^[\w-]{43}$/, '256 bits');
    const decoded = state + Buffer.from(state, 'base64url').toString('latin1');
    for (const known of ['t1', 'UmaClient', ISSUER]) assert.ok(known.length < 3 || !decoded.includes(known));
    states.add(state);
  }
  assert.equal(states.size, 20);
});

test('GRANT-3.3.3-06: unknown parameters of the return are ignored', async () => {
  assert.equal((await go((sent) => ({ ...good(sent), foo: '1', session_state: 'x' }))).result.ticket, 't2');
});

test('GRANT-5.1-02 GRANT-5.1-05 GRANT-5.1-06 ATK-06 ATK-11 SEC-9207-02: what is not the answer to this request of this AS is not used', async () => {
  const promised = { authorization_response_iss_parameter_supported: true };
  const cases: [string, Parameters<typeof go>[0], object?][] = [
    ['another state', (sent) => ({ ...good(sent), state: 'x' })],
    ['no state', () => ({ ticket: 't2' })],
    ['another issuer', (sent) => ({ ...good(sent), iss: 'https://as2.example' })],
    ['no issuer, though promised', good, promised],
    ['no ticket', (sent) => ({ state: sent.get('state') ?? '' })],
    ['the ticket that was sent', (sent) => ({ ...good(sent), ticket: 't1' })],
  ];
  for (const [what, answer, metadata = {}] of cases)
    await assert.rejects(go(answer, { metadata }), { code: 'foreign_claims_response', category: 'peer' }, what);
  const visit = (url: string) => async (address: string) => {
    const state = new URL(address).searchParams.get('state');
    return new URL(`${url}ticket=t2&state=${state}`);
  };
  for (const url of ['http://127.0.0.1:9402/other?', 'https://evil.example/callback?', `${BACK}&ticket=t3&`])
    await assert.rejects(
      interact(connectionWith(), CLIENT, PAGES, 't1', { redirect_uri: BACK, visit: visit(url) }),
      { code: 'foreign_claims_response' },
      url,
    );
  const iss = (sent: URLSearchParams) => ({ ...good(sent), iss: ISSUER });
  assert.equal((await go(iss, { metadata: promised })).result.ticket, 't2');
});

test('GRANT-3.3.3-10: a return with an error ends it, exit code of a refused sign-in', async () => {
  const denied = (sent: URLSearchParams) => ({ error: 'access_denied', state: sent.get('state') ?? '' });
  await assert.rejects(go(denied), { code: 'access_denied', category: 'authentication' });
  await assert.rejects(
    go(() => ({ error: 'access_denied', state: 'x' })),
    { code: 'foreign_claims_response' },
  );
});

test('GRANT-3.3.2-04 GRANT-3.3.2-05: a redirect URI that is relative or has a fragment is not sent', async () => {
  for (const redirect_uri of ['/callback', 'callback', 'http://127.0.0.1/callback#x'])
    await assert.rejects(
      interact(connectionWith(), CLIENT, PAGES, 't1', {
        redirect_uri,
        visit: async () => assert.fail('nobody is sent'),
      }),
      { code: 'invalid_redirect_uri', category: 'usage' },
    );
});

test('nobody is sent to an address that is neither https nor loopback', async () => {
  for (const address of ['javascript:alert(1)', 'http://as.example/claims', 'file:///etc/passwd', 'claims'])
    await assert.rejects(go(good, { address }), { code: 'unsafe_redirect_user' });
});

test('ATK-09: where the AS has the extension the ticket is bound to a verifier', async () => {
  const metadata = { uma_profiles_supported: ['urn:uma-cli:profile:ticket-pkce'] };
  const { sent, result } = await go(good, { metadata });
  assert.equal(sent.searchParams.get('code_challenge_method'), 'S256');
  assert.match(result.code_verifier ?? '', /^[\w-]{43}$/);
  assert.equal((await go(good)).sent.searchParams.has('code_challenge'), false);
});
