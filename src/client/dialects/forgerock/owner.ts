/**
 * The owner's side of AM: sign-in, pending requests, resource sets, history (the documents beside each path of wire/forgerock.ts);
 * policies and labels in files of their own.
 */
import { UmaError } from '../../../protocol/errors.ts';
import {
  type ClientCredentials,
  type HttpExchange,
  type HttpRequest,
  isObject,
  isStringArray,
} from '../../../protocol/http.ts';
import type { PartialMetadata } from '../../../protocol/metadata.ts';
import type { HistoryEntry, HistoryType, Party } from '../../../protocol/owner.ts';
import type { TokenAnswer } from '../../../protocol/token.ts';
import {
  FORGEROCK_API,
  FORGEROCK_AUDIT_TYPES,
  FORGEROCK_JSON_PATHS,
  FORGEROCK_SIGN_IN_HEADERS,
  type ForgerockAuditEntry,
  type ForgerockPendingRequest,
  type ForgerockResourceSet,
} from '../../../wire/forgerock.ts';
import type { OwnerApi, OwnerDialect, SeenRequest, WithToken } from '../dialect.ts';
import { standard } from '../standard.ts';
import { filtered, one, ownerCalls } from './calls.ts';
import { labelsApi } from './labels.ts';
import { policiesApi } from './policies.ts';
import { invalid, jsonAnswer, listAnswer, notOffered } from './refusals.ts';

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

function ownerApi(issuer: string, base: string, asOwner: WithToken): ForgerockOwnerApi {
  const calls = ownerCalls(base, asOwner);
  const { call, user, at } = calls;
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

  return {
    // Unconfirmed; where it does not, nothing is said wrongly: it may stay good.
    rptSurvivesRevocation: 'unconfirmed',
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
    ...policiesApi(issuer, calls, sets),
    resources: async () =>
      (await sets()).map(({ _id, name: named, type, icon_uri, scopes, resourceServer }) => ({
        _id,
        name: named,
        ...(type === null ? {} : { type }),
        ...(icon_uri === null ? {} : { icon_uri }),
        resource_scopes: scopes,
        client_id: resourceServer,
      })),
    async history({ limit, type, resource_id, username }) {
      const order = { _sortKeys: '-eventTime', _pagedResultsOffset: '0' };
      // AM filters by the resource's name; ids and types are looked at here, over everything.
      const all = type === undefined && resource_id === undefined && username === undefined;
      const page: Record<string, string> = all ? { ...order, _pageSize: String(limit) } : order;
      const path = await at(FORGEROCK_JSON_PATHS.history, filtered('true', page));
      const items = listAnswer(await call('GET', 'the history was not read', path), isAudit);
      return items
        .map(asEntry)
        .filter(
          (item) =>
            (type ?? item.type) === item.type &&
            (resource_id ?? item.resource_id) === item.resource_id &&
            (username ?? item.party?.sub) === item.party?.sub,
        )
        .slice(0, limit);
    },
    // AM tells nobody who else has an account: the name is taken as it is typed.
    person: async (username) => partyOf(username),
    ...labelsApi(calls, sets),
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

const isPending = (value: unknown): value is ForgerockPendingRequest =>
  isObject(value) &&
  ['_id', 'user', 'resource'].every((member) => typeof value[member] === 'string') &&
  typeof value.when === 'number' &&
  isStringArray(value.permissions);
const isSet = (value: unknown): value is ForgerockResourceSet =>
  isObject(value) &&
  typeof value._id === 'string' &&
  typeof value.name === 'string' &&
  typeof value.resourceServer === 'string' &&
  isStringArray(value.scopes);
const isAudit = (value: unknown): value is ForgerockAuditEntry =>
  isObject(value) && typeof value.type === 'string' && typeof value.eventTime === 'number';
