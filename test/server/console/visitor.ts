/** Somebody at the console without scripts: cookies, redirects, forms as the page has them. */
import assert from 'node:assert/strict';
import { Browser } from '../../../src/conformance/browser.ts';
import { type Form, formsOf, textOf } from '../../../src/conformance/html.ts';
import { createHttp, type RawRequest } from '../../../src/conformance/http.ts';

const nowhere = () => false;

export interface Seen {
  status: number;
  url: string;
  path: string;
  html: string;
  /** What the page says, in one line. */
  text: string;
  headers: Record<string, string>;
}

export interface VisitorOptions {
  ca?: string;
  through?: (request: RawRequest) => RawRequest;
}

export class Visitor {
  readonly #browser: Browser;
  readonly #issuer: string;
  #seen: Seen | undefined;
  /** Every cookie that was set, as it was sent. */
  readonly cookies: string[] = [];
  /** `through`: the request as it is sent, where that is not to the issuer itself. */
  constructor(issuer: string, { ca, through = (request) => request }: VisitorOptions = {}) {
    const http = createHttp({ timeout_ms: 10_000, ca });
    this.#issuer = issuer;
    this.#browser = new Browser(async (request) => {
      const answer = await http.send(through(request));
      this.cookies.push(...answer.response.cookies);
      return answer;
    });
  }

  get page(): Seen {
    assert.ok(this.#seen, 'no page is open');
    return this.#seen;
  }

  open(path: string): Promise<Seen> {
    return this.send({ method: 'GET', url: path.startsWith('http') ? path : this.#issuer + path });
  }

  async send(request: RawRequest): Promise<Seen> {
    const { answer, url } = await this.#browser.follow(request, nowhere);
    const html = answer.response.body;
    const path = url.slice(this.#issuer.length);
    this.#seen = { status: answer.status, url, path, html, text: textOf(html), headers: answer.headers };
    return this.#seen;
  }

  /** The request that a press of the button would send; a field of '' is not sent. */
  form(button: RegExp, page = this.page): Form {
    const form = formsOf(page.html, page.url).find(({ buttons }) => buttons.some(({ label }) => button.test(label)));
    assert.ok(form, `a form with a button ${button} on: ${page.text}`);
    return form;
  }

  async press(button: RegExp, fields: Record<string, string> = {}, page = this.page): Promise<Seen> {
    const form = this.form(button, page);
    const { name, value } = form.buttons.find(({ label }) => button.test(label))!;
    const pressed = name === '' ? {} : { [name]: value };
    const { answer, url } = await this.#browser.submit(form, { ...fields, ...pressed }, nowhere);
    const html = answer.response.body;
    const path = url.slice(this.#issuer.length);
    this.#seen = { status: answer.status, url, path, html, text: textOf(html), headers: answer.headers };
    return this.#seen;
  }

  /** Opens a page of the console and signs in on the way. */
  async signIn(username = 'alice', path = '/console', password = 'password'): Promise<Seen> {
    await this.open(path);
    return this.press(/Sign in/, { username, password });
  }
}
