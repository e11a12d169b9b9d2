/** An owner who opens a gateway's `/.uma/connect` and signs in at the authorization server, as a browser would. */
import assert from 'node:assert/strict';
import { Browser } from '../../src/conformance/browser.ts';

/**
 * From `/.uma/connect` through sign-in and consent at the AS back to the gateway at `url`: the last page, and the session's cookie.
 * Everybody's password is `password`.
 */
export async function connectOwner(
  url: string,
  username: string,
  password = 'password',
): Promise<{ page: Response; cookie: string }> {
  const begun = await fetch(`${url}/.uma/connect`, { redirect: 'manual' });
  assert.equal(begun.status, 303);
  const [setCookie = ''] = begun.headers.getSetCookie();
  assert.match(setCookie, /HttpOnly/);
  assert.match(setCookie, /SameSite=Lax/);
  const at = new URL(begun.headers.get('location') ?? '');
  assert.equal(at.searchParams.get('code_challenge_method'), 'S256');
  const browser = new Browser(async ({ method, url: address, headers, body }) => {
    const response = await fetch(address, {
      method,
      redirect: 'manual',
      headers: headers as Record<string, string>,
      ...(body === undefined ? {} : { body: body as string }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      response: { body: text, cookies: response.headers.getSetCookie() },
    } as never;
  });
  const walk = await browser.complete(at.href, (address) => address.origin === url, {
    person: { username, password } as never,
  });
  assert.ok(walk.returned, 'the AS sends the browser back');
  const page = await fetch(walk.returned, { redirect: 'manual', headers: { cookie: setCookie.split(';')[0] ?? '' } });
  const session = page.headers.getSetCookie().find((cookie) => cookie.startsWith('uma_session=')) ?? '';
  return { page, cookie: session.split(';')[0] ?? '' };
}
