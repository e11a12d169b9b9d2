/** Takes secrets out of exchanges: by the names they travel under, and then by their values wherever else they stand. */
import type { HttpRequest, HttpResponse } from '../protocol/http.ts';
import { decodeToken } from '../protocol/rpt.ts';
import { isSecretName, type Mask, maskBody, maskHeader, maskNamed, maskText } from '../protocol/secrets.ts';
import type { SeenToken } from './trace.ts';

/** Shorter values may be words (`password`), which must not vanish from texts where they are no secret. */
const SURELY_SECRET = 12;
/** The newest are remembered: a server goes on for long. */
const REMEMBERED = 5_000;

/** Claims that work like a secret: ids of sessions and tokens, the id of a ticket that is dressed as a JWT. */
const SECRET_CLAIMS = /^(jti|tid|sid|session_state|nonce|at_hash|c_hash|s_hash)$/;

export class Redactor {
  readonly #values = new Map<string, string>();
  readonly #hide: Mask;

  constructor(hide: Mask = maskNamed) {
    this.#hide = (value, name) => {
      const hidden = hide(value, name);
      this.#remember(value, hidden, name);
      return hidden;
    };
  }

  request(request: HttpRequest): HttpRequest {
    return {
      method: request.method,
      url: maskText(request.url, this.#hide),
      headers: this.#headers(request.headers),
      ...(request.body === undefined
        ? {}
        : { body: maskBody(request.body, request.headers['content-type'] ?? '', this.#hide) }),
    };
  }

  response({ status, headers, body }: HttpResponse): HttpResponse {
    return {
      status,
      headers: this.#headers(headers),
      body: maskBody(body, headers['content-type'] ?? '', this.#hide),
    };
  }

  text(text: string): string {
    return this.everywhere(maskText(text, this.#hide));
  }

  /** JWTs in an exchange, read before it is masked. */
  tokens(request: HttpRequest, response: HttpResponse | undefined): SeenToken[] {
    const found = new Map<string, SeenToken>();
    const add = (value: string, place: string) => {
      const decoded = decodeToken(value);
      if (decoded === undefined || found.has(value)) return;
      found.set(value, { place, header: decoded.header, payload: this.#claims(decoded.payload) });
    };
    const bearer = /^(?:Bearer|DPoP) (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) add(bearer, 'request: authorization');
    for (const [name, value] of membersOf(request.body)) add(value, `request: ${name}`);
    const challenged = /\bticket="([^"]+)"/.exec(response?.headers['www-authenticate'] ?? '')?.[1];
    if (challenged !== undefined) add(challenged, 'response: ticket');
    for (const [name, value] of membersOf(response?.body)) add(value, `response: ${name}`);
    return [...found.values()];
  }

  /** Every value that was masked anywhere, masked here too, plain or as a URL writes it. */
  everywhere(text: string): string {
    let masked = text;
    // The longest first: one may be part of another.
    const values = [...this.#values].sort(([a], [b]) => b.length - a.length);
    for (const [value, hidden] of values) masked = masked.replaceAll(value, hidden);
    return masked;
  }

  #remember(value: string, hidden: string, name: string): void {
    // The pair in Basic is known by its secret, which may travel in a form next time.
    const pair = name === 'Basic' ? fromBase64(value) : undefined;
    const secret = pair?.slice(pair.indexOf(':') + 1);
    for (const item of [value, secret]) {
      if (item === undefined || item.length < SURELY_SECRET) continue;
      const shown = item === value ? hidden : '…';
      for (const form of [item, encodeURIComponent(item), JSON.stringify(item).slice(1, -1)])
        this.#values.set(form, shown);
      for (const oldest of this.#values.keys()) {
        if (this.#values.size <= REMEMBERED) break;
        this.#values.delete(oldest);
      }
    }
  }

  #headers(headers: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, maskHeader(name, value, this.#hide)]),
    );
  }

  #claims(payload: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(payload).map(([name, value]) => [
        name,
        typeof value === 'string' && (SECRET_CLAIMS.test(name) || isSecretName(name)) ? this.#hide(value, name) : value,
      ]),
    );
  }
}

function fromBase64(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

/** Strings under secret names of a form or of the top of a JSON object. */
function membersOf(body: string | undefined): [name: string, value: string][] {
  if (body === undefined || body === '') return [];
  if (!/^\s*\{/.test(body)) return [...new URLSearchParams(body)].filter(([name]) => isSecretName(name));
  try {
    return Object.entries(JSON.parse(body) as Record<string, unknown>).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && isSecretName(entry[0]),
    );
  } catch {
    return [];
  }
}
