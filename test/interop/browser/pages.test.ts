// Every page for people, as axe-core sees it (WCAG 2.2 AA), in light and dark, and on a small screen. With UMA_WRITE_SCREENSHOTS=1 it
// renews the pictures of the console in docs/images.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Harness, start, testConfig } from '../../server/http/harness.ts';
import { launch, newPage, overflow, signIn } from './chromium.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const IMAGES = new URL('../../../docs/images/', import.meta.url);
const CALLBACK = 'http://127.0.0.1/callback';
/** 320 CSS pixels: WCAG 2.2 1.4.10. */
const NARROW = 320;

let browser: Browser;
let as: Harness;
/** Id of the album, and of a request that was decided. */
let album: string;
let decided: string;
before(async () => {
  browser = await launch();
  as = await start({
    config: testConfig((config) => {
      const { people, settings } = config;
      people.push({ ...people[0]!, sub: 'u-17', username: 'b0b', name: 'Bob Baker', email: 'b0b@example.com' });
      people.find(({ username }) => username === 'alice')!.groups = ['climbing'];
      settings.self_asserted_claims = ['country'];
      config.clients.find(({ client_id }) => client_id === 'UmaClient')!.claims_redirect_uris = [CALLBACK];
    }),
  });
  const owner = await as.ownerToken();
  const [pat, bobs, bob, chris, double] = await Promise.all([
    as.pat(),
    as.pat('bob'),
    as.claimToken('bob'),
    as.claimToken('chris'),
    as.claimToken('b0b'),
  ]);
  const party = (sub: string) => ({ party: { iss: as.server.issuer, sub } });
  const policy = (token: string, value: object) =>
    as.json('POST', '/owner/policies', token, { effect: 'allow', ...value });
  const ask = async (resource: string, claims: string, scopes: string[]) =>
    as.redeem(await as.ticket(pat, resource, scopes), claims);
  const scopes = ['view', 'download', 'print'];
  album = await as.register(pat, {
    name: 'Photo Album',
    type: 'photos',
    description: 'Summer in the mountains',
    resource_scopes: scopes,
  });
  const film = await as.register(pat, { name: 'Holiday film', resource_scopes: ['view'] });
  await as.register(pat, { name: 'Diary', resource_scopes: ['read', 'write'] });
  await ask(film, chris, ['view']);
  const list = await as.json('GET', '/owner/requests', owner);
  decided = list.body.requests[0].id;
  await as.json('POST', `/owner/requests/${decided}/deny`, owner, { message: 'Not this year.' });
  const week = Math.floor(Date.now() / 1000) + 7 * 86_400 + 60;
  await policy(owner, {
    resource_id: album,
    subject: party('jdoe'),
    scopes: ['view'],
    expires_at: week,
    clients: ['UmaClient'],
  });
  await policy(owner, { resource_id: album, subject: { group: 'climbing' }, scopes: ['print'] });
  await policy(owner, { resource_id: album, subject: { email: 'eve@example.com' }, effect: 'deny' });
  const given = await ask(album, await as.claimToken('jdoe'), ['view']);
  await as.post('/introspect', { token: given.body.access_token }, pat);
  await ask(album, bob, ['view', 'download']);
  await ask(album, chris, ['download']);
  await ask(film, double, ['view']);
  const notes = await as.register(bobs, { name: 'Climbing notes', resource_scopes: ['read', 'comment'] });
  await policy(await as.ownerToken('bob'), {
    resource_id: notes,
    subject: party('alice'),
    scopes: ['read'],
    expires_at: week,
  });
  await policy(await as.ownerToken('bob'), { resource_id: notes, subject: { group: 'climbing' }, scopes: ['comment'] });
});
after(async () => {
  await browser?.close();
  await as?.server.close();
});

const at = (path: string) => as.server.issuer + path;
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
const authorize = `/authorize?${new URLSearchParams({ client_id: 'UMA-Resource-Server', response_type: 'code', redirect_uri: 'http://127.0.0.1/callback', scope: 'openid uma_protection' })}`;

/** From one page to the next, in one browser. */
const PAGES: readonly (readonly [name: string, open: (page: Page) => Promise<unknown>])[] = [
  ['sign-in', (page) => page.goto(at('/console'))],
  ['wrong password', (page) => signIn(page, 'alice', 'wrong')],
  [
    'signed in: requests',
    async (page) => {
      await signIn(page);
      await page.getByText('Add a message or an end').first().click();
    },
  ],
  ['nothing allowed yet', (page) => page.goto(at('/console/requests?status=approved'))],
  ['denied requests', (page) => page.goto(at('/console/requests?status=denied'))],
  ['one request, and what was done', (page) => page.goto(at(`/console/requests?said=late&request=${decided}`))],
  ['a request', (page) => page.goto(at(`/console/requests/${decided}`))],
  ['resources', (page) => page.goto(at('/console/resources'))],
  [
    'a resource',
    async (page) => {
      await page.goto(at(`/console/resources/${album}`));
      await page.getByText('Change the end').first().click();
      await page.getByText('Stop all sharing', { exact: true }).click();
    },
  ],
  [
    'a share that cannot be',
    async (page) => {
      await page.getByLabel('User name').fill('nobody');
      await press(page, 'Share');
    },
  ],
  [
    'is this the right person',
    async (page) => {
      await page.getByLabel('User name').fill('b0b');
      await page.getByRole('checkbox', { name: 'view' }).check();
      await press(page, 'Share');
    },
  ],
  ['shared with me', (page) => page.goto(at('/console/shared'))],
  ['history', (page) => page.goto(at('/console/history'))],
  ['history without a match', (page) => page.goto(at('/console/history?type=policy_deleted'))],
  ['nothing there', (page) => page.goto(at('/console/none'))],
  ['consent', (page) => page.goto(at(authorize))],
  ['device', (page) => page.goto(at('/device'))],
  [
    'wrong code',
    async (page) => {
      await page.getByLabel('Code').fill('XXXX-XXXX');
      await press(page, 'Continue');
    },
  ],
  [
    'claims: sign-in',
    async (page) => {
      const ticket = await as.ticket(await as.pat(), album, ['view']);
      await page.goto(
        at(`/claims?${new URLSearchParams({ client_id: 'UmaClient', ticket, claims_redirect_uri: CALLBACK })}`),
      );
    },
  ],
  ['claims: what is shared', (page) => signIn(page, 'bob')],
  ['claims: over', (page) => page.goto(at('/claims/none'))],
  [
    'signed out',
    async (page) => {
      await page.goto(at('/console'));
      await press(page, 'Sign out');
    },
  ],
];

interface Violation {
  id: string;
  impact: string;
  help: string;
  nodes: { target: string[]; failureSummary: string }[];
}
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations)`,
  );
  return found.map(
    ({ id, impact, help, nodes }) =>
      `${impact} ${id}: ${help}: ${nodes[0]?.target.join(' ')}: ${nodes[0]?.failureSummary}`,
  );
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page in ${colorScheme}; nothing sticks out at ${NARROW} pixels`, async (t) => {
    const page = await newPage(browser, { colorScheme });
    for (const [name, open] of PAGES) {
      await t.test(name, async () => {
        await open(page);
        await page.locator('h1').waitFor();
        await page.setViewportSize({ width: 1200, height: 844 });
        assert.deepEqual(await violations(page), []);
        await page.setViewportSize({ width: NARROW, height: 844 });
        assert.equal(await overflow(page), 0);
        assert.deepEqual(await violations(page), [], `at ${NARROW} pixels`);
        assert.ok(await page.locator('html[lang]').count());
        await page.setViewportSize({ width: 1200, height: 844 });
      });
    }
  });
}

test('pictures of the console', async () => {
  for (const [file, path, view] of [
    ['console-requests.png', '/console/requests', { colorScheme: 'light', width: 1100 }],
    ['console-resource.png', () => `/console/resources/${album}`, { colorScheme: 'light', width: 1100 }],
    ['console-history.png', '/console/history', { colorScheme: 'dark', width: 1100 }],
    ['console-shared.png', '/console/shared', { colorScheme: 'dark', width: 1100 }],
    ['console-small.png', '/console/requests', { colorScheme: 'dark', width: 390 }],
    ['console-sign-in.png', undefined, { colorScheme: 'light', width: 1100 }],
  ] as const) {
    const page = await newPage(browser, view);
    await page.goto(at(path === undefined ? '/console' : typeof path === 'string' ? path : path()));
    if (path !== undefined) {
      await signIn(page);
      await page.locator('.bar').waitFor();
    }
    const picture = await page.screenshot({ fullPage: path !== undefined });
    assert.ok(picture.length > 8_000, file);
    if (process.env.UMA_WRITE_SCREENSHOTS !== '1') continue;
    mkdirSync(IMAGES, { recursive: true });
    writeFileSync(new URL(file, IMAGES), picture);
  }
});
