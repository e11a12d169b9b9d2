/** Requests and answers of the resource owner's API (owner.ts): `buildX` and `readX` of each row of its table. */
import { UmaError } from './errors.ts';
import {
  address,
  bearer,
  type HttpExchange,
  type HttpRequest,
  isObject,
  isStringArray,
  jsonObject,
  jsonRequest,
  refusal,
} from './http.ts';
import type {
  AccessRequest,
  FoundPerson,
  HistoryEntry,
  OwnedResource,
  Party,
  Policy,
  PolicyDescription,
  Revocation,
  RevocationAnswer,
  SharedResource,
} from './owner.ts';

/** `{base}/{path}?{query}`; the base may end in a slash or not, absent query members are left out. */
function ownerUrl(base: string, path: readonly string[], query: Record<string, string | undefined> = {}): string {
  const url = `${base.replace(/\/$/, '')}/${path.map(encodeURIComponent).join('/')}`;
  const search = new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString();
  return search === '' ? url : `${url}?${search}`;
}

/** `after` is the `next` of the page before. */
export interface ListQuery {
  after?: string | undefined;
  limit?: string | undefined;
}

export const buildListRequests = (
  base: string,
  token: string,
  query: ListQuery & { status?: string | undefined } = {},
): HttpRequest => jsonRequest('GET', ownerUrl(base, ['requests'], { ...query }), undefined, bearer(token));
export const buildReadRequest = (base: string, token: string, id: string): HttpRequest =>
  jsonRequest('GET', ownerUrl(base, ['requests', id]), undefined, bearer(token));
export const buildApproval = (
  base: string,
  token: string,
  id: string,
  decision: { scopes?: string[]; expires_at?: number; message?: string } = {},
): HttpRequest => jsonRequest('POST', ownerUrl(base, ['requests', id, 'approve']), decision, bearer(token));
export const buildDenial = (
  base: string,
  token: string,
  id: string,
  decision: { message?: string } = {},
): HttpRequest => jsonRequest('POST', ownerUrl(base, ['requests', id, 'deny']), decision, bearer(token));
export const buildListPolicies = (
  base: string,
  token: string,
  query: ListQuery & { resource_id?: string | undefined } = {},
): HttpRequest => jsonRequest('GET', ownerUrl(base, ['policies'], { ...query }), undefined, bearer(token));
export const buildCreatePolicy = (base: string, token: string, policy: PolicyDescription): HttpRequest =>
  jsonRequest('POST', ownerUrl(base, ['policies']), policy, bearer(token));
export const buildReadPolicy = (base: string, token: string, id: string): HttpRequest =>
  jsonRequest('GET', ownerUrl(base, ['policies', id]), undefined, bearer(token));
export const buildUpdatePolicy = (base: string, token: string, id: string, policy: PolicyDescription): HttpRequest =>
  jsonRequest('PUT', ownerUrl(base, ['policies', id]), policy, bearer(token));
export const buildDeletePolicy = (base: string, token: string, id: string): HttpRequest =>
  jsonRequest('DELETE', ownerUrl(base, ['policies', id]), undefined, bearer(token));
export const buildOwnerRevocation = (base: string, token: string, revocation: Revocation): HttpRequest =>
  jsonRequest('POST', ownerUrl(base, ['revocations']), revocation, bearer(token));
export const buildListOwned = (base: string, token: string, query: ListQuery = {}): HttpRequest =>
  jsonRequest('GET', ownerUrl(base, ['resources'], { ...query }), undefined, bearer(token));
export const buildListHistory = (
  base: string,
  token: string,
  query: ListQuery & {
    type?: string | undefined;
    resource_id?: string | undefined;
    username?: string | undefined;
  } = {},
): HttpRequest => jsonRequest('GET', ownerUrl(base, ['history'], { ...query }), undefined, bearer(token));
export const buildListShared = (base: string, token: string, query: ListQuery = {}): HttpRequest =>
  jsonRequest('GET', ownerUrl(base, ['shared'], { ...query }), undefined, bearer(token));
export const buildGiveUp = (base: string, token: string, resource_id: string): HttpRequest =>
  jsonRequest('DELETE', ownerUrl(base, ['shared', resource_id]), undefined, bearer(token));
export const buildFindPerson = (base: string, token: string, username: string): HttpRequest =>
  jsonRequest('GET', ownerUrl(base, ['people'], { username }), undefined, bearer(token));

/** One page of a list, and where the next one starts. */
export interface ListPage<T> {
  items: T[];
  next?: string;
}

/** @throws UmaError the refusal, or `invalid_owner_answer` (category `peer`), like every reader here. */
export const readRequestList = (exchange: HttpExchange): ListPage<AccessRequest> =>
  readPage(exchange, 'requests', isAccessRequest);
export const readPolicyList = (exchange: HttpExchange): ListPage<Policy> => readPage(exchange, 'policies', isPolicy);
export const readOwnedList = (exchange: HttpExchange): ListPage<OwnedResource> =>
  readPage(exchange, 'resources', isOwned);
export const readHistoryList = (exchange: HttpExchange): ListPage<HistoryEntry> =>
  readPage(exchange, 'history', isHistoryEntry);
export const readAccessRequest = (exchange: HttpExchange): AccessRequest =>
  readOne(exchange, isAccessRequest, 'a request');
export const readPolicy = (exchange: HttpExchange): Policy => readOne(exchange, isPolicy, 'a policy');
export const readSharedList = (exchange: HttpExchange): ListPage<SharedResource> =>
  readPage(exchange, 'shared', isShared);
export const readPerson = (exchange: HttpExchange): FoundPerson =>
  readOne(exchange, isFound, 'a person ("iss" and "sub")');
export const readRevocationAnswer = (exchange: HttpExchange): RevocationAnswer =>
  readOne(exchange, isRevocationAnswer, 'the numbers of what was revoked');

/** Answer of a DELETE. @throws UmaError the refusal. */
export function readOwnerDeletion(exchange: HttpExchange): void {
  if (exchange.response.status >= 300) throw refused(exchange);
}

function readOne<T>(exchange: HttpExchange, is: (value: unknown) => value is T, what: string): T {
  if (exchange.response.status >= 300) throw refused(exchange);
  const body = jsonObject(exchange);
  if (is(body)) return body;
  throw invalid(exchange, `must answer ${what}`);
}

function readPage<T>(exchange: HttpExchange, member: string, is: (value: unknown) => value is T): ListPage<T> {
  if (exchange.response.status >= 300) throw refused(exchange);
  const body = jsonObject(exchange);
  const items = body[member];
  if (!Array.isArray(items)) throw invalid(exchange, `must answer an array "${member}"`);
  const bad = items.findIndex((item) => !is(item));
  if (bad !== -1) throw invalid(exchange, `"${member}[${bad}]" lacks a member or has one of a wrong type`);
  return typeof body.next === 'string' ? { items, next: body.next } : { items };
}

const isParty = (value: unknown): value is Party =>
  isObject(value) && typeof value.iss === 'string' && typeof value.sub === 'string';
const isFound = (value: unknown): value is FoundPerson =>
  isParty(value) && (!('look_alikes' in value) || isStringArray(value.look_alikes));
const isShared = (value: unknown): value is SharedResource =>
  isObject(value) &&
  typeof value.resource_id === 'string' &&
  typeof value.owner === 'string' &&
  typeof value.via === 'string' &&
  isStringArray(value.scopes);
const isAccessRequest = (value: unknown): value is AccessRequest =>
  isObject(value) &&
  typeof value.id === 'string' &&
  typeof value.status === 'string' &&
  typeof value.resource_id === 'string' &&
  isStringArray(value.scopes) &&
  isParty(value.party);
const isPolicy = (value: unknown): value is Policy =>
  isObject(value) &&
  typeof value.id === 'string' &&
  typeof value.resource_id === 'string' &&
  typeof value.effect === 'string' &&
  isObject(value.subject);
const isOwned = (value: unknown): value is OwnedResource =>
  isObject(value) && typeof value._id === 'string' && isStringArray(value.resource_scopes);
const isHistoryEntry = (value: unknown): value is HistoryEntry =>
  isObject(value) && typeof value.type === 'string' && typeof value.at === 'number';
const isRevocationAnswer = (value: unknown): value is RevocationAnswer =>
  isObject(value) && ['policies', 'rpts', 'requests'].every((member) => typeof value[member] === 'number');

/** One that is not there: where the ids are listed (the paths are those of the builders above). */
function refused(exchange: HttpExchange): UmaError {
  const kind = /\/(requests|policies)\/[^/]+/.exec(exchange.request.url)?.[1];
  const hint =
    exchange.response.status !== 404 || kind === undefined
      ? {}
      : { hint: kind === 'requests' ? 'uma request list --all' : 'uma policy list' };
  return refusal(exchange, "the owner's API refused", hint);
}

function invalid(exchange: HttpExchange, fault: string): UmaError {
  return new UmaError('peer', 'invalid_owner_answer', `${address(exchange)} ${fault}`, {
    status: exchange.response.status,
    exchange,
  });
}
