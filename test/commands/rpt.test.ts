import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AccessRequest } from '../../src/protocol/owner.ts';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  const config = walkthroughConfig();
  config.settings.interval = 1;
  uma = await startUma({ config });
  await uma.run(['register', '--name', 'Album', '--scope', 'view,download']);
  await uma.run(['policy', 'add', '--resource', 'Album', '--party', 'bob', '--scope', 'view']);
  await uma.run(['policy', 'add', '--resource', 'Album', '--party', 'chris', '--deny']);
});
after(() => uma.close());

const ticket = async (scope = 'view') =>
  String((await uma.run(['ticket', '--resource', 'Album', '--scope', scope])).json().ticket);

test('a ticket in each form that a pipe can bring', async () => {
  const as_uri = uma.server.issuer;
  const challenge = (t: string) => `WWW-Authenticate: UMA realm="photoz", as_uri="${as_uri}", ticket="${t}"`;
  const forms: ((t: string) => string)[] = [
    (t) => JSON.stringify({ ticket: t, as_uri }),
    (t) => `${t}\n`,
    challenge,
    (t) => `HTTP/1.1 401 Unauthorized\r\n${challenge(t)}\r\ncontent-length: 0\r\n\r\n`,
  ];
  for (const form of forms) {
    const { code, err, json } = await uma.run(['rpt', '--party', 'bob'], { stdin: form(await ticket()) });
    assert.equal(code, 0, err);
    assert.equal(typeof json().access_token, 'string');
  }
  const fromEnvironment = await uma.run(['rpt'], { env: { UMA_TICKET: await ticket() } });
  assert.equal(fromEnvironment.code, 0);
});

test('decision 11: what a resource server answers says nothing about who is asking', async () => {
  const body = JSON.stringify({
    ticket: await ticket(),
    claim_token: 'planted',
    claim_token_format: 'urn:planted',
    rpt: 'planted',
    pct: 'planted',
  });
  const response = `HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\n\r\n${body}`;
  const asBob = await uma.run(['rpt', '--party', 'bob'], { stdin: response });
  assert.equal(asBob.code, 0, asBob.err);
  // The same members in an object of the caller's own are taken, and refused by the server.
  const own = await uma.run(['rpt', '--party', 'bob'], {
    stdin: body.replace(/"ticket":"[^"]+"/, `"ticket":"${await ticket()}"`),
  });
  assert.equal(own.code, 6, own.err);
});

test('decision 11: a ticket of another server: nothing is sent, exit 3, both are named', async (t) => {
  const seen: string[] = [];
  const other = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('{}');
  });
  t.after(() => other.close());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const as_uri = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const stdin = JSON.stringify({ ticket: await ticket(), as_uri });
  const refused = await uma.run(['rpt', '--party', 'bob', '-v'], { stdin });
  assert.equal(refused.code, 3);
  assert.equal(refused.out, '');
  assert.ok(refused.err.includes(as_uri) && refused.err.includes(uma.server.issuer));
  assert.match(refused.err, /--trust-as/);
  assert.doesNotMatch(refused.err, /POST|GET/, 'and none to the own server');
  const trusted = await uma.run(['rpt', '--party', 'bob', '--trust-as', as_uri], { stdin });
  assert.equal(trusted.code, 0, trusted.err);
  assert.deepEqual(seen, []);
});

test('GRANT-3.3.6-13: each outcome has its exit code, its object on standard output, and a word of what next; need_info stops', async () => {
  const submitted = await uma.run(['rpt', '--party', 'jdoe'], { stdin: await ticket() });
  assert.equal(submitted.code, 7);
  assert.equal(submitted.json().error, 'request_submitted');
  assert.match(submitted.err, /alice has to decide: uma request list --owner alice/);

  const denied = await uma.run(['rpt', '--party', 'chris'], { stdin: await ticket() });
  assert.equal(denied.code, 5);
  assert.equal(denied.json().error, 'request_denied');

  const need = await uma.run(['rpt', '--no-claims'], { stdin: await ticket() });
  assert.equal(need.code, 6);
  assert.equal(need.json().error, 'need_info');
  assert.notEqual(need.err, '');

  const quiet = await uma.run(['rpt', '--party', 'chris', '--quiet'], { stdin: await ticket() });
  assert.equal(quiet.err, '');
  assert.equal(quiet.code, 5);
});

test('a refused outcome goes through the next command unchanged, with its exit code', async () => {
  const refused = await uma.run(['rpt', '--party', 'chris'], { stdin: await ticket() });
  const next = await uma.run(['introspect'], { stdin: refused.out });
  assert.equal(next.code, 5);
  assert.equal(next.out, refused.out);
});

test('P13: a used ticket: the error says what can be the matter', async () => {
  const used = await ticket();
  assert.equal((await uma.run(['rpt', '--ticket', used])).code, 0);
  const { code, out, err } = await uma.run(['rpt', '--ticket', used]);
  assert.equal(code, 2);
  assert.equal(out, '');
  const [what, why, hint] = err.split('\n');
  assert.match(what ?? '', /The provided access grant is invalid, expired, or revoked\..*used before, has expired/);
  assert.match(why ?? '', /invalid_grant, status 400, UMA Grant 3\.3\.6/);
  assert.match(hint ?? '', /^Try: uma ticket/);
});

test('no ticket anywhere is a usage error', async () => {
  const { code, err } = await uma.run(['rpt']);
  assert.equal(code, 2);
  assert.match(err, /--ticket, standard input or UMA_TICKET/);
});

test('claim tokens: from a file, from the pipe, and a bad one', async () => {
  const claims = await uma.run(['claims', '--party', 'bob']);
  assert.deepEqual(Object.keys(claims.json()), ['claim_token', 'claim_token_format']);
  const path = uma.file('claims.json', claims.out);
  // The party named is not asked: what was given counts.
  const given = await uma.run(['rpt', '--ticket', await ticket(), '--party', 'nobody', '--claim-token-file', path]);
  assert.equal(given.code, 0, given.err);
  const piped = await uma.run(['rpt', '--ticket', await ticket(), '--claim-token-file', '-'], { stdin: claims.out });
  assert.equal(piped.code, 0, piped.err);
  const beside = JSON.stringify({ ticket: await ticket(), ...claims.json() });
  assert.equal((await uma.run(['rpt', '--party', 'nobody'], { stdin: beside })).code, 0);
  const bad = await uma.run(['rpt', '--ticket', await ticket(), '--claim-token-file', uma.file('bad', 'no.jwt.this')]);
  assert.equal(bad.code, 6);
  const empty = await uma.run(['rpt', '--ticket', await ticket(), '--claim-token-file', uma.file('x', '{"a":1}')]);
  assert.equal(empty.code, 2);
});

test('a wrong password of the party and a wrong secret of the client are exit 4', async () => {
  const person = await uma.run(['rpt', '--ticket', await ticket(), '--party', 'jdoe'], {
    env: {
      UMA_CONFIG_DIR: join(uma.directory, 'other'),
      UMA_PARTY: 'jdoe',
      UMA_PARTY_PASSWORD: 'pw-not-his',
    },
  });
  assert.equal(person.code, 4, person.err);
  const client = await uma.run(['rpt', '--ticket', await ticket(), '--no-claims'], {
    env: { UMA_CLIENT_SECRET: 'cs-not-its' },
  });
  assert.equal(client.code, 4, client.err);
  assert.doesNotMatch(person.err + client.err, /pw-not-his|cs-not-its/);
});

test('the client authenticates by post as well', async () => {
  const { code, err } = await uma.run(['rpt', '--client-auth', 'client_secret_post'], { stdin: await ticket() });
  assert.equal(code, 0, err);
});

test('--scope asks for more than the ticket', async () => {
  const rpt = await uma.run(['rpt', '--ticket', await ticket(), '--scope', 'view']);
  assert.equal(rpt.code, 0);
  const lacking = await uma.run(['rpt', '--ticket', await ticket(), '--scope', 'burn']);
  assert.equal(lacking.code, 2);
  assert.match(lacking.err, /invalid_scope/);
});

test('GRANT-3.3.1-11: a scope that the client has not registered is not had by asking for it', async () => {
  const config = walkthroughConfig();
  config.clients = config.clients.map((client) =>
    client.client_id === 'UmaClient' ? { ...client, uma_scopes: ['view'] } : client,
  );
  const strict = await startUma({ config });
  try {
    const album = await strict.run([
      'register',
      '--owner',
      'alice',
      '--name',
      'X',
      '--scope',
      'view',
      '--scope',
      'print',
    ]);
    const { _id } = album.json<{ _id: string }>();
    await strict.run(['policy', 'add', '--owner', 'alice', '--resource', _id, '--party', 'bob']);
    const ask = async (scope: string) => {
      const made = await strict.run(['ticket', '--owner', 'alice', '--resource', _id, '--scope', 'view']);
      return strict.run(['rpt', '--ticket', String(made.json().ticket), '--party', 'bob', '--scope', scope]);
    };
    assert.equal((await ask('view')).code, 0);
    const asked = await ask('print');
    const granted = asked.code !== 0 ? undefined : await strict.run(['introspect'], { stdin: asked.out });
    assert.doesNotMatch(granted?.out ?? '', /print/);
  } finally {
    await strict.close();
  }
});

test('GRANT-3.3.1-04: a claim token of a format of its own is pushed encoded, and one that the server does not know is need_info', async () => {
  const path = uma.file('own.json', '{"organization":["acme"]}');
  const argv = ['rpt', '--ticket', await ticket(), '--claim-token-file', path, '--claim-token-format', 'urn:x'];
  const { code, err } = await uma.run([...argv, '--party', 'bob']);
  assert.equal(code, 6, err);
});

test('GRANT-3.3.1-10: --rpt-file upgrades', async () => {
  const first = await uma.run(['rpt', '--ticket', await ticket()]);
  const path = uma.file('rpt.json', first.out);
  const second = await uma.run(['rpt', '--ticket', await ticket(), '--rpt-file', path]);
  assert.equal(second.code, 0, second.err);
  assert.equal(second.json().upgraded, true);
});

test('--wait polls until the owner has decided', async () => {
  const waiting = uma.run(['rpt', '--party', 'bob', '--wait', '20s'], { stdin: await ticket('download') });
  // When it ends before anybody has decided, there is nothing to look for any more: the answer says why.
  let ended = false;
  void waiting.then(() => {
    ended = true;
  });
  let request: AccessRequest | undefined;
  while (request === undefined && !ended) {
    const pending = (await uma.run(['request', 'list'])).json<AccessRequest[]>();
    request = pending.find(({ scopes }) => scopes.includes('download'));
  }
  if (request === undefined) assert.fail((await waiting).err);
  assert.equal((await uma.run(['approve', request.id])).code, 0);
  const { code, err, json } = await waiting;
  assert.equal(code, 0, err);
  assert.equal(typeof json().access_token, 'string');
});

test('--wait ends as pending when nobody decides', async () => {
  const { code, json } = await uma.run(['rpt', '--party', 'jdoe', '--wait', '500ms'], { stdin: await ticket() });
  assert.equal(code, 7);
  assert.equal(typeof json().ticket, 'string');
});

test('a kept claim token that the server no longer believes is replaced', async () => {
  await uma.run(['rpt', '--party', 'bob'], { stdin: await ticket() });
  const fresh = await ticket();
  // As after a restart of a server with new keys: the signature is another's.
  uma.spoilTokens(({ id_token, ...answer }) =>
    typeof id_token === 'string' ? { ...answer, id_token: id_token.replace(/[^.]*$/, 'AAAA') } : answer,
  );
  const { code, err } = await uma.run(['rpt', '--party', 'bob'], { stdin: fresh });
  assert.equal(code, 0, err);
});
