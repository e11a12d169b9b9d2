/**
 * The owner's side of AM: session, pending requests, policies, resource sets, history (the documents beside each path of
 * wire/forgerock.ts). AM has one policy a resource; here each entry of it is a policy, `RESOURCE:PERSON`.
 */
import { UmaError } from '../../../protocol/errors.ts';
import {
  type ClientCredentials,
  type HttpExchange,
  type HttpRequest,
  isObject,
  isStringArray,
  jsonRequest,
} from '../../../protocol/http.ts';
import type { PartialMetadata } from '../../../protocol/metadata.ts';
import type { HistoryEntry, HistoryType, Party, PolicyDescription, Revocation } from '../../../protocol/owner.ts';
import { union } from '../../../protocol/scopes.ts';
import type { TokenAnswer } from '../../../protocol/token.ts';
import {
  FORGEROCK_API,
  FORGEROCK_AUDIT_TYPES,
  FORGEROCK_JSON_PATHS,
  FORGEROCK_SIGN_IN_HEADERS,
  type ForgerockAuditEntry,
  type ForgerockPendingRequest,
  type ForgerockPolicy,
  type ForgerockPolicyPermission,
  type ForgerockResourceSet,
} from '../../../wire/forgerock.ts';
import type { OwnerApi, OwnerDialect, SeenPolicy, SeenRequest, WithToken } from '../dialect.ts';
import { standard } from '../standard.ts';
import { labelsApi } from './labels.ts';
import { invalid, jsonAnswer, listAnswer, refusedByAm } from './refusals.ts';

/** Seconds that a session token is kept: AM does not say how long it lives, and ends idle ones after 30 minutes at the earliest. */
const KEPT = 300;
/** The page prints seconds, AM 6.5 and 7 sent milliseconds: no seconds of this era are so many. */
const MILLISECONDS = 100_000_000_000;

/** What AM's owners can do beside what every dialect has. */
export type ForgerockOwnerApi = OwnerApi & ReturnType<typeof labelsApi>;

export const forgerockOwner = {
  ...standard.owner,
  signsInWith: 'nobody' as const,
  /** 8.1 uma/uma-policies.html: names in headers, an empty body. */
  buildSignIn(
    metadata: PartialMetadata,
    _app: ClientCredentials,
    { username, password }: { username: string; password: string },
  ): HttpRequest {
    for (const [what, value] of Object.entries({ name: username, password })) {
      if (/[^\x20-\x7e]/.test(value)) {
        throw new UmaError('config', 'not_a_header', `AM takes the ${what} in a header, which holds plain ASCII only`, {
          hint: 'sign in in a browser and give the session token: UMA_OWNER_TOKEN',
        });
      }
    }
    return {
      method: 'POST',
      url: `${metadata.resource_owner_endpoint ?? ''}${FORGEROCK_JSON_PATHS.authenticate}`,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'accept-api-version': FORGEROCK_API.authenticate,
        [FORGEROCK_SIGN_IN_HEADERS.username]: username,
        [FORGEROCK_SIGN_IN_HEADERS.password]: password,
      },
    };
  },
  readSignIn(exchange: HttpExchange): TokenAnswer {
    const body = jsonAnswer(exchange, 'no session for the owner');
    if (isObject(body) && typeof body.tokenId === 'string')
      return { access_token: body.tokenId, token_type: 'SSO', expires_in: KEPT };
    if (isObject(body) && Array.isArray(body.callbacks)) {
      throw new UmaError(
        'authentication',
        'more_than_password',
        'no session for the owner: the sign-in of this realm or person asks for more than user name and password',
        { hint: 'sign in in a browser and give the session token: UMA_OWNER_TOKEN', exchange },
      );
    }
    throw invalid(exchange, 'must answer a "tokenId"');
  },
  api(metadata: PartialMetadata, asOwner: WithToken): ForgerockOwnerApi | undefined {
    const base = metadata.resource_owner_endpoint;
    return base === undefined ? undefined : ownerApi(metadata.issuer, base, asOwner);
  },
} satisfies OwnerDialect;

/** One call with the owner's session. `path` is after the owner's `users/{user}`-free base. */
type Call = (
  method: HttpRequest['method'],
  what: string,
  path: string,
  options?: { body?: unknown; headers?: Record<string, string>; version?: string },
) => Promise<HttpExchange>;

function ownerApi(issuer: string, base: string, asOwner: WithToken): ForgerockOwnerApi {
  let cookie: Promise<string> | undefined;
  let name: Promise<string> | undefined;

  /** The session's header has the name of the server's cookie, which the server tells. */
  const cookieName = () => {
    cookie ??= asOwner(() => jsonRequest('GET', base + FORGEROCK_JSON_PATHS.serverinfo)).then((exchange) => {
      const info = jsonAnswer(exchange, "the server did not tell its cookie's name");
      if (isObject(info) && typeof info.cookieName === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(info.cookieName))
        return info.cookieName.toLowerCase();
      throw invalid(exchange, 'must answer a "cookieName"');
    });
    return cookie;
  };

  const call: Call = async (method, what, path, { body, headers = {}, version = FORGEROCK_API.owner } = {}) => {
    const header = await cookieName();
    const exchange = await asOwner((token) =>
      jsonRequest(method, base + path, body, {
        'accept-api-version': version,
        [header]: headerText(token),
        ...headers,
      }),
    );
    if (exchange.response.status >= 300) throw refusedByAm(exchange, what);
    return exchange;
  };

  /** Login name of the session's person. */
  const user = () => {
    name ??= call('POST', 'the owner is not known', `${FORGEROCK_JSON_PATHS.users}?_action=idFromSession`).then(
      (exchange) => {
        const body = jsonAnswer(exchange, 'the owner is not known');
        if (isObject(body) && typeof body.id === 'string') return body.id;
        throw invalid(exchange, 'must answer the "id" of the session');
      },
    );
    return name;
  };
  const at = async (template: string, rest = '') => template.replace('{user}', encodeURIComponent(await user())) + rest;
  const one = (id: string) => `/${encodeURIComponent(id)}`;
  const filtered = (filter: string, more: Record<string, string> = {}) =>
    `?${new URLSearchParams({ _queryFilter: filter, ...more })}`;
  const partyOf = (sub: string): Party => ({ iss: issuer, sub });

  async function sets(): Promise<ForgerockResourceSet[]> {
    const path = await at(FORGEROCK_JSON_PATHS.sets, filtered(`resourceOwnerId eq ${JSON.stringify(await user())}`));
    return listAnswer(await call('GET', 'the resources were not listed', path, { version: FORGEROCK_API.sets }), isSet);
  }

  async function pending(): Promise<SeenRequest[]> {
    const path = await at(FORGEROCK_JSON_PATHS.pending, filtered('true'));
    const items = listAnswer(await call('GET', 'the requests were not listed', path), isPending);
    return items.length === 0 ? [] : items.map(asRequest(await sets()));
  }

  const asRequest =
    (known: readonly ForgerockResourceSet[]) =>
    ({ _id, user: party, resource, when, permissions }: ForgerockPendingRequest): SeenRequest => {
      const named = known.filter((set) => set.name === resource);
      return {
        id: _id,
        status: 'pending',
        resource_id: named.length === 1 ? named[0]!._id : resource,
        resource_name: resource,
        scopes: permissions,
        party: partyOf(party),
        created_at: when > MILLISECONDS ? Math.floor(when / 1000) : when,
      };
    };

  async function request(id: string): Promise<SeenRequest> {
    const exchange = await call('GET', 'the request was not read', await at(FORGEROCK_JSON_PATHS.pending, one(id)));
    const body = jsonAnswer(exchange, 'the request was not read');
    if (!isPending(body)) throw invalid(exchange, 'lacks a member of a request or has one of a wrong type');
    return asRequest(await sets())(body);
  }

  const decide = async (id: string, action: 'approve' | 'deny', body?: unknown) =>
    call('POST', `no ${action}`, await at(FORGEROCK_JSON_PATHS.pending, `${one(id)}?_action=${action}`), { body });

  async function allPolicies(): Promise<ForgerockPolicy[]> {
    const path = await at(FORGEROCK_JSON_PATHS.policies, filtered('true'));
    return listAnswer(await call('GET', 'the policies were not listed', path), isPolicy);
  }

  /** AM's policy of a resource; undefined where nobody has a share. */
  async function policyOf(resource_id: string): Promise<ForgerockPolicy | undefined> {
    const path = await at(FORGEROCK_JSON_PATHS.policies, one(resource_id));
    try {
      const exchange = await call('GET', 'the policy was not read', path);
      const body = jsonAnswer(exchange, 'the policy was not read');
      if (isPolicy(body)) return body;
      throw invalid(exchange, 'lacks a member of a policy or has one of a wrong type');
    } catch (error) {
      if (error instanceof UmaError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Writes all entries of a resource; without any, the policy goes. */
  async function write(
    policyId: string,
    permissions: ForgerockPolicyPermission[],
    before: ForgerockPolicy | undefined,
  ): Promise<void> {
    const path = await at(FORGEROCK_JSON_PATHS.policies, one(policyId));
    if (permissions.length === 0) {
      if (before !== undefined) await call('DELETE', 'the policy was not deleted', path);
      return;
    }
    const headers: Record<string, string> = before === undefined ? { 'if-none-match': '*' } : { 'if-match': '*' };
    await call('PUT', 'the policy was not written', path, { body: { policyId, permissions }, headers });
  }

  const asPolicies = ({ policyId, name: named, permissions }: ForgerockPolicy): SeenPolicy[] =>
    permissions.map(({ subject, scopes }) => ({
      id: `${policyId}:${subject}`,
      resource_id: policyId,
      effect: 'allow',
      scopes,
      subject: { party: partyOf(subject) },
      ...(named === undefined ? {} : { name: named }),
    }));

  /** The entry of a policy id, and the policy around it. @throws UmaError `not_found` (refused). */
  async function entry(id: string): Promise<{ policy: ForgerockPolicy; subject: string }> {
    const colon = id.indexOf(':');
    const subject = id.slice(colon + 1);
    const policy = colon === -1 ? undefined : await policyOf(id.slice(0, colon));
    if (policy?.permissions.some((permission) => permission.subject === subject)) return { policy, subject };
    throw new UmaError('refused', 'not_found', `there is no policy ${id}`, { hint: 'uma policy list' });
  }

  /** What AM's form can hold of a policy. @throws UmaError `not_offered` (config). */
  async function entryOf(policy: PolicyDescription): Promise<ForgerockPolicyPermission> {
    const { effect, subject, scopes, claims, clients, expires_at } = policy;
    if (effect !== 'allow') throw notOffered('a policy that denies');
    if (!('party' in subject)) throw notOffered('a policy for anything but one person');
    if (subject.party.iss !== issuer) throw notOffered('a policy for somebody of another issuer');
    if (claims !== undefined) throw notOffered('a condition on claims');
    if (clients !== undefined || expires_at !== undefined)
      throw notOffered('a condition on clients or time (AM keeps those on the policies behind this API)');
    if (scopes !== undefined) return { subject: subject.party.sub, scopes };
    const resource = (await sets()).find(({ _id }) => _id === policy.resource_id);
    return { subject: subject.party.sub, scopes: resource?.scopes ?? [] };
  }

  async function put(policy: PolicyDescription, replaced?: string): Promise<SeenPolicy> {
    const { subject, scopes } = await entryOf(policy);
    const before = await policyOf(policy.resource_id);
    const others = (before?.permissions ?? []).filter((item) => item.subject !== replaced);
    const known = others.find((item) => item.subject === subject);
    const permission = { subject, scopes: known === undefined ? scopes : union(known.scopes, scopes) };
    const permissions = [...others.filter((item) => item !== known), permission];
    await write(policy.resource_id, permissions, before);
    return {
      id: `${policy.resource_id}:${subject}`,
      resource_id: policy.resource_id,
      effect: 'allow',
      scopes: permission.scopes,
      subject: { party: partyOf(subject) },
    };
  }

  return {
    // Unconfirmed; where it does not, nothing is said wrongly: it may stay good.
    rptSurvivesRevocation: true,
    requests: async ({ status } = {}) => (status === undefined || status === 'pending' ? await pending() : []),
    request,
    async approve(id, { scopes, expires_at, message } = {}) {
      if (expires_at !== undefined) throw notOffered('an approval with an end');
      if (message !== undefined) throw notOffered('a message to the requesting party');
      const found = await request(id);
      // AM grants the scopes that are sent, whatever was asked for.
      const granted_scopes = scopes ?? found.scopes;
      await decide(id, 'approve', { scopes: granted_scopes });
      return { ...found, status: 'approved', granted_scopes };
    },
    async deny(id, { message } = {}) {
      if (message !== undefined) throw notOffered('a message to the requesting party');
      const found = await request(id);
      await decide(id, 'deny');
      return { ...found, status: 'denied' };
    },
    policies: async ({ resource_id } = {}) =>
      (await allPolicies())
        .filter(({ policyId }) => resource_id === undefined || policyId === resource_id)
        .flatMap(asPolicies),
    async policy(id) {
      const { policy, subject } = await entry(id);
      return asPolicies(policy).find((item) => item.id === `${policy.policyId}:${subject}`)!;
    },
    createPolicy: (policy) => put(policy),
    async updatePolicy(id, policy) {
      const { policy: before, subject } = await entry(id);
      if (policy.resource_id !== before.policyId) throw notOffered('moving a policy to another resource');
      return put(policy, subject);
    },
    async deletePolicy(id) {
      const { policy, subject } = await entry(id);
      const left = policy.permissions.filter((item) => item.subject !== subject);
      await write(policy.policyId, left, policy);
    },
    async revoke({ resource_id, party, token }: Revocation) {
      if (token !== undefined) throw notOffered('revoking one RPT (its client can, RFC 7009)');
      const before = resource_id === undefined ? undefined : await policyOf(resource_id);
      if (before === undefined) return { policies: 0, rpts: 0, requests: 0 };
      const left = party === undefined ? [] : before.permissions.filter(({ subject }) => subject !== party.sub);
      const policies = before.permissions.length - left.length;
      if (policies > 0) await write(before.policyId, left, before);
      return { policies, rpts: 0, requests: 0 };
    },
    resources: async () =>
      (await sets()).map(({ _id, name: named, type, icon_uri, scopes, resourceServer }) => ({
        _id,
        name: named,
        ...(type === null ? {} : { type }),
        ...(icon_uri === null ? {} : { icon_uri }),
        resource_scopes: scopes,
        client_id: resourceServer,
      })),
    async history({ limit, type, resource_id }) {
      const order = { _sortKeys: '-eventTime', _pagedResultsOffset: '0' };
      // AM filters by the resource's name; ids and types are looked at here, over everything.
      const all = type === undefined && resource_id === undefined;
      const page: Record<string, string> = all ? { ...order, _pageSize: String(limit) } : order;
      const path = await at(FORGEROCK_JSON_PATHS.history, filtered('true', page));
      const items = listAnswer(await call('GET', 'the history was not read', path), isAudit);
      return items
        .map(asEntry)
        .filter((item) => (type ?? item.type) === item.type && (resource_id ?? item.resource_id) === item.resource_id)
        .slice(0, limit);
    },
    // AM tells nobody who else has an account: the name is taken as it is typed.
    person: async (username) => partyOf(username),
    ...labelsApi({ call, at, sets, filtered }),
  };

  function asEntry(item: ForgerockAuditEntry): HistoryEntry {
    const { _id, resourceSetId, resourceSetName, requestingPartyId, type, eventTime } = item;
    return {
      id: _id,
      type: (HISTORY[type] ?? type) as HistoryType,
      at: Math.floor(eventTime / 1000),
      ...(resourceSetId === '' ? {} : { resource_id: resourceSetId }),
      resource_name: resourceSetName,
      ...(requestingPartyId === '' ? {} : { party: partyOf(requestingPartyId) }),
    };
  }
}

/** Our word for each of AM's; a type that is none of these keeps AM's. */
const HISTORY: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(FORGEROCK_AUDIT_TYPES).map(([ours, theirs]) => [theirs, ours]),
);

/** Session tokens are bytes to a header: a text beyond Latin-1 is sent as UTF-8. */
const headerText = (token: string): string =>
  /^[\x20-\x7e]*$/.test(token) ? token : String.fromCharCode(...new TextEncoder().encode(token));

const notOffered = (what: string) =>
  new UmaError('config', 'not_offered', `AM's API has no place for ${what}`, { hint: "see the server's own console" });

const isPending = (value: unknown): value is ForgerockPendingRequest =>
  isObject(value) &&
  ['_id', 'user', 'resource'].every((member) => typeof value[member] === 'string') &&
  typeof value.when === 'number' &&
  isStringArray(value.permissions);
const isPolicy = (value: unknown): value is ForgerockPolicy =>
  isObject(value) &&
  typeof value.policyId === 'string' &&
  Array.isArray(value.permissions) &&
  value.permissions.every((item) => isObject(item) && typeof item.subject === 'string' && isStringArray(item.scopes));
const isSet = (value: unknown): value is ForgerockResourceSet =>
  isObject(value) &&
  typeof value._id === 'string' &&
  typeof value.name === 'string' &&
  typeof value.resourceServer === 'string' &&
  isStringArray(value.scopes);
const isAudit = (value: unknown): value is ForgerockAuditEntry =>
  isObject(value) && typeof value.type === 'string' && typeof value.eventTime === 'number';
