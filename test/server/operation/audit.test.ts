import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rotateKeys } from '../../../src/server/oauth/keys.ts';
import { auditLog } from '../../../src/server/operation/audit.ts';
import { openStores } from '../../../src/server/stores/open.ts';
import { temporaryDirectory } from '../../cli/uma.ts';
import { CLIENT, type Harness, ID_TOKEN, RS, start } from '../http/harness.ts';

type Line = Record<string, unknown> & { event: string };

/** A server whose audit log is a list. */
async function watched(
  options: Parameters<typeof start>[0] = {},
): Promise<{ as: Harness; lines: Line[]; text(): string }> {
  const written: string[] = [];
  const lines: Line[] = [];
  const write = (line: string) => {
    written.push(line);
    lines.push(JSON.parse(line) as Line);
  };
  return { as: await start({ watchers: [auditLog(write)], ...options }), lines, text: () => written.join('') };
}
const without = ({ time, ip, request_id, ...rest }: Line) => rest;

test('who did what to what, in order, from the registration to the revocation', async () => {
  const { as, lines, text } = await watched();
  await using _closed = as;
  const pat = await as.pat();
  const id = await as.register(pat, { name: 'Photo', resource_scopes: ['view'] });
  const refused = await as.redeem(await as.ticket(pat, id), await as.claimToken());
  const owner = await as.ownerToken();
  const [request] = (await as.json('GET', '/owner/requests', owner)).body.requests;
  await as.json('POST', `/owner/requests/${request.id}/approve`, owner, {});
  const rpt = await as.rpt(pat, id);
  await as.post('/revoke', { token: rpt }, CLIENT);
  const answer = await as.json('POST', '/owner/revocations', owner, { resource_id: id });
  await as.json('DELETE', `/resource_set/${id}`, pat);

  const party = { iss: as.server.issuer, sub: 'bob' };
  const about = { owner: 'alice', resource_id: id };
  const events = lines.map(without).filter(({ event }) => event !== 'sign_in' && event !== 'token_granted');
  assert.deepEqual(events, [
    {
      event: 'resource_registered',
      outcome: 'success',
      ...about,
      client_id: 'UMA-Resource-Server',
      resource_name: 'Photo',
    },
    { event: 'request_submitted', outcome: 'success', ...about, party, client_id: 'UmaClient', scopes: ['view'] },
    { event: 'rpt_refused', outcome: 'request_submitted', client_id: 'UmaClient' },
    { event: 'request_approved', outcome: 'success', ...about, party, client_id: 'UmaClient', scopes: ['view'] },
    { event: 'rpt_issued', outcome: 'success', ...about, party, client_id: 'UmaClient', scopes: ['view'] },
    { event: 'token_revocation', outcome: 'success', client_id: 'UmaClient' },
    { event: 'access_revoked', outcome: 'success', ...about },
    {
      event: 'resource_deleted',
      outcome: 'success',
      ...about,
      client_id: 'UMA-Resource-Server',
      resource_name: 'Photo',
    },
  ]);
  const signIns = lines.filter(({ event }) => event === 'sign_in');
  assert.deepEqual([...new Set(signIns.map(({ subject }) => subject))], ['alice', 'bob']);
  const grants = lines.filter(({ event }) => event === 'token_granted').map(({ client_id }) => client_id);
  assert.deepEqual([...new Set(grants)], ['UMA-Resource-Server', 'UmaClient', 'uma-cli']);

  // Where from, when, and which request: the same name as the answer has.
  const last = lines.find(({ event }) => event === 'access_revoked');
  assert.equal(last?.request_id, answer.headers.get('x-request-id'));
  for (const { time, ip } of lines) assert.deepEqual([ip, new Date(String(time)).toISOString()], ['127.0.0.1', time]);
  for (const secret of [pat, owner, rpt, refused.body.ticket]) assert.ok(!text().includes(secret));
});

test('what failed: a wrong password, a client that is none, a ticket that is none; what was typed is not repeated', async () => {
  const { as, lines, text } = await watched();
  await using _closed = as;
  const sign = (username: string) =>
    as.post('/token', { grant_type: 'password', username, password: 'typed-password' }, CLIENT);
  await sign('alice');
  await sign('a-password-in-the-wrong-field');
  await as.post('/token', { grant_type: 'made-up-grant' }, 'made-up-client:made-up-secret');
  await as.redeem('made-up-ticket');
  assert.deepEqual(lines.map(without), [
    { event: 'sign_in', outcome: 'failure', subject: 'alice' },
    { event: 'token_refused', outcome: 'invalid_grant', grant_type: 'password', client_id: 'UmaClient' },
    { event: 'sign_in', outcome: 'failure' },
    { event: 'token_refused', outcome: 'invalid_grant', grant_type: 'password', client_id: 'UmaClient' },
    { event: 'token_refused', outcome: 'invalid_client', grant_type: 'other' },
    { event: 'rpt_refused', outcome: 'invalid_grant', client_id: 'UmaClient' },
  ]);
  assert.doesNotMatch(text(), /made-up|typed-password|wrong-field/);
});

test('a rotation of the signing keys is told by the server that takes it up', async () => {
  const dataDir = temporaryDirectory();
  const { as, lines } = await watched({ dataDir, keysEvery: 10 });
  await using _closed = as;
  const stores = await openStores({ dataDir });
  const { added } = await rotateKeys(stores.keys, Math.floor(Date.now() / 1000));
  await stores.close();
  while (!lines.some(({ event }) => event === 'signing_keys')) await new Promise(setImmediate);
  assert.ok((lines.at(-1)!.kids as string[]).includes(added[0]!.kid));
});

for (const [layout, address] of [
  ['keycloak', '/realms/photoz/protocol/openid-connect/token'],
  ['forgerock', '/am/oauth2/access_token'],
] as const) {
  test(`the layout ${layout} is audited at the same services`, async () => {
    const { as, lines } = await watched({ layout, config: undefined });
    await using _closed = as;
    const form = { grant_type: 'password', username: 'alice', password: 'no' };
    const client = layout === 'keycloak' ? { client_id: 'uma-cli' } : {};
    await as.post(
      new URL(as.server.issuer).origin + address,
      { ...form, ...client },
      layout === 'keycloak' ? undefined : RS,
    );
    assert.ok(
      lines.some(({ event, outcome, ip }) => event === 'sign_in' && outcome === 'failure' && ip === '127.0.0.1'),
      JSON.stringify(lines),
    );
  });
}

test('a claim token that is not believed shows up as need_info', async () => {
  const { as, lines } = await watched();
  await using _closed = as;
  const pat = await as.pat();
  const id = await as.register(pat);
  await as.redeem(await as.ticket(pat, id), 'not-a-token', { claim_token_format: ID_TOKEN });
  assert.equal(lines.at(-1)?.outcome, 'need_info');
});
