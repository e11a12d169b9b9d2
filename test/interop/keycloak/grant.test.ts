import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { httpSend } from '../../../src/adapters/http.ts';
import { Connection } from '../../../src/client/connection.ts';
import { obtainRpt } from '../../../src/client/requesting-party.ts';
import { patOf } from '../../../src/client/resource-server.ts';
import type { ClaimToken } from '../../../src/protocol/claims.ts';
import { issuer, openPeer, RS } from './peer.ts';

const peer = openPeer();
after(() => peer.close());

interface Permissions {
  active: boolean;
  permissions?: { resource_id: string; resource_scopes: string[] }[];
}

/** Registers, files bob's request for these scopes, lets alice approve them. */
async function shared(name: string, ...scopes: string[]): Promise<string> {
  const id = await peer.resource(name);
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, ...scopes)], { code: 7 });
  await peer.ok(['approve', ...(await requestsOn(id))]);
  return id;
}

const requestsOn = async (id: string): Promise<string[]> =>
  (await peer.ok<{ id: string; resource_id: string }[]>(['request', 'list']))
    .filter(({ resource_id }) => resource_id === id)
    .map((request) => request.id);

const without = { UMA_RS_CLIENT_ID: '', UMA_RS_CLIENT_SECRET: '' };

test('pending (7), then an RPT; introspection finds its permissions, and the ticket is good again', async () => {
  const id = await peer.resource('Photo');
  const ticket = await peer.ticket(id, 'view');
  const pending = await peer.run(['rpt', '--ticket', ticket]);
  assert.equal(pending.code, 7);
  assert.deepEqual(pending.json(), {
    error: 'request_submitted',
    error_description: 'Keycloak: access_denied, request_submitted',
    ticket,
  });
  assert.match(pending.err, /alice has to decide/);
  const [request = ''] = await requestsOn(id);
  await peer.ok(['approve', request]);
  const rpt = await peer.run(['rpt', '--ticket', ticket]);
  assert.equal(rpt.code, 0, rpt.err);
  const answer = await peer.ok<Permissions>(['introspect'], { stdin: rpt.out });
  assert.deepEqual(answer.permissions, [{ resource_id: id, resource_scopes: ['view'] }]);
});

test('who asks: ID token, access token as claim token, client_secret_post, and the bearer of the party', async () => {
  const id = await shared('Who asks', 'view');
  const ticket = await peer.ticket(id, 'view');
  const claims = await peer.ok<{ claim_token: string }>(['claims']);
  await peer.ok(['rpt', '--ticket', ticket, '--claim-token-file', peer.file('id_token', claims.claim_token)]);
  const access = await peer.ok<{ access_token: string }>(['pat'], {
    env: { UMA_OWNER: 'bob', UMA_RS_CLIENT_ID: 'photoz-client', UMA_RS_CLIENT_SECRET: 'password' },
  });
  const token = peer.file('access_token', access.access_token);
  await peer.ok(['rpt', '--ticket', ticket, '--claim-token-file', token]);
  await peer.ok(['rpt', '--ticket', ticket, '--bearer-file', token]);
  await peer.ok(['rpt', '--ticket', ticket, '--as-party']);
  await peer.ok(['rpt', '--ticket', ticket, '--client-auth', 'client_secret_post']);
  const opaque = await peer.run(['rpt', '--ticket', ticket, '--bearer-file', peer.file('x', 'garbage')]);
  assert.equal(opaque.code, 4, opaque.err);
  assert.match(opaque.err, /invalid_token/);
});

test('denied (5) is told from pending (7) and from never asked', async () => {
  const id = await peer.resource('Denied');
  const ticket = await peer.ticket(id, 'view');
  const ask = ['rpt', '--ticket', ticket, '--no-submit-request'];
  assert.equal((await peer.ok(ask, { code: 5 })).error, 'request_denied');
  assert.deepEqual(await requestsOn(id), [], 'nothing was filed');
  await peer.ok(['rpt', '--ticket', ticket], { code: 7 });
  assert.equal((await peer.ok(ask, { code: 7 })).error, 'request_submitted', 'the wire says not_authorized');
  const blind = await peer.run(ask, { env: without });
  assert.equal(blind.code, 5);
  assert.match(blind.err, /never asked or has said no; with UMA_RS_CLIENT_ID/);
  await peer.ok(['deny', ...(await requestsOn(id))]);
  const { code, err } = await peer.run(ask);
  assert.equal(code, 5, err);
  assert.match(err, /the answer is no/);
});

test('waiting ends with the denial, and does not file the request once more', async () => {
  const id = await peer.resource('Waiting');
  const ticket = await peer.ticket(id, 'view');
  const claims = await peer.ok<ClaimToken & Record<string, unknown>>(['claims']);
  const connection = new Connection({ issuer: issuer(), send: httpSend({ timeout: 10, insecure: false }) });
  const rs = { id: RS, secret: 'secret', method: 'client_secret_basic' } as const;
  const client = { id: 'photoz-client', secret: 'password', method: 'client_secret_basic' } as const;
  let polls = 0;
  const outcome = await obtainRpt(
    connection,
    client,
    { ticket, ...claims },
    {
      look: { source: async () => patOf(connection, rs, { grant: 'client_credentials' }) },
      wait: {
        limit: 300,
        // The owner decides while the client sleeps: on the second time.
        sleep: async () => {
          polls += 1;
          if (polls === 2) await peer.ok(['deny', ...(await requestsOn(id))]);
        },
      },
    },
  );
  assert.equal(outcome.kind, 'request_denied');
  assert.equal(polls, 2);
  assert.deepEqual(await requestsOn(id), []);
});

test('misconfigured (3): request_submitted is not believed where the owner is never asked', async () => {
  const id = await peer.resource('Unmanaged', ['--no-owner-managed']);
  const ticket = await peer.ticket(id, 'view');
  const { code, err, out } = await peer.run(['rpt', '--ticket', ticket]);
  assert.equal(code, 3, err);
  assert.equal(out, '');
  assert.match(err, /ownerManagedAccess is off for "Unmanaged".*not_owner_managed/s);
  assert.match(err, /Try: uma resource update RESOURCE --owner-managed/);
  const blind = await peer.run(['rpt', '--ticket', ticket], { env: without });
  assert.equal(blind.code, 7, 'nobody can look');
  assert.match(blind.err, /never asked or has said no; with UMA_RS_CLIENT_ID/);
});

test('misconfigured (3): a resource of the resource server itself', async () => {
  const pat = await peer.ok<{ access_token: string }>(['pat', '--grant', 'client_credentials']);
  const given = ['--pat-file', peer.file('pat', pat.access_token)];
  const { _id } = await peer.ok<{ _id: string }>(['register', '--name', 'Server only', '--scope', 'view', ...given]);
  const { ticket } = await peer.ok<{ ticket: string }>(['ticket', '--resource', _id, '--scope', 'view', ...given]);
  const { code, err } = await peer.run(['rpt', '--ticket', ticket]);
  assert.equal(code, 3, err);
  assert.match(err, /the resource server owns the resource itself/);
  await peer.ok(['resource', 'delete', _id, '--yes', ...given]);
});

test('need_info (6): a claim token of another client', async () => {
  const id = await peer.resource('Claims');
  const ticket = await peer.ticket(id, 'view');
  const foreign = await peer.ok<{ claim_token: string }>(['claims'], { env: { UMA_CLIENT_ID: 'UmaClient' } });
  const file = peer.file('foreign', foreign.claim_token);
  const { code, err, json } = await peer.run(['rpt', '--ticket', ticket, '--claim-token-file', file]);
  assert.equal(code, 6, err);
  assert.equal(json().error, 'need_info');
});

test('bad tickets and bad clients: each with its own code', async () => {
  const garbage = await peer.run(['rpt', '--ticket', 'garbage']);
  assert.equal(garbage.code, 2, garbage.err);
  assert.match(garbage.err, /invalid_grant/);
  const id = await peer.resource('Bad client');
  const ticket = await peer.ticket(id, 'view');
  const none = await peer.run(['rpt', '--ticket', ticket, '--no-claims']);
  assert.equal(none.code, 4, none.err);
  assert.match(none.err, /push a claim token/);
  const secret = await peer.run(['rpt', '--ticket', ticket, '--no-claims'], { env: { UMA_CLIENT_SECRET: 'wrong' } });
  assert.equal(secret.code, 4, secret.err);
});

test('P13: an expired ticket says when it ended', async () => {
  const short = { UMA_RS_CLIENT_ID: 'photoz-short-api' };
  const { _id } = await peer.ok<{ _id: string }>(['register', '--name', 'Short', '--scope', 'view'], { env: short });
  const words = ['ticket', '--resource', _id, '--scope', 'view'];
  const { ticket } = await peer.ok<{ ticket: string }>(words, { env: short });
  const end = JSON.parse(Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString()).exp as number;
  // A ticket of this resource server ends after three seconds; nothing announces it, so the clock is waited for.
  await new Promise((resolve) => setTimeout(resolve, end * 1000 - Date.now() + 1100));
  const { code, err } = await peer.run(['rpt', '--ticket', ticket], { env: short });
  assert.equal(code, 2, err);
  assert.match(err, /invalid_grant/);
  assert.match(err, /this ticket ended \d+ s ago/);
  await peer.ok(['resource', 'delete', _id, '--yes'], { env: short });
});

test('GRANT-3.3.5: a part of what the ticket asks for is granted, and what is missing is said', async () => {
  const id = await shared('Part', 'view');
  const ticket = await peer.ticket(id, 'view', 'download');
  const { code, err, out } = await peer.run(['rpt', '--ticket', ticket]);
  assert.equal(code, 0, err);
  assert.match(err, new RegExp(`a part only: the RPT lacks download on ${id}`));
  const answer = await peer.ok<Permissions>(['introspect'], { stdin: out });
  assert.deepEqual(answer.permissions, [{ resource_id: id, resource_scopes: ['view'] }]);
  assert.equal((await requestsOn(id)).length, 1, 'the rest was filed');
});

test('an RPT is upgraded', async () => {
  const id = await shared('Upgrade', 'view', 'download');
  const first = await peer.ok<{ access_token: string }>(['rpt', '--ticket', await peer.ticket(id, 'view')]);
  const words = [
    'rpt',
    '--ticket',
    await peer.ticket(id, 'download'),
    '--rpt-file',
    peer.file('rpt', first.access_token),
  ];
  const second = await peer.run(words);
  assert.equal(second.code, 0, second.err);
  assert.equal(second.json().upgraded, true);
  const [permission] = (await peer.ok<Permissions>(['introspect'], { stdin: second.out })).permissions ?? [];
  assert.deepEqual(permission?.resource_scopes.toSorted(), ['download', 'view']);
});

test('without a ticket: everything, one permission by id, name or URI, as decision or permissions', async () => {
  const id = await peer.resource('Ticketless', ['--uri', '/ticketless/1']);
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, 'view')], { code: 7 });
  await peer.ok(['approve', ...(await requestsOn(id))]);
  const ask = ['rpt', '--audience', RS];
  const all = await peer.run(ask);
  assert.equal(all.code, 0, all.err);
  assert.ok(
    (await peer.ok<Permissions>(['introspect'], { stdin: all.out })).permissions?.some(
      ({ resource_id }) => resource_id === id,
    ),
  );
  for (const word of [id, 'Ticketless', '/ticketless/1']) {
    const decision = [...ask, '--permission', `${word}=view`, '--response-mode', 'decision'];
    assert.deepEqual(await peer.ok(decision), { result: true }, word);
  }
  const listed = await peer.ok<{ rsid: string; scopes: string[] }[]>([
    ...ask,
    '--permission',
    `${id}=view`,
    '--response-mode',
    'permissions',
    '--as-party',
  ]);
  assert.deepEqual(
    listed.map(({ rsid, scopes }) => [rsid, scopes]),
    [[id, ['view']]],
  );
  await peer.ok([...ask, '--permission', `${id}=download`, '--response-mode', 'decision'], { code: 5 });
  assert.deepEqual(await requestsOn(id), [], 'nothing is filed this way');
  // Keycloak's own decision: yes to another scope of a resource by its name, and to a part.
  for (const words of [
    ['--permission', 'Ticketless=download'],
    ['--permission', 'Ticketless=view,download'],
    ['--permission', `${id}=view,download`],
    ['--permission', '/ticketless/1=view,download'],
  ]) {
    const decision = await peer.ok([...ask, ...words, '--response-mode', 'decision'], { code: 5 });
    assert.match(String(decision.error_description), /only a part is allowed: not download on/, words.join(' '));
  }
  const part = await peer.run([...ask, '--permission', 'Ticketless=download']);
  assert.equal(part.code, 0, part.err);
  assert.match(part.err, /a part only: the RPT lacks download on Ticketless/);
  const partByUri = await peer.run([...ask, '--permission', '/ticketless/1=view,download']);
  assert.equal(partByUri.code, 0, partByUri.err);
  assert.match(partByUri.err, /a part only: the RPT lacks download on \/ticketless\/1/);
  const unknown = await peer.run(['rpt', '--audience', 'nope']);
  assert.equal(unknown.code, 2, unknown.err);
});
