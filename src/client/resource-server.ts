/** The resource server's role: PAT, resource registration, permission tickets, introspection (UMA Federated Authorization 1.3, 3, 4, 5). */
import { UmaError } from '../protocol/errors.ts';
import { type ClientCredentials, type HttpExchange, type HttpRequest, refusal } from '../protocol/http.ts';
import type { Introspection } from '../protocol/introspection.ts';
import type { RequestedPermission } from '../protocol/permission.ts';
import type { RegisteredResource, RegistrationAnswer, ResourceDescription } from '../protocol/resource.ts';
import { buildClientCredentialsGrant, buildPasswordGrant } from '../protocol/token.ts';
import type { Connection } from './connection.ts';
import type { SignIn } from './sign-in.ts';
import { type FetchedToken, sendWithToken, type TokenSource } from './tokens.ts';

/** Somebody who can sign in; the password is asked for only when it is needed. */
export interface Person {
  name: string;
  /** The password was given with this call and has to be tried, whatever is kept. */
  insists?: boolean;
  password(): Promise<string>;
}

/** How a PAT is got: for the owner by her password or her own sign-in, or for the client itself. */
export type PatGrant =
  | { grant: 'password'; owner: Person }
  | { grant: 'client_credentials' }
  | { grant: 'sign-in'; owner: Pick<Person, 'name'>; signIn: SignIn };

/**
 * A PAT of `client`.
 * `client` may come later (its secret can be a prompt) but has to name itself now, for the cache.
 */
export function patOf(connection: Connection, client: ClientCredentials, grant: PatGrant): FetchedToken {
  const person = grant.grant === 'client_credentials' ? '' : grant.owner.name;
  return {
    key: ['pat', client.id, person],
    client,
    ...(grant.grant === 'password' && grant.owner.insists === true ? { anew: true } : {}),
    ...(grant.grant === 'sign-in' ? { staysSignedIn: true } : {}),
    async fetch() {
      const endpoint = await connection.endpoint('token_endpoint');
      const { patScope: scope, readToken } = connection.dialect.tokens;
      const exchange =
        grant.grant === 'sign-in'
          ? await (await import('./sign-in.ts')).signIn(connection, client, scope, grant.signIn)
          : await connection.exchange(
              grant.grant === 'password'
                ? buildPasswordGrant(endpoint, client, {
                    username: grant.owner.name,
                    password: await grant.owner.password(),
                    scope,
                  })
                : buildClientCredentialsGrant(endpoint, client, { scope }),
            );
      const whose = person === '' ? `for the client ${client.id}` : `for ${person} and the client ${client.id}`;
      return readToken(exchange, `no PAT ${whose}`, connection.note);
    },
  };
}

/** How many resources are read, at most, to find one by its name. */
const SEARCHED = 200;
/** Reads under way at once in such a search. */
const PARALLEL = 8;
/** Resources named in an error. */
const NAMED = 10;

export class ResourceServer {
  readonly #connection: Connection;
  readonly #client: ClientCredentials;
  readonly #pat: TokenSource;
  readonly #whose: string;

  /** `whose` is said in errors: `alice's PAT (client UMA-Resource-Server)`. */
  constructor(connection: Connection, client: ClientCredentials, pat: TokenSource, whose: string) {
    this.#connection = connection;
    this.#client = client;
    this.#pat = pat;
    this.#whose = whose;
  }

  /** @throws UmaError the refusal, or `peer`; so do all that follow. */
  async register(description: ResourceDescription): Promise<RegistrationAnswer> {
    const exchange = await this.#registration((endpoint, pat) =>
      this.#protection.buildCreate(endpoint, pat, description),
    );
    return this.#protection.readRegistration(exchange, this.#connection.note);
  }

  async read(id: string): Promise<RegisteredResource> {
    const exchange = await this.#registration((endpoint, pat) => this.#protection.buildRead(endpoint, pat, id));
    return this.#protection.readResource(exchange, this.#connection.note);
  }

  /** Replaces the whole description (FED 3.2.3). */
  async update(id: string, description: ResourceDescription): Promise<RegistrationAnswer> {
    const exchange = await this.#registration((endpoint, pat) =>
      this.#protection.buildUpdate(endpoint, pat, id, description),
    );
    return this.#protection.readRegistration(exchange, this.#connection.note);
  }

  async delete(id: string): Promise<void> {
    const exchange = await this.#registration((endpoint, pat) => this.#protection.buildDelete(endpoint, pat, id));
    this.#protection.readDeletion(exchange, this.#connection.note);
  }

  /** Ids of what this PAT sees. */
  async list(): Promise<string[]> {
    const exchange = await this.#registration((endpoint, pat) => this.#protection.buildList(endpoint, pat));
    return this.#protection.readIds(exchange, this.#connection.note);
  }

  /** The first `limit` resources with their descriptions; one deleted meanwhile is left out. */
  async describe(limit = SEARCHED): Promise<RegisteredResource[]> {
    const ids = (await this.list()).slice(0, limit);
    const found = new Map<string, RegisteredResource>();
    const next = ids.values();
    const reader = async () => {
      for (const id of next) {
        const exchange = await this.#registration((endpoint, pat) => this.#protection.buildRead(endpoint, pat, id));
        if (!this.#protection.unknownResource(exchange))
          found.set(id, this.#protection.readResource(exchange, this.#connection.note));
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, ids.length) }, reader));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  /**
   * The resource of that id or, if there is none, of that name or URI; an id wins over a name, a name over a URI.
   * @throws UmaError `unknown_resource` (refused) saying whose PAT it was and what it sees; `ambiguous_resource` (usage) with the candidates.
   */
  async resolve(idOrName: string): Promise<RegisteredResource> {
    const exchange = await this.#registration((endpoint, pat) => this.#protection.buildRead(endpoint, pat, idOrName));
    if (!this.#protection.unknownResource(exchange))
      return this.#protection.readResource(exchange, this.#connection.note);
    return this.#byName(idOrName, exchange);
  }

  /**
   * A permission ticket. Resources may be named by id or name: an id costs one request, a name a search.
   * @throws UmaError as {@link resolve}; `invalid_scope` with the scopes that there are.
   */
  async ticket(
    permissions: readonly RequestedPermission[],
  ): Promise<{ ticket: string; permissions: RequestedPermission[] }> {
    let wanted = [...permissions];
    let exchange = await this.#askTicket(wanted);
    if (this.#protection.unknownResource(exchange)) {
      const refused = exchange;
      const ids = new Set(await this.list());
      const named = wanted.filter(({ resource_id }) => !ids.has(resource_id));
      const found = new Map<string, string>();
      let described: Promise<RegisteredResource[]> | undefined;
      const all = () => (described ??= this.describe());
      for (const { resource_id: name } of named) found.set(name, (await this.#byName(name, refused, all))._id);
      if (named.length > 0) {
        wanted = wanted.map((permission) => ({
          ...permission,
          resource_id: found.get(permission.resource_id) ?? permission.resource_id,
        }));
        exchange = await this.#askTicket(wanted);
      }
    }
    try {
      return { ticket: this.#protection.readTicket(exchange, this.#connection.note), permissions: wanted };
    } catch (error) {
      throw error instanceof UmaError && error.code === 'invalid_scope'
        ? await this.#explainScopes(error, wanted)
        : error;
    }
  }

  async introspect(token: string): Promise<Introspection> {
    const endpoint = await this.#connection.endpoint('introspection_endpoint');
    const protection = this.#protection;
    const exchange =
      protection.introspectsWith === 'client'
        ? await this.#connection.exchange(protection.buildIntrospection(endpoint, { client: this.#client }, token))
        : await sendWithToken(this.#connection, this.#pat, (pat) =>
            protection.buildIntrospection(endpoint, { pat }, token),
          );
    return protection.readIntrospection(exchange, this.#connection.note);
  }

  get #protection() {
    return this.#connection.dialect.protection;
  }

  async #registration(build: (endpoint: string, pat: string) => HttpRequest): Promise<HttpExchange> {
    const endpoint = await this.#connection.endpoint('resource_registration_endpoint');
    return sendWithToken(this.#connection, this.#pat, (pat) => build(endpoint, pat));
  }

  async #askTicket(permissions: readonly RequestedPermission[]): Promise<HttpExchange> {
    const endpoint = await this.#connection.endpoint('permission_endpoint');
    return sendWithToken(this.#connection, this.#pat, (pat) =>
      this.#protection.buildTicket(endpoint, pat, permissions),
    );
  }

  /** By name, else by URI: asked of the server where it can search, else compared with `all`. */
  async #byName(
    name: string,
    refused: HttpExchange,
    all = (): Promise<RegisteredResource[]> => this.describe(),
  ): Promise<RegisteredResource> {
    const { find } = this.#protection;
    for (const by of find === undefined ? [] : (['name', 'uri'] as const)) {
      const exchange = await this.#registration((endpoint, pat) => find!.build(endpoint, pat, by, name));
      const found = find!.read(exchange, this.#connection.note);
      if (found.length > 0) return this.#pick(name, found, refused);
    }
    return this.#pick(name, await all(), refused);
  }

  #pick(name: string, known: readonly RegisteredResource[], refused: HttpExchange): RegisteredResource {
    const byName = known.filter((resource) => resource.name === name);
    const byUri = known.filter(({ uris }) => Array.isArray(uris) && uris.includes(name));
    const named = byName.length > 0 ? byName : byUri;
    const [only] = named;
    if (only !== undefined && named.length === 1) return only;
    if (named.length > 1) {
      throw new UmaError(
        'usage',
        'ambiguous_resource',
        `${named.length} resources are named "${name}": ${named.map(({ _id }) => _id).join(', ')}`,
        { hint: `name it by its id: --resource ${named[0]?._id}` },
      );
    }
    const seen = known.slice(0, NAMED).map((resource) => describeResource(resource));
    const more = known.length > NAMED ? `, and ${known.length - NAMED} more` : '';
    const sees = seen.length === 0 ? 'it sees no resource at all' : `it sees ${seen.join(', ')}${more}`;
    const { status, wire, spec } = refusal(refused, `no resource "${name}"`, {
      spec: 'UMA Federated Authorization 4.3',
    });
    const said = [status, wire?.error].filter((part) => part !== undefined).join(' ');
    throw new UmaError(
      'refused',
      'unknown_resource',
      `no resource "${name}" for ${this.#whose} (the server said ${said}); ${sees}; what belongs to another owner needs that owner's PAT (--owner)`,
      { spec, status, wire, exchange: refused, hint: suggestion(refused, known[0], name) },
    );
  }

  /** The refusal with the scopes that there are, unless the server has told them; as it was where they cannot be read. */
  async #explainScopes(refusal: UmaError, permissions: readonly RequestedPermission[]): Promise<UmaError> {
    let resources: RegisteredResource[];
    try {
      resources = await Promise.all(permissions.map(({ resource_id }) => this.read(resource_id)));
    } catch {
      return refusal;
    }
    const told = resources.every(({ resource_scopes }) =>
      resource_scopes.every((scope) => refusal.message.includes(scope)),
    );
    const offers = resources.map(
      (resource) => `${describeResource(resource)} offers ${resource.resource_scopes.join(', ') || 'no scope'}`,
    );
    const { spec, status, wire, exchange } = refusal;
    const first = resources.find(({ resource_scopes }) => resource_scopes.length > 0);
    return new UmaError('refused', 'invalid_scope', [refusal.message, ...(told ? [] : offers)].join('; '), {
      spec,
      status,
      wire,
      exchange,
      hint:
        first === undefined
          ? `uma resource update ${resources[0]?._id} --scope SCOPE`
          : `uma ticket --resource ${first._id} --scope ${first.resource_scopes[0]}`,
    });
  }
}

/** The same command with a resource that is there; where there is none, the one that makes it. */
function suggestion(refused: HttpExchange, first: RegisteredResource | undefined, name: string): string {
  if (first === undefined) return `uma register --name '${name.replaceAll("'", '')}' --scope view`;
  if (refused.request.method === 'GET') return `uma resource show ${first._id}`;
  const [scope] = first.resource_scopes;
  return `uma ticket --resource ${first._id}${scope === undefined ? '' : ` --scope ${scope}`}`;
}

const describeResource = ({ _id, name }: { _id: string; name?: string | undefined }): string =>
  name === undefined || name === _id ? _id : `${_id} "${name}"`;
