/** A scripted person with a cookie jar: follows redirects, fills in the sign-in form, presses a button, until the client's address is reached. */
import type { Person } from './config.ts';
import { type Form, formsOf } from './html.ts';
import type { Answer, RawRequest } from './http.ts';

/** Where the walk ended: at the client's address (`returned`, not fetched), or on a page. */
export interface Walk {
  returned?: URL;
  /** The last answer: the redirect to the client, or the page. */
  answer: Answer;
  url: string;
  /** Every answer of the walk, in order. */
  answers: Answer[];
}

export interface Decision {
  person: Person;
  /** Whether to agree where a page asks; default true. */
  agree?: boolean;
  /** Tick every checkbox (consent to remember) or none; default: as the page has them. */
  tick?: boolean;
  /** Sign in, and stop at the page that asks for a decision. */
  pause?: boolean;
}

const AGREE = /allow|accept|approve|agree|continue|confirm|yes|grant|share|sign.?in|log.?in|submit|next/i;
const REFUSE = /deny|cancel|reject|refuse|decline|abort|disallow|\bno\b/i;

export class Browser {
  readonly #send: (request: RawRequest) => Promise<Answer>;
  readonly #cookies = new Map<string, Map<string, { value: string; path: string }>>();

  constructor(send: (request: RawRequest) => Promise<Answer>) {
    this.#send = send;
  }

  async request(request: RawRequest): Promise<Answer> {
    const url = new URL(request.url);
    const jar = [...(this.#cookies.get(url.hostname) ?? [])].filter(([, { path }]) => url.pathname.startsWith(path));
    const headers: RawRequest['headers'] = { accept: 'text/html,application/xhtml+xml', ...request.headers };
    if (jar.length > 0) headers.cookie = jar.map(([name, { value }]) => `${name}=${value}`).join('; ');
    const answer = await this.#send({ ...request, headers });
    for (const cookie of answer.response.cookies) this.#keep(url, cookie);
    return answer;
  }

  #keep(url: URL, cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
    const equals = pair.indexOf('=');
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
    const gone = attributes.some(
      (attribute) => /^max-age=0$/i.test(attribute) || /^expires=.*\b1970\b/i.test(attribute),
    );
    const jar = this.#cookies.get(url.hostname) ?? new Map<string, { value: string; path: string }>();
    if (gone) jar.delete(pair.slice(0, equals));
    else jar.set(pair.slice(0, equals), { value: pair.slice(equals + 1), path });
    this.#cookies.set(url.hostname, jar);
  }

  /** Sends and follows redirects; stops before an address that `home` accepts, and at the first page. */
  async follow(first: RawRequest, home: (url: URL) => boolean, answers: Answer[] = []): Promise<Walk> {
    let request = first;
    for (let hop = 0; hop < 20; hop += 1) {
      const answer = await this.request(request);
      answers.push(answer);
      const location = answer.headers.location;
      if (answer.status < 300 || answer.status >= 400 || location === undefined)
        return { answer, url: request.url, answers };
      const next = new URL(location, request.url);
      if (home(next)) return { returned: next, answer, url: request.url, answers };
      const keepsMethod = answer.status === 307 || answer.status === 308;
      request = keepsMethod ? { ...request, url: next.href } : { method: 'GET', url: next.href };
    }
    throw new Error(`more than 20 redirects from ${first.url.split('?')[0]}`);
  }

  /** Sends a form as a person would; `fields` win over what the page holds. */
  submit(
    form: Form,
    fields: Record<string, string>,
    home: (url: URL) => boolean,
    answers: Answer[] = [],
  ): Promise<Walk> {
    return this.follow(formRequest(form, fields), home, answers);
  }

  /** Goes through sign-in and consent pages until home, a page without a form, or an error page. */
  async complete(start: string, home: (url: URL) => boolean, decision: Decision): Promise<Walk> {
    let walk = await this.follow({ method: 'GET', url: start }, home);
    for (let page = 0; page < 8 && walk.returned === undefined && walk.answer.status < 400; page += 1) {
      const forms = formsOf(walk.answer.response.body, walk.url);
      const signIn = forms.find((form) => form.fields.some(({ type }) => type === 'password'));
      const form = signIn ?? decisionForm(forms, decision.agree ?? true);
      if (form === undefined || (signIn === undefined && decision.pause === true)) break;
      const fields = signIn === undefined ? decide(form, decision) : credentials(form, decision.person);
      const pressed = Object.keys(fields).length === 0 ? undefined : fields;
      walk = await this.submit(form, pressed ?? {}, home, walk.answers);
    }
    return walk;
  }
}

export function formRequest(form: Form, fields: Record<string, string>): RawRequest {
  const body = new URLSearchParams();
  for (const field of form.fields) {
    const box = field.type === 'checkbox' || field.type === 'radio';
    if (!(field.name in fields) && (!box || field.checked)) body.append(field.name, field.value);
  }
  for (const [name, value] of Object.entries(fields)) if (value !== '') body.append(name, value);
  if (form.method === 'GET') {
    const url = new URL(form.action);
    for (const [name, value] of body) url.searchParams.append(name, value);
    return { method: 'GET', url: url.href };
  }
  return {
    method: 'POST',
    url: form.action,
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(form.action).origin },
    body: body.toString(),
  };
}

function credentials(form: Form, person: Person): Record<string, string> {
  const fields: Record<string, string> = {};
  const typed = form.fields.filter(({ type }) => type === 'text' || type === 'email' || type === 'password');
  for (const { type, name } of typed) fields[name] = type === 'password' ? person.password : person.username;
  const [button] = form.buttons.filter(({ label, value }) => !REFUSE.test(`${label} ${value}`));
  if (button !== undefined && button.name !== '') fields[button.name] = button.value;
  return fields;
}

const says = (form: Form, word: RegExp) =>
  form.buttons.find(({ name, value, label }) => word.test(`${label} ${value} ${name}`));

function decisionForm(forms: Form[], agree: boolean): Form | undefined {
  const wanted = agree
    ? forms.find((form) =>
        form.buttons.some(({ label, value }) => AGREE.test(`${label} ${value}`) && !REFUSE.test(label)),
      )
    : forms.find((form) => says(form, REFUSE) !== undefined);
  return wanted ?? forms[0];
}

function decide(form: Form, { agree = true, tick }: Decision): Record<string, string> {
  const fields: Record<string, string> = {};
  if (tick !== undefined) {
    for (const { type, name, value } of form.fields) if (type === 'checkbox') fields[name] = tick ? value : '';
  }
  const agreeing = form.buttons.find(
    ({ label, value }) => AGREE.test(`${label} ${value}`) && !REFUSE.test(`${label} ${value}`),
  );
  const button = agree ? (agreeing ?? form.buttons[0]) : says(form, REFUSE);
  if (button !== undefined && button.name !== '') fields[button.name] = button.value;
  if (button?.action !== undefined) form.action = new URL(button.action, form.action).href;
  return fields;
}
