/** A person at a browser of her own, for commands that let her sign in at the server itself. */
import assert from 'node:assert/strict';
import { Browser } from '../../src/conformance/browser.ts';
import { createHttp } from '../../src/conformance/http.ts';
import type { Ran, RunOptions, Uma } from './uma.ts';

const http = createHttp({ timeout_ms: 5000 });

export const newBrowser = (): Browser => new Browser((request) => http.send(request));

/** Runs the command; `go` is called with each address, and the code if there is one, that it tells the person. */
export async function signingIn(
  uma: Uma,
  argv: string[],
  go: (url: string, code: string | undefined) => Promise<unknown>,
  options: RunOptions = {},
): Promise<Ran> {
  const going: Promise<unknown>[] = [];
  const ran = await uma.run(argv, {
    ...options,
    onErr(text) {
      const [, url, code] = /sign in at (\S+)(?: with the code (\S+))?/.exec(text) ?? [];
      if (url !== undefined) going.push(go(url, code));
    },
  });
  await Promise.all(going);
  return ran;
}

const person = (username: string) => ({ username, password: 'password' });

export interface AtThePage {
  browser?: Browser;
  /** What the browser brings back. */
  change?(back: URL): URL;
  agree?: boolean;
}

/** Signs in and agrees, then brings the answer back to the program, as a browser does. */
export async function inBrowser(
  url: string,
  username: string,
  { browser = newBrowser(), change = (back) => back, agree = true }: AtThePage = {},
): Promise<void> {
  const { redirect_uri } = Object.fromEntries(new URL(url).searchParams);
  const walk = await browser.complete(url, (next) => next.href.startsWith(redirect_uri ?? ''), {
    person: person(username),
    agree,
  });
  assert.ok(walk.returned, `the browser stayed at ${walk.url}`);
  const page = await fetch(change(walk.returned));
  assert.match(await page.text(), /You can close this page/);
}

/** Types the code in at the page. */
export async function onDevice(url: string, code: string | undefined, username: string): Promise<void> {
  assert.ok(code);
  const walk = await newBrowser().complete(`${url}?user_code=${code}`, () => false, { person: person(username) });
  assert.match(walk.answer.response.body, /Connected/);
}
