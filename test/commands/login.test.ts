import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { inBrowser, newBrowser, onDevice, signingIn } from './person.ts';
import { startUma, type Uma } from './uma.ts';

/** What is kept, by kind. */
const kept = async (uma: Uma) => {
  const list = (await uma.run(['token', 'list'])).json<{ kind: string; person: string; renewable: boolean }[]>();
  return list.map(({ kind, person, renewable }) => `${person} ${kind}${renewable ? ' renewable' : ''}`);
};

/** As after an hour: access tokens are gone, refresh tokens are not. */
function later(uma: Uma): void {
  const tokens = join(uma.directory, 'tokens');
  for (const name of readdirSync(tokens)) {
    const path = join(tokens, name);
    const item = JSON.parse(readFileSync(path, 'utf8')) as { key: string[] };
    if (!item.key[0]?.startsWith('refresh:')) uma.file(`tokens/${name}`, JSON.stringify({ ...item, expires_at: 1 }));
  }
}

describe('uma login at a server that takes no passwords from clients', () => {
  let uma: Uma;
  before(async () => {
    uma = await startUma({ config: { ...walkthroughConfig(), password_grant: false } });
  });
  beforeEach(() => uma.run(['token', 'forget', '--all']));
  after(() => uma.close());

  const asAlice = () => {
    const browser = newBrowser();
    return signingIn(uma, ['login', '--owner', 'alice', '--grant', 'browser'], (url) =>
      inBrowser(url, 'alice', { browser }),
    );
  };

  test('the owner in a browser: her own token and a PAT, and no password is needed any more', async () => {
    const before = await uma.run(['resource', 'list']);
    assert.notEqual(before.code, 0);
    assert.match(before.err, /^Try: .*uma login --owner alice$/m);
    const ran = await asAlice();
    assert.equal(ran.code, 0, ran.err);
    assert.deepEqual(
      ran.json<{ kind: string; renewable: boolean }[]>().map(({ kind, renewable }) => [kind, renewable]),
      [
        ['owner', true],
        ['pat', true],
      ],
    );
    assert.doesNotMatch(ran.out + ran.err, /access_token|refresh_token/);
    for (const command of [
      ['resource', 'list'],
      ['request', 'list'],
    ])
      assert.equal((await uma.run(command)).code, 0, command.join(' '));
    assert.deepEqual(await kept(uma), ['alice owner renewable', 'alice pat renewable']);
  });

  test('the browser is told who is expected, and asked to sign in once, not twice', async () => {
    const asked: (string | null)[][] = [];
    const browser = newBrowser();
    await signingIn(uma, ['login', '--owner', 'alice', '--grant', 'browser'], (url) => {
      const query = new URL(url).searchParams;
      asked.push([query.get('login_hint'), query.get('prompt')]);
      return inBrowser(url, 'alice', { browser });
    });
    assert.deepEqual(asked, [
      ['alice', 'login'],
      ['alice', null],
    ]);
  });

  test('the requesting party with a code for another device', async () => {
    const ran = await signingIn(uma, ['login', '--party', 'bob', '--no-browser'], (url, code) =>
      onDevice(url, code, 'bob'),
    );
    assert.equal(ran.code, 0, ran.err);
    assert.deepEqual(await kept(uma), ['bob claim renewable']);
    assert.match((await uma.run(['rpt', '--ticket', 'nope'])).err, /invalid_grant/, 'it gets as far as the ticket');
  });

  test('somebody else at the browser is told', async () => {
    const ran = await signingIn(uma, ['login', '--party', 'bob', '--grant', 'browser'], (url) =>
      inBrowser(url, 'chris'),
    );
    assert.match(ran.err, /signed in is chris, not bob/);
  });

  test('cli 27: a token that has ended is renewed by the refresh token, which rotates', async () => {
    await asAlice();
    for (let hour = 0; hour < 3; hour += 1) {
      later(uma);
      const ran = await uma.run(['resource', 'list', '-v']);
      assert.equal(ran.code, 0, ran.err);
      assert.match(ran.err, /POST \/token -> 200/);
    }
  });

  test('cli 27: two commands at once use a rotating refresh token once', async () => {
    await asAlice();
    later(uma);
    const both = await Promise.all([uma.run(['resource', 'list']), uma.run(['resource', 'list'])]);
    assert.deepEqual(
      both.map(({ code, err }) => [code, err]),
      [
        [0, ''],
        [0, ''],
      ],
    );
  });

  test('a refresh token that the server takes no more: sign in again, exit 4, and it is forgotten', async () => {
    await asAlice();
    uma.spoilTokens((answer) => ('refresh_token' in answer ? { refresh_token: 'spoilt' } : answer));
    later(uma);
    const ran = await uma.run(['resource', 'list']);
    assert.equal(ran.code, 4);
    assert.match(ran.err, /the sign-in of alice at \S+ has ended/);
    assert.match(ran.err, /^Try: sign in again: uma login --owner alice$/m);
    assert.deepEqual(await kept(uma), ['alice owner renewable']);
  });

  test('logout revokes at the server and forgets here', async () => {
    await asAlice();
    const { file, value } = tokenOf('pat');
    const ran = await uma.run(['logout', '--owner', 'alice']);
    assert.deepEqual(ran.json(), { forgotten: 2, revoked: 4 }, ran.err);
    assert.deepEqual(await kept(uma), []);
    const list = await uma.run(['resource', 'list'], { env: { UMA_PAT: value.access_token } });
    assert.equal(list.code, 4, `the PAT of ${file} is no good any more`);
    assert.match((await uma.run(['logout'])).err, /nobody was signed in/);
  });

  test('logout forgets also when the server is gone, and says that nothing was revoked there', async () => {
    await asAlice();
    const issuer = uma.server.issuer;
    const gone = { UMA_ISSUER: issuer };
    // An endpoint by hand where nobody listens, in place of a server that has stopped.
    const ran = await uma.run(['logout', '--revocation-endpoint', 'http://127.0.0.1:1/revoke'], { env: gone });
    assert.equal(ran.code, 8);
    assert.match(ran.err, /2 forgotten here, but not revoked at the server/);
    assert.deepEqual(await kept(uma), []);
  });

  function tokenOf(kind: string) {
    const tokens = join(uma.directory, 'tokens');
    const items = readdirSync(tokens).map((file) => ({
      file,
      ...(JSON.parse(readFileSync(join(tokens, file), 'utf8')) as { key: string[]; value: { access_token: string } }),
    }));
    const found = items.find(({ key }) => key[0] === kind);
    assert.ok(found);
    return found;
  }

  test('uma token forget: by id, unknown ids, nothing named', async () => {
    await asAlice();
    const [first] = (await uma.run(['token', 'list'])).json<{ id: string }[]>();
    assert.ok(first);
    assert.deepEqual((await uma.run(['token', 'forget', first.id])).json(), { forgotten: 1 });
    assert.equal((await uma.run(['token', 'forget', first.id])).code, 2, 'it is gone');
    assert.equal((await uma.run(['token', 'forget'])).code, 2);
    assert.equal((await uma.run(['token', 'forget', 'x', '--all'])).code, 2);
    assert.deepEqual((await uma.run(['token', 'forget', '--all'])).json(), { forgotten: 1 });
    assert.equal((await uma.run(['token', 'list'])).out, '[]\n');
  });
});

describe('passwords', () => {
  let uma: Uma;
  before(async () => {
    uma = await startUma();
  });
  after(() => uma.close());

  test('uma login --grant password keeps the sign-in; a wrong one is exit 4', async () => {
    const wrong = await uma.run(['login', '--grant', 'password'], {
      env: { UMA_OWNER: 'alice', UMA_OWNER_PASSWORD: 'x' },
    });
    assert.equal(wrong.code, 4);
    const ran = await uma.run(['login', '--grant', 'password']);
    assert.equal(ran.code, 0, ran.err);
    assert.deepEqual(await kept(uma), ['alice owner renewable', 'alice pat renewable']);
  });

  test('a password given by flag is tried, whatever is kept; one from environment or profile is for when none is', async () => {
    assert.equal((await uma.run(['resource', 'list'])).code, 0);
    const wrong = uma.file('wrong.txt', 'wrong');
    assert.equal((await uma.run(['resource', 'list', '--owner-password-file', wrong])).code, 4);
    const fromEnvironment = { UMA_OWNER: 'alice', UMA_OWNER_PASSWORD: 'wrong' };
    assert.equal((await uma.run(['resource', 'list'], { env: fromEnvironment })).code, 0, 'documented');
    assert.equal((await uma.run(['pat'], { env: fromEnvironment })).code, 4, 'uma pat always asks the server');
  });
});
