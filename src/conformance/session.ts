/** What all checks of a run share: the server's metadata, its HTTP, the tokens of people and clients. */
import { wellKnownUrls } from '../protocol/metadata.ts';
import { Browser, type Walk } from './browser.ts';
import type { Metadata } from './check.ts';
import type { ClientRole, ConformanceConfig, Person, TestClient } from './config.ts';
import type { Answer, Http, RawRequest } from './http.ts';
import { claimsOf, keyOf, sha256url, signJws, unguessable } from './jws.ts';

/** Something that a check builds on did not work; its message says what, its answer shows it. */
export class Unreached extends Error {
  readonly answer: Answer | undefined;
  constructor(message: string, answer?: Answer) {
    super(message);
    this.name = 'Unreached';
    this.answer = answer;
  }
}

export type Sender = (request: RawRequest) => Promise<Answer>;

export const FORM = 'application/x-www-form-urlencoded';

/** Which of the two people or clients of a kind: 0 is the one that has rights, 1 the one that has not. */
export type Which = 0 | 1;

export interface SignInRequest {
  client: TestClient;
  person: Person;
  scope: string;
  /** More members of the authorization or token request. */
  extra?: Record<string, string>;
}

export class Session {
  readonly config: ConformanceConfig;
  readonly metadata: Metadata;
  readonly #http: Http;
  readonly #tokens = new Map<string, Promise<Record<string, unknown>>>();

  constructor(config: ConformanceConfig, metadata: Metadata, http: Http) {
    this.config = config;
    this.metadata = metadata;
    this.#http = http;
  }

  send: Sender = (request) => this.#http.send(request);

  client(role: ClientRole): TestClient {
    const client = this.config.clients[role];
    if (client === undefined) throw new Unreached(`the configuration has no client "${role}"`);
    return client;
  }

  rs(which: Which): TestClient {
    const client = this.config.resource_servers[which];
    if (client === undefined) throw new Unreached(`the configuration has no resource server ${which + 1}`);
    return client;
  }

  owner(which: Which): Person {
    const person = this.config.owners[which];
    if (person === undefined) throw new Unreached(`the configuration has no owner ${which + 1}`);
    return person;
  }

  party(which: Which): Person {
    const person = this.config.parties[which];
    if (person === undefined) throw new Unreached(`the configuration has no requesting party ${which + 1}`);
    return person;
  }

  /** A POST to the token endpoint that authenticates `client`; members of `undefined` are left out, arrays repeated. */
  tokenRequest(
    client: TestClient,
    members: Record<string, string | readonly string[] | undefined>,
    headers: RawRequest['headers'] = {},
    endpoint: string = this.metadata.token_endpoint,
  ): RawRequest {
    const form = new URLSearchParams();
    const own: RawRequest['headers'] = { 'content-type': FORM, accept: 'application/json' };
    if (client.method === 'client_secret_basic')
      own.authorization = basic(client.client_id, client.client_secret ?? '');
    else form.append('client_id', client.client_id);
    if (client.method === 'client_secret_post') form.append('client_secret', client.client_secret ?? '');
    if (client.method === 'private_key_jwt') {
      form.append('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      form.append('client_assertion', this.assertion(client));
    }
    for (const [name, value] of Object.entries(members)) {
      if (value === undefined) continue;
      for (const item of typeof value === 'string' ? [value] : value) form.append(name, item);
    }
    return { method: 'POST', url: endpoint, headers: { ...own, ...headers }, body: form.toString() };
  }

  /** A client assertion of RFC 7523; `claims` win, undefined ones are left out. */
  assertion(client: TestClient, claims: object = {}, header: object = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const { client_id: id } = client;
    const payload = { iss: id, sub: id, aud: this.metadata.issuer, jti: unguessable(), iat: now, exp: now + 60 };
    return signJws(keyOf(client.private_jwk ?? {}), { ...payload, ...claims }, header);
  }

  /** A token answer for a person, kept for the run unless `fresh`. */
  signIn(request: SignInRequest, send: Sender, fresh = false): Promise<Record<string, unknown>> {
    const { client, person, scope } = request;
    const key = JSON.stringify([client.client_id, person.username, scope]);
    const kept = fresh ? undefined : this.#tokens.get(key);
    if (kept !== undefined) return kept;
    const made = this.#signIn(request, send);
    if (!fresh) {
      this.#tokens.set(key, made);
      made.catch(() => this.#tokens.delete(key));
    }
    return made;
  }

  async #signIn(request: SignInRequest, send: Sender): Promise<Record<string, unknown>> {
    const answer = await (this.config.sign_in === 'password'
      ? this.#byPassword(request, send)
      : this.byCode(request, send));
    if (answer.status !== 200 || typeof answer.json.access_token !== 'string')
      throw new Unreached(
        `${request.person.username} could not be signed in at client ${request.client.client_id} for "${request.scope}"`,
        answer,
      );
    return answer.json;
  }

  #byPassword({ client, person, scope, extra }: SignInRequest, send: Sender): Promise<Answer> {
    const { username, password } = person;
    const asked = scope === '' ? undefined : scope;
    return send(this.tokenRequest(client, { grant_type: 'password', username, password, scope: asked, ...extra }));
  }

  /** The code flow with PKCE over the login pages; the answer of the token endpoint. */
  async byCode(request: SignInRequest, send: Sender): Promise<Answer> {
    const { walk, verifier } = await this.authorize(request, send);
    const code = walk.returned?.searchParams.get('code');
    if (code === null || code === undefined)
      throw new Unreached(
        `the login pages gave no code to client ${request.client.client_id} for ${request.person.username}`,
        walk.answer,
      );
    return send(this.codeRequest(request.client, code, verifier));
  }

  codeRequest(client: TestClient, code: string, code_verifier: string | undefined): RawRequest {
    const redirect_uri = client.redirect_uri;
    return this.tokenRequest(client, { grant_type: 'authorization_code', code, redirect_uri, code_verifier });
  }

  /** A person's walk from the authorization endpoint to the client's redirect URI. `extra` wins; an empty value leaves the member out. */
  async authorize(
    { client, person, scope, extra = {} }: SignInRequest,
    send: Sender,
    browser: Browser = new Browser(send),
  ): Promise<{ walk: Walk; verifier: string; state: string }> {
    const verifier = unguessable(32);
    const state = unguessable();
    const url = new URL(this.endpoint('authorization_endpoint'));
    const members: Record<string, string> = {
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: client.redirect_uri ?? '',
      scope,
      state,
      code_challenge: sha256url(verifier),
      code_challenge_method: 'S256',
      ...extra,
    };
    for (const [name, value] of Object.entries(members)) if (value !== '') url.searchParams.set(name, value);
    const home = homeOf(members.redirect_uri ?? '');
    return { walk: await browser.complete(url.href, home, { person }), verifier, state };
  }

  endpoint(member: string): string {
    const url = this.metadata[member];
    if (typeof url !== 'string') throw new Unreached(`the metadata has no ${member}`);
    return url;
  }

  async pat(send: Sender, owner: Which = 0, rs: Which = 0, fresh = false): Promise<string> {
    const request = { client: this.rs(rs), person: this.owner(owner), scope: this.config.pat_scope };
    return (await this.signIn(request, send, fresh)).access_token as string;
  }

  async ownerToken(send: Sender, owner: Which = 0): Promise<string> {
    const client = this.config.owner_client;
    if (client === undefined) throw new Unreached('the configuration has no owner_client');
    const request = { client, person: this.owner(owner), scope: 'uma_owner' };
    return (await this.signIn(request, send)).access_token as string;
  }

  async idToken(send: Sender, party: Which = 0, role: ClientRole = 'main', fresh = false): Promise<string> {
    return this.idTokenOf(send, this.party(party), role, fresh);
  }

  async idTokenOf(send: Sender, person: Person, role: ClientRole, fresh = false): Promise<string> {
    const request = { client: this.client(role), person, scope: 'openid email' };
    const { id_token } = await this.signIn(request, send, fresh);
    if (typeof id_token !== 'string') throw new Unreached(`client "${role}" got no ID Token for ${person.username}`);
    return id_token;
  }

  /** Issuer and subject of a person, as a policy has to name them. */
  async partyOf(send: Sender, person: Person): Promise<{ iss: string; sub: string }> {
    const claims = claimsOf(await this.idTokenOf(send, person, 'main'));
    return { iss: String(claims?.iss), sub: person.subject ?? String(claims?.sub) };
  }
}

/** True for the addresses that lead back to a client: its URI, whatever query was added. */
export function homeOf(uri: string): (url: URL) => boolean {
  const home = uri === '' ? undefined : new URL(uri);
  return (url) => home !== undefined && url.origin === home.origin && url.pathname === home.pathname;
}

/** RFC 6749 2.3.1: id and secret are form-encoded first. */
export function basic(id: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
}

/**
 * The server's metadata, `config.metadata` over the discovery document.
 * @throws Unreached when no document is found, or one for another issuer, or a needed endpoint is missing.
 */
export async function discover(config: ConformanceConfig, http: Http): Promise<Metadata> {
  let last: Answer | undefined;
  for (const url of wellKnownUrls(config.issuer)) {
    last = await http.send({ method: 'GET', url, headers: { accept: 'application/json' } });
    if (last.status === 200 && typeof last.json.issuer === 'string') break;
  }
  // OAuth's own documents say more about the same server; the UMA document wins.
  const others: Record<string, unknown> = {};
  for (const name of ['openid-configuration', 'oauth-authorization-server'] as const) {
    for (const url of wellKnownUrls(config.issuer, name)) {
      const answer = await http.send({ method: 'GET', url, headers: { accept: 'application/json' } });
      if (answer.status === 200 && answer.json.issuer === config.issuer) Object.assign(others, answer.json);
    }
  }
  const metadata = { ...others, issuer: config.issuer, ...last?.json, ...config.metadata };
  if (metadata.issuer !== config.issuer)
    throw new Unreached(`the discovery document is about ${String(metadata.issuer)}, not ${config.issuer}`, last);
  for (const member of ['token_endpoint', 'permission_endpoint', 'resource_registration_endpoint']) {
    if (typeof (metadata as Record<string, unknown>)[member] !== 'string')
      throw new Unreached(`the metadata of ${config.issuer} has no ${member}`, last);
  }
  return metadata as Metadata;
}
