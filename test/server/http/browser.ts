import assert from 'node:assert/strict';
import type { Answer, Harness } from './harness.ts';

/** As much of a browser as sign-in needs: cookies by path, redirects, one form a page. */
export class Browser {
  readonly #as: Harness;
  readonly #cookies = new Map<string, { value: string; path: string }>();
  url = '';
  page: Answer | undefined;
  constructor(as: Harness) {
    this.#as = as;
  }

  async go(url: string, init: RequestInit = {}): Promise<this> {
    let next: string | undefined = new URL(url, this.#as.server.issuer).href;
    let request = init;
    for (let hops = 0; next !== undefined && hops < 10; hops += 1) {
      this.url = next;
      const { origin, pathname } = new URL(next);
      if (origin !== this.#as.server.issuer) return this;
      const cookie = [...this.#cookies]
        .filter(([, { path }]) => pathname.startsWith(path))
        .map(([name, { value }]) => `${name}=${value}`)
        .join('; ');
      this.page = await this.#as.send(next, {
        ...request,
        headers: { ...request.headers, cookie, accept: 'text/html' },
      });
      for (const line of this.page.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split('; ');
        const [name = '', value = ''] = pair.split('=');
        assert.ok(
          attributes.some((item) => /^httponly$/i.test(item)),
          line,
        );
        assert.ok(
          attributes.some((item) => /^samesite=lax$/i.test(item)),
          line,
        );
        this.#cookies.set(name, { value, path: attributes.find((item) => item.startsWith('path='))?.slice(5) ?? '/' });
      }
      const to = this.page.headers.get('location');
      // SEC-9700-20: never a status that would post the form again.
      if (to !== null) assert.ok([302, 303].includes(this.page.status), String(this.page.status));
      next = to === null ? undefined : new URL(to, next).href;
      request = {};
    }
    return this;
  }

  /** Sends the page's form with its hidden members. */
  submit(members: Record<string, string>, headers: Record<string, string> = {}): Promise<this> {
    const text = this.page?.text ?? '';
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1] ?? this.url;
    const hidden = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    return this.go(action, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ ...Object.fromEntries(hidden), ...members }).toString(),
    });
  }
}
