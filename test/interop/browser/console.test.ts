// The owner's console in a real Chromium: the walkthrough with Bob on the command line, and what a browser does that a script does not
// (two clicks, two tabs, the way back, a foreign page, a sign-in that ends).
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { walkthroughConfig } from '../../../src/server/config/walkthrough.ts';
import { type Harness, start } from '../../server/http/harness.ts';
import { ended, openStage, type Served, type Stage } from '../../walkthrough/processes.ts';
import { launch, newPage, signIn } from './chromium.ts';

let browser: Browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const allow = (page: Page, what: string) => page.getByRole('button', { name: `Allow Bob Baker: ${what}` });
const deny = (page: Page, what: string) => page.getByRole('button', { name: `Deny Bob Baker: ${what}` });

describe('the walkthrough: Bob on the command line, Alice in the browser', () => {
  let stage: Stage;
  let server: Served;
  before(async () => {
    stage = openStage();
    server = await stage.serve();
  });
  after(() => stage?.close());

  for (const script of [true, false]) {
    test(`${script ? 'with' : 'without'} JavaScript: asked, Shares > Requests, Allow, RPT; stopped, and the RPT is dead`, async () => {
      const album = script ? 'Photo Album' : 'Second Album';
      const env = { UMA_ISSUER: server.issuer };
      const page = await newPage(browser, { script });
      await page.goto(`${server.issuer}/console`);
      await signIn(page);
      await page.getByRole('heading', { name: 'Nobody is waiting for you' }).waitFor();

      assert.equal((await stage.shell(`uma register --name "${album}" --scope view --scope download`, env)).code, 0);
      const asked = await stage.shell(`uma ticket --resource "${album}" --scope download | uma rpt --party bob`, env);
      assert.equal(asked.code, 7, asked.err);
      const { ticket } = asked.json() as { ticket: string };
      const waiting = ended(stage.start(['rpt', '--ticket', ticket, '--party', 'bob', '--wait', '2m'], env));

      // With the script the request arrives by itself, and is told to screen readers; without it the page is asked again.
      if (!script) await page.reload();
      await allow(page, album).waitFor();
      if (script) {
        await page.getByText(`Bob Baker asks for ${album}`, { exact: true }).first().waitFor();
        assert.match(await page.locator('#arrived').innerText(), new RegExp(`Bob Baker asks for ${album}`));
        assert.match(await page.title(), /^\(1\) Requests/);
      }
      await allow(page, album).click();
      await page.getByText(`Allowed. Bob Baker may now use ${album}`).waitFor();

      const granted = await waiting;
      assert.equal(granted.code, 0, granted.err);
      const { access_token } = granted.json() as { access_token: string };
      const introspect = async () =>
        (await stage.shell('uma introspect', { ...env, UMA_RPT: access_token })).json() as { active: boolean };
      assert.equal((await introspect()).active, true);

      await page.getByRole('link', { name: 'Resources' }).click();
      await page.getByRole('link', { name: album }).click();
      await page.getByRole('button', { name: 'Stop sharing Bob Baker' }).click();
      await page.getByText('It is not shared any more.').waitFor();
      assert.equal((await introspect()).active, false);

      await page.getByRole('link', { name: 'History' }).click();
      const told = await page.locator('.log li').allInnerTexts();
      for (const words of ['asked for', 'You allowed Bob Baker to use', 'was given access to', 'You ended a share of'])
        assert.ok(
          told.some((line) => line.includes(words) && line.includes(album)),
          `${words}: ${told.join('\n')}`,
        );
    });
  }
});

describe('what browsers do', () => {
  let as: Harness;
  let claims: string;
  let pat: string;
  before(async () => {
    as = await start();
    [pat, claims] = await Promise.all([as.pat(), as.claimToken()]);
  });
  after(() => as?.server.close());

  async function asked(name: string): Promise<string> {
    const id = await as.register(pat, { name, resource_scopes: ['view', 'download'] });
    assert.equal((await as.redeem(await as.ticket(pat, id), claims)).body.error, 'request_submitted');
    return id;
  }
  const owner = async (path: string) => (await as.json('GET', `/owner${path}`, await as.ownerToken())).body;
  const statusOf = async (resource_id: string) =>
    (await owner('/requests?limit=200')).requests.find(
      (item: { resource_id: string }) => item.resource_id === resource_id,
    )?.status;
  const shares = async (resource_id: string) => (await owner(`/policies?resource_id=${resource_id}`)).policies.length;
  async function alice(path = '/console', view = {}): Promise<Page> {
    const page = await newPage(browser, view);
    await page.goto(as.server.issuer + path);
    await signIn(page);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  test('a double click on Allow allows once, and the page says so', async () => {
    const id = await asked('Double');
    const page = await alice();
    await allow(page, 'Double').dblclick();
    await page.getByText('Allowed. Bob Baker may now use Double').waitFor();
    assert.equal(await shares(id), 1);
    const { history } = await owner(`/history?type=request_approved&resource_id=${id}`);
    assert.equal(history.length, 1);
  });

  test('two tabs: what the first decides stands; the second is told', async () => {
    const id = await asked('Tabs');
    const first = await alice('/console', { script: false });
    const second = await first.context().newPage();
    await second.goto(`${as.server.issuer}/console`);
    await deny(first, 'Tabs').click();
    await first.getByText('Denied. Bob Baker does not get Tabs').waitFor();
    await allow(second, 'Tabs').click();
    await second
      .getByText('Nothing was changed: the request of Bob Baker for Tabs had been decided already. It is: Denied.')
      .waitFor();
    assert.deepEqual([await statusOf(id), await shares(id)], ['denied', 0]);
  });

  test('the way back to a form that was sent: no error, no second effect', async () => {
    const id = await asked('Back');
    const page = await alice('/console', { script: false });
    await allow(page, 'Back').click();
    await page.getByText('Allowed. Bob Baker may now use Back').waitFor();
    await page.goBack();
    const again = allow(page, 'Back');
    // The browser may show the old page or ask for it anew; the old one can be sent once more.
    if (await again.isVisible()) {
      await again.click();
      await page.getByText('Allowed. Bob Baker may now use Back').waitFor();
    }
    assert.deepEqual([await statusOf(id), await shares(id)], ['approved', 1]);
    await page.reload();
    assert.deepEqual([await statusOf(id), await shares(id)], ['approved', 1]);
  });

  test('a request that another tab decides leaves the page; one that somebody is filling in stays', async () => {
    await asked('Stays');
    await asked('Leaves');
    const page = await alice();
    await page.locator('li', { hasText: 'asks for Stays' }).getByText('Add a message or an end').click();
    await page.locator('li', { hasText: 'asks for Stays' }).getByLabel('Message').fill('half a sente');
    const other = await page.context().newPage();
    await other.goto(`${as.server.issuer}/console`);
    await deny(other, 'Leaves').click();
    await other.getByText('does not get Leaves').waitFor();
    await deny(page, 'Leaves').waitFor({ state: 'detached' });
    assert.equal(
      await page.locator('li', { hasText: 'asks for Stays' }).getByLabel('Message').inputValue(),
      'half a sente',
    );
  });

  test('SEC-9700-21 CSRF: a page of another site, and one of the same host, can do nothing with her sign-in', async () => {
    const id = await asked('Forged');
    const page = await alice();
    const action = await page.locator('form', { has: allow(page, 'Forged') }).getAttribute('action');
    const evil = createServer((_request, answer) => {
      answer.setHeader('content-type', 'text/html');
      answer.end(
        `<form method="post" action="${as.server.issuer}${action}"><input name="scope:view" value="yes"><input name="status" value="pending"><button name="action" value="allow">Win a prize</button></form>`,
      );
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const { port } = evil.address() as AddressInfo;
    try {
      // `localhost` is another site than 127.0.0.1, so the cookie stays away; another port of 127.0.0.1 is the same site.
      for (const [host, said] of [
        ['localhost', 'Your sign-in has ended'],
        ['127.0.0.1', 'This did not come from a page that you have open here'],
      ]) {
        const foreign = await page.context().newPage();
        await foreign.goto(`http://${host}:${port}/`);
        await foreign.getByRole('button').click();
        await foreign.getByText(said!).waitFor();
      }
      assert.deepEqual([await statusOf(id), await shares(id)], ['pending', 0]);
      // And it cannot be shown inside one.
      const framing = await page.context().newPage();
      await framing.goto(`http://127.0.0.1:${port}/`);
      const refused = framing.waitForEvent('console', {
        predicate: (message) => /frame-ancestors|X-Frame-Options/i.test(message.text()),
      });
      await framing.evaluate(
        `document.body.append(Object.assign(document.createElement('iframe'), { src: '${as.server.issuer}/console' }))`,
      );
      await refused;
    } finally {
      evil.close();
    }
  });

  test('with the keyboard alone: sign in, past the navigation, allow', async () => {
    const id = await asked('Keys');
    const page = await newPage(browser);
    await page.goto(`${as.server.issuer}/console/requests`);
    // A browser moves the focus when it first draws, which may be after the page has loaded.
    await page.locator('input[name=username]:focus').waitFor();
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type('password');
    await page.keyboard.press('Enter');
    await allow(page, 'Keys').waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.locator(':focus').innerText(), 'Skip to the content');
    await page.keyboard.press('Enter');
    const button = allow(page, 'Keys');
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press('Tab');
      const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
      assert.notEqual(outline, 'none', 'what has the focus shows it');
      if ((await page.locator(':focus').innerText()) === (await button.innerText())) break;
    }
    await page.keyboard.press('Enter');
    await page.getByText('Allowed. Bob Baker may now use Keys').waitFor();
    assert.equal(await statusOf(id), 'approved');
  });

  test('signing out in one tab ends the other', async () => {
    const page = await alice();
    const other = await page.context().newPage();
    await other.goto(`${as.server.issuer}/console/history`);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('heading', { name: 'You are signed out' }).waitFor();
    // The script notices; without it the next click would.
    await page.getByLabel('Password').waitFor();
  });
});

test('a sign-in that ends: the open page asks for it anew, and what was sent meanwhile changes nothing', async () => {
  await using as = await start({
    config: { ...walkthroughConfig(), lifetimes: { ...walkthroughConfig().lifetimes, session: 10 } },
  });
  const pat = await as.pat();
  const id = await as.register(pat, { name: 'Late', resource_scopes: ['view'] });
  await as.redeem(await as.ticket(pat, id), await as.claimToken());
  const page = await newPage(browser, { script: false });
  await page.goto(`${as.server.issuer}/console`);
  await signIn(page);
  const live = await newPage(browser);
  await live.goto(`${as.server.issuer}/console`);
  await signIn(live);
  await allow(page, 'Late').waitFor();
  // The later of the two ends last.
  await live.getByLabel('Password').waitFor();
  await allow(page, 'Late').click();
  await page.getByText('Your sign-in has ended, so nothing was changed.').waitFor();
  const { body } = await as.json('GET', '/owner/requests', await as.ownerToken());
  assert.equal(body.requests[0].status, 'pending');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signIn(page);
  await allow(page, 'Late').click();
  await page.getByText('Allowed. Bob Baker may now use Late').waitFor();
});
