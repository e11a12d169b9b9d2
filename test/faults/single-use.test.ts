// One ticket, one authorization code, one refresh token, each presented a thousand times at once to several processes.
import { createHash, randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { Browser } from '../server/http/browser.ts';
import { type Answer, CLIENT } from '../server/http/harness.ts';
import { type Instances, instances, onFile } from './instances.ts';
import { onPostgres } from './places.ts';
import { counts } from './report.ts';

const TRIES = 1000;

/** Each try on a connection of its own, all of them under way before the first is answered. */
const atOnce = (work: () => Promise<Answer>): Promise<Answer[]> => Promise.all(Array.from({ length: TRIES }, work));
const granted = (answers: Answer[]) => answers.filter(({ status }) => status === 200);
const invalid = (answers: Answer[]) =>
  answers.filter(({ status, body }) => status === 400 && body.error === 'invalid_grant').length;

const SERVERS: [name: string, (t: TestContext) => Promise<[string, Instances]>][] = [
  [
    'three instances on one PostgreSQL',
    async (t) => ['PostgreSQL, 3 instances', await instances(t, await onPostgres(t), 3)],
  ],
  [
    'one instance of three workers on a SQLite file',
    async (t) => ['SQLite file, 3 workers', await instances(t, onFile(), 1, ['--workers', '3'])],
  ],
  ['three instances on one SQLite file', async (t) => ['SQLite file, 3 instances', await instances(t, onFile(), 3)]],
];

for (const [name, server] of SERVERS) {
  test(`GRANT-5.5-02, ATK-21, SEC-9700-12: ${TRIES} parallel uses of one ticket, code and refresh token, ${name}`, async (t) => {
    const [store, as] = await server(t);
    const pat = await as.pat();
    const id = await as.register(pat);
    await as.allow(id);
    const claims = await as.claimToken();
    const active = async (token: string) => (await as.post('/introspect', { token }, pat)).body.active as boolean;

    await t.test('ticket', async () => {
      const count = counts(`${TRIES} redemptions of one ticket at once`, store);
      const ticket = await as.ticket(pat, id);
      const answers = await atOnce(() => as.redeem(ticket, claims));
      count('an RPT', granted(answers).length, 1);
      count('refused as invalid_grant', invalid(answers), TRIES - 1);
      count('the RPT is active afterwards', Number(await active(granted(answers)[0]?.body.access_token)), 1);
    });

    await t.test('authorization code', async () => {
      const count = counts(`${TRIES} exchanges of one authorization code at once`, store);
      const { exchange } = await codeOf(as);
      const answers = await atOnce(exchange);
      count('tokens', granted(answers).length, 1);
      count('refused as invalid_grant', invalid(answers), TRIES - 1);
      // RFC 6749 4.1.2: what a code gave that is presented again should be revoked.
      let usable = 0;
      for (const { body } of granted(answers)) {
        const { status } = await as.json('GET', '/owner/requests', body.access_token);
        if (status === 200) usable += 1;
      }
      count('tokens of it that still open something', usable, 0);
    });

    await t.test('refresh token', async () => {
      const count = counts(`${TRIES} uses of one refresh token at once`, store);
      const { body } = await as.redeem(await as.ticket(pat, id), claims);
      const renew = (refresh_token: string) =>
        as.post('/token', { grant_type: 'refresh_token', refresh_token }, CLIENT);
      const answers = await atOnce(() => renew(body.refresh_token));
      const won = granted(answers);
      count('an RPT', won.length, 1);
      count('refused as invalid_grant', invalid(answers), TRIES - 1);
      // RFC 9700 4.14.2: reuse ends the whole family.
      let renewed = 0;
      for (const token of [body, ...won.map((answer) => answer.body)])
        if (token.refresh_token !== undefined && (await renew(token.refresh_token)).status === 200) renewed += 1;
      count('refresh tokens of the family that still work', renewed, 0);
    });
  });
}

const REDIRECT = 'http://127.0.0.1:7777/callback';

/** Alice signs in, in a browser; what her client would send for the code. */
async function codeOf(as: Instances): Promise<{ exchange: () => Promise<Answer> }> {
  const code_verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'uma-cli',
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: 'openid uma_owner',
    state: 'st',
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const browser = await new Browser(as).go(`/authorize?${query}`);
  await browser.submit({ action: 'continue', username: 'alice', password: 'password' });
  await browser.submit({ action: 'continue' });
  const code = new URL(browser.url).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, client_id: 'uma-cli', code_verifier };
  return { exchange: () => as.post('/token', form) };
}
