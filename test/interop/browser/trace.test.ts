// The HTML trace of `uma demo` in a real Chromium (UMA_INTEROP_CHROMIUM, default /usr/bin/chromium), without JavaScript as it is meant
// to be read. With UMA_WRITE_SCREENSHOTS=1 it renews docs/images/trace.png.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { temporaryDirectory, uma } from '../../cli/uma.ts';

const directory = temporaryDirectory();
const [trace, file, har] = ['demo.json', 'demo.html', 'demo.har'].map((name) => join(directory, name)) as [
  string,
  string,
  string,
];
const SCREENSHOT = new URL('../../../docs/images/trace.png', import.meta.url);

/** Numbers of the arrows, from top to bottom: the walkthrough's, then Bob's second look after Alice took it back. */
const ARROWS = '1 2 3 4 5 6 7 1 2 3 4 6 8 9 10 11 1 9 10 3 4 6 7'.split(' ');

let browser: Browser;
/** What the demo really sent and got. */
let raw = '';

async function open(colorScheme: 'light' | 'dark' = 'light'): Promise<{ page: Page; requests: string[] }> {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    colorScheme,
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { page, requests };
}

describe('the HTML trace of uma demo, in Chromium', () => {
  before(async () => {
    const { code, stderr } = await uma(['demo', '-vv', '--show-secrets', '--trace', trace]);
    assert.equal(code, 0, stderr);
    for (const target of [file, har]) assert.equal((await uma(['trace', 'render', trace, '--to', target])).code, 0);
    raw = stderr;
    browser = await chromium.launch({
      executablePath: process.env.UMA_INTEROP_CHROMIUM ?? '/usr/bin/chromium',
      // Chromium's sandbox does not start for root, which is who runs in containers.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
  });
  after(() => browser?.close());

  test('all steps in order, with the labels of the walkthrough', async () => {
    const { page } = await open();
    const titles = await page.locator('.band .title').allTextContents();
    assert.deepEqual(
      titles.slice(0, 12).map((title) => Number.parseInt(title, 10)),
      Array.from({ length: 12 }, (_, at) => at + 1),
    );
    assert.match(titles[3] ?? '', /Bob asks for it/);
    assert.deepEqual(await page.locator('.flow .badge text').allTextContents(), ARROWS);
    const heights = await Promise.all(
      (await page.locator('.flow .badge').all()).map(async (badge) => (await badge.boundingBox())?.y ?? 0),
    );
    assert.deepEqual(
      heights,
      heights.toSorted((a, b) => a - b),
      'from top to bottom',
    );
    assert.deepEqual(await page.locator('.head text').allTextContents(), [
      'Resource owner',
      'Requesting party',
      'Client',
      'Resource server',
      'Authorization server',
    ]);
  });

  test('an arrow shows its exchange, by click and by keyboard; nothing is loaded', async () => {
    const { page, requests } = await open();
    assert.equal(await page.locator('article:visible').count(), 0);
    await page.locator('a.exchange[aria-label^="8:"]').click();
    const shown = page.locator('article:visible');
    assert.equal(await shown.count(), 1);
    const text = await shown.innerText();
    for (const part of [
      'POST',
      '/token',
      'claim_token',
      'urn:ietf:params:oauth:grant-type:uma-ticket',
      '200',
      'access_token',
      '"sub": "bob"',
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
    await shown.getByText('next').click();
    assert.match(await page.locator('article:visible h2').innerText(), /resource, with RPT/);
    await page.locator('article:visible').getByText('close').click();
    assert.equal(await page.locator('article:visible').count(), 0);
    await page.locator('a.exchange').first().focus();
    await page.keyboard.press('Enter');
    assert.match(await page.locator('article:visible h2').innerText(), /discovery/);
    assert.ok(
      requests.every((url) => url.startsWith('file:')),
      requests.join(),
    );
  });

  test('light and dark; nothing sticks out of the page, also on a small screen', async () => {
    const colour = async (scheme: 'light' | 'dark') => {
      const { page } = await open(scheme);
      return page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    };
    const [light, dark] = [await colour('light'), await colour('dark')];
    assert.notEqual(light, dark);
    const { page } = await open();
    for (const width of [1440, 800, 390]) {
      await page.setViewportSize({ width, height: 844 });
      const wide = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
      assert.equal(wide, 0, `at ${width}`);
    }
  });

  test('words fit between the lines of their arrow', async () => {
    const { page } = await open();
    const arrows = await page.locator('.flow a.exchange').all();
    assert.ok(arrows.length > 40);
    for (const arrow of arrows) {
      const [line, words] = [await arrow.locator('line').boundingBox(), await arrow.locator('.words').boundingBox()];
      assert.ok(
        line !== null && words !== null && words.x >= line.x - 2 && words.x + words.width <= line.x + line.width + 2,
        await arrow.innerHTML(),
      );
    }
  });

  test('the HAR file is one that a browser tool reads: it plays the recorded answers', async () => {
    const context = await browser.newContext();
    await context.routeFromHAR(har);
    const { log } = JSON.parse(readFileSync(har, 'utf8')) as { log: { entries: { request: { url: string } }[] } };
    const page = await context.newPage();
    const response = await page.goto(log.entries[0]!.request.url);
    assert.ok(response);
    assert.equal(response.status(), 200);
    assert.equal(((await response.json()) as { issuer: string }).issuer, new URL(log.entries[0]!.request.url).origin);
  });

  test('SEC: none of the secrets that travelled is in the file', () => {
    const page = readFileSync(file, 'utf8') + readFileSync(har, 'utf8') + readFileSync(trace, 'utf8');
    const secrets = new Set(
      [
        /(?:Bearer|Basic) ([\w.+/=~-]+)/g,
        /"(?:\w+_token|ticket|rpt)": ?"([^"]+)"/g,
        /(?:ticket|\w+_token|token|password)=([^&\s"]+)/g,
        /ticket="([^"]+)"/g,
      ]
        .flatMap((pattern) => [...raw.matchAll(pattern)])
        .map(([, secret = '']) => secret)
        .filter((secret) => secret.length > 8 && !secret.includes('…')),
    );
    assert.ok(secrets.size >= 12, `${secrets.size} secrets seen`);
    for (const secret of secrets) assert.ok(!page.includes(secret), secret);
    assert.ok(!page.includes('password=password'));
  });

  test('a picture of it', async () => {
    const { page } = await open();
    await page.locator('a.exchange[aria-label^="8:"]').click();
    const picture = await page.screenshot();
    assert.ok(picture.length > 50_000);
    if (process.env.UMA_WRITE_SCREENSHOTS !== '1') return;
    mkdirSync(new URL('.', SCREENSHOT), { recursive: true });
    writeFileSync(SCREENSHOT, picture);
  });
});
