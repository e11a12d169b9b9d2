/** A check's hands: it sends, records, and states what each exchange shows about which requirement. */
import { Browser } from './browser.ts';
import type { Check, Finding, Metadata } from './check.ts';
import type { ClientRole, ConformanceConfig } from './config.ts';
import { type Grant, type GrantWish, permissionsIn, type Redemption, type Resource } from './flow.ts';
import type { Answer, Exchange, RawRequest } from './http.ts';
import { maskExchange, maskText } from './mask.ts';
import * as owners from './owners.ts';
import { type Session, Unreached, type Which } from './session.ts';

const TICKET_GRANT = 'urn:ietf:params:oauth:grant-type:uma-ticket';
const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export class Probe {
  readonly session: Session;
  readonly metadata: Metadata;
  readonly config: ConformanceConfig;
  readonly #check: Check;
  readonly #findings: Finding[] = [];
  readonly #resources: Pick<Resource, 'id' | 'owner' | 'rs'>[] = [];
  #last: Answer | undefined;

  constructor(session: Session, check: Check) {
    this.session = session;
    this.metadata = session.metadata;
    this.config = session.config;
    this.#check = check;
  }

  // Stating

  /** States what was seen about requirements that the check declares. `evidence` defaults to the last exchange. */
  expect(
    rows: string | readonly string[],
    holds: boolean,
    otherwise: string,
    evidence?: Answer | readonly Answer[],
  ): void {
    const shown = evidence === undefined ? this.#last : evidence;
    const exchanges = shown === undefined ? [] : [shown].flat();
    for (const row of [rows].flat()) {
      const finding: Finding = {
        requirement: this.#declared(row),
        check: this.#check.title,
        status: holds ? 'pass' : 'fail',
      };
      if (!holds) {
        finding.detail = maskText(otherwise);
        finding.evidence = (exchanges as Exchange[]).map(({ request, response }) =>
          maskExchange({ request, response }),
        );
      }
      this.#findings.push(finding);
    }
  }

  notApplicable(rows: string | readonly string[], reason: string): void {
    for (const row of [rows].flat())
      this.#findings.push({
        requirement: this.#declared(row),
        check: this.#check.title,
        status: 'not_applicable',
        detail: reason,
      });
  }

  /** Ends the check when something it builds on is not so; the requirements not yet decided are `blocked` with this reason. */
  require(holds: boolean, otherwise: string, evidence: Answer | undefined = this.#last): asserts holds {
    if (!holds) throw new Unreached(otherwise, evidence);
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  #declared(row: string): string {
    if (!this.#check.requirements.includes(row))
      throw new RangeError(`check "${this.#check.title}" states ${row}, which it does not declare`);
    return row;
  }

  // Sending

  send = async (request: RawRequest): Promise<Answer> => {
    this.#last = await this.session.send(request);
    return this.#last;
  };

  /** Sends without becoming the evidence of the next statement: what a check builds on, not what it looks at. */
  readonly #quietly = (request: RawRequest): Promise<Answer> => this.session.send(request);

  browser(): Browser {
    return new Browser(this.send);
  }

  get(url: string, headers: RawRequest['headers'] = {}): Promise<Answer> {
    return this.send({ method: 'GET', url, headers: { accept: 'application/json', ...headers } });
  }

  /** A request of the protection API; `body` undefined sends none, a string goes as it is. */
  protection(
    method: string,
    url: string,
    token: string | undefined,
    body?: unknown,
    headers: RawRequest['headers'] = {},
  ) {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return this.send({
      method,
      url,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
  }

  // The parts of the flow

  pat(owner: Which = 0, rs: Which = 0, options: { fresh?: boolean } = {}): Promise<string> {
    return this.session.pat(this.#quietly, owner, rs, options.fresh);
  }

  ownerToken(owner: Which = 0): Promise<string> {
    return this.session.ownerToken(this.#quietly, owner);
  }

  idToken(party: Which = 0, client: ClientRole = 'main', options: { fresh?: boolean } = {}): Promise<string> {
    return this.session.idToken(this.#quietly, party, client, options.fresh);
  }

  resourceUrl(id?: string): string {
    const base = this.metadata.resource_registration_endpoint.replace(/\/$/, '');
    return id === undefined ? `${base}/` : `${base}/${encodeURIComponent(id)}`;
  }

  /** Registers a resource; it is deregistered when the run ends. */
  async resource(
    options: { owner?: Which; rs?: Which; scopes?: readonly string[]; description?: object } = {},
  ): Promise<Resource> {
    const { owner = 0, rs = 0, scopes = this.config.scopes, description } = options;
    const name = `conformance ${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    const body = { name, resource_scopes: scopes, ...this.config.resource_members, ...description };
    const created = await this.protection('POST', this.resourceUrl(), await this.pat(owner, rs), body);
    this.require(
      created.status < 300 && typeof created.json._id === 'string',
      'no resource could be registered',
      created,
    );
    this.adopt(created, owner, rs);
    return { id: created.json._id as string, scopes: [...scopes], owner, rs, created };
  }

  /** Has a resource deregistered at the end that a request made, perhaps against expectation. */
  adopt(created: Answer, owner: Which = 0, rs: Which = 0): void {
    const id = created.json._id;
    if (created.request.method === 'POST' && created.status < 300 && typeof id === 'string')
      this.#resources.push({ id, owner, rs });
  }

  /** Asks for a permission ticket. One permission goes as the configuration says, or exactly as it is. */
  async askTicket(permissions: unknown, token: string | undefined, asItIs = false): Promise<Answer> {
    const single = typeof permissions === 'object' && !Array.isArray(permissions);
    const body = single && this.config.permissions_as_array && !asItIs ? [permissions] : permissions;
    return this.protection('POST', this.metadata.permission_endpoint, token, body);
  }

  async ticket(resource: Resource, scopes: readonly string[] = resource.scopes.slice(0, 1)): Promise<string> {
    return this.ticketFor([{ resource, scopes }]);
  }

  /** One ticket for several resources of one owner. */
  async ticketFor(wanted: readonly { resource: Resource; scopes: readonly string[] }[]): Promise<string> {
    const permissions = wanted.map(({ resource, scopes }) => ({ resource_id: resource.id, resource_scopes: scopes }));
    const { owner, rs } = wanted[0]!.resource;
    const answer = await this.askTicket(
      permissions.length === 1 ? permissions[0] : permissions,
      await this.pat(owner, rs),
    );
    this.require(typeof answer.json.ticket === 'string', 'no permission ticket', answer);
    return answer.json.ticket as string;
  }

  /** The uma-ticket grant. */
  async redeem({
    client = 'main',
    party,
    fresh = false,
    ticket,
    headers = {},
    ...members
  }: Redemption): Promise<Answer> {
    const pushed =
      party === undefined
        ? {}
        : { claim_token: await this.idToken(party, client, { fresh }), claim_token_format: ID_TOKEN };
    const form = { grant_type: TICKET_GRANT, ticket, ...pushed, ...members } as Record<string, string | undefined>;
    return this.send(this.session.tokenRequest(this.session.client(client), form, headers));
  }

  allow(resource: Resource, scopes: readonly string[], more: Partial<owners.Wish> = {}): Promise<string | undefined> {
    return owners.allow(this.session, this.#quietly, {
      resource_id: resource.id,
      scopes,
      owner: resource.owner,
      ...more,
    });
  }

  withdraw(resource: Resource, more: Partial<owners.Wish> = {}): Promise<void> {
    const { id: resource_id, scopes, owner } = resource;
    return owners.withdraw(this.session, this.#quietly, { resource_id, scopes, owner, ...more });
  }

  decide(verb: 'approve' | 'deny', resource: Resource, scopes: readonly string[], more: Partial<owners.Wish> = {}) {
    const { id: resource_id, owner } = resource;
    return owners.decide(this.session, this.#quietly, verb, { resource_id, scopes, owner, ...more });
  }

  pendingRequests(resource: Resource): Promise<Record<string, unknown>[]> {
    return owners.pendingRequests(this.session, this.#quietly, resource.id, resource.owner);
  }

  /** The whole way to an RPT: a resource, the owner's policy, a ticket, the grant. */
  async grant(wish: GrantWish = {}): Promise<Grant> {
    const { client = 'main', party = 0, owner = 0, rs = 0, fresh } = wish;
    const resource = wish.resource ?? (await this.resource({ owner, rs }));
    const scopes = wish.scopes ?? resource.scopes.slice(0, 1);
    const policy = await this.allow(resource, scopes, { party });
    const ticket = await this.ticket(resource, scopes);
    const answer = await this.redeem({ client, party, fresh, ticket, ...wish.members });
    const rpt = answer.json.access_token;
    this.require(answer.status === 200 && typeof rpt === 'string', 'no RPT although the policy allows all', answer);
    return { rpt: rpt as string, resource, answer, ...(policy === undefined ? {} : { policy }) };
  }

  /** Introspection: as the configuration says, or as Bearer with this PAT. */
  async introspect(token: string, pat?: string, more: Record<string, string> = {}): Promise<Answer> {
    const url = this.session.endpoint('introspection_endpoint');
    const { by, members } = this.config.introspection;
    if (pat === undefined && by === 'client')
      return this.send(this.session.tokenRequest(this.session.rs(0), { token, ...members, ...more }, {}, url));
    return this.send({
      method: 'POST',
      url,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Bearer ${pat ?? (await this.pat())}`,
      },
      body: new URLSearchParams({ token, ...more }).toString(),
    });
  }

  /** Introspection by another owner or resource server; undefined where the configuration leaves no way to be one. */
  async introspectAs(token: string, owner: Which, rs: Which): Promise<Answer | undefined> {
    if (this.config.introspection.by === 'pat') return this.introspect(token, await this.pat(owner, rs));
    if (rs === 0) return undefined;
    const url = this.session.endpoint('introspection_endpoint');
    return this.send(
      this.session.tokenRequest(this.session.rs(rs), { token, ...this.config.introspection.members }, {}, url),
    );
  }

  /** Permissions of an RPT as `resource id -> sorted scopes`, by introspection. */
  async permissions(rpt: string, pat?: string): Promise<Record<string, string[]>> {
    const answer = await this.introspect(rpt, pat);
    return permissionsIn(answer.json);
  }

  /** Deregisters what the check registered. */
  async tidy(): Promise<void> {
    for (const { id, owner, rs } of this.#resources)
      await this.session.send({
        method: 'DELETE',
        url: this.resourceUrl(id),
        headers: { authorization: `Bearer ${await this.pat(owner, rs)}` },
      });
  }
}
