/** How an owner decides: through our owner API (an extension, protocol/owner.ts), or by the recipes of the configuration. */
import type { PolicyDescription } from '../protocol/owner.ts';
import type { Recipes, Step } from './config.ts';
import type { Answer, RawRequest } from './http.ts';
import { type Sender, type Session, Unreached, type Which } from './session.ts';

export interface Wish {
  resource_id: string;
  scopes: readonly string[];
  /** Index into the configuration's parties; an owner can stand in as a party by `{owner}`. */
  party?: Which | { owner: Which };
  owner?: Which;
  /** Members of a policy of the owner API that win; recipes cannot express them. */
  policy?: Partial<PolicyDescription>;
}

const json = (method: string, url: string, token: string | undefined, body?: unknown): RawRequest => ({
  method,
  url,
  headers: {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

/** A request to the owner API with a token of the caller's choice. */
export function ownerApi(
  session: Session,
  token: string | undefined,
  method: string,
  path: string,
  body?: unknown,
): RawRequest {
  return json(method, `${session.endpoint('resource_owner_endpoint').replace(/\/$/, '')}${path}`, token, body);
}

/** Makes a policy; its id where the owner API made it. */
export async function allow(session: Session, send: Sender, wish: Wish): Promise<string | undefined> {
  const { resource_id, owner = 0, scopes, party = 0 } = wish;
  if (session.config.owner_side !== 'owner-api') {
    if (wish.policy !== undefined) throw new Unreached('a recipe cannot express such a policy');
    await follow(session, send, 'allow', wish);
    return undefined;
  }
  const person = typeof party === 'number' ? session.party(party) : session.owner(party.owner);
  const subject = wish.policy?.subject ?? { party: await session.partyOf(send, person) };
  const body = { resource_id, effect: 'allow', scopes, subject, ...wish.policy };
  const answer = await send(ownerApi(session, await session.ownerToken(send, owner), 'POST', '/policies', body));
  if (answer.status !== 201 || typeof answer.json.id !== 'string')
    throw new Unreached('the owner API made no policy', answer);
  return answer.json.id;
}

/** Withdraws what a party was allowed on a resource. */
export async function withdraw(session: Session, send: Sender, wish: Wish): Promise<void> {
  if (session.config.owner_side !== 'owner-api') return follow(session, send, 'withdraw', wish);
  const { resource_id, owner = 0, party = 0 } = wish;
  const person = typeof party === 'number' ? session.party(party) : session.owner(party.owner);
  const body = { resource_id, party: await session.partyOf(send, person) };
  const answer = await send(ownerApi(session, await session.ownerToken(send, owner), 'POST', '/revocations', body));
  if (answer.status !== 200) throw new Unreached('the owner API withdrew nothing', answer);
}

/** The pending requests about a resource, by the owner API. */
export async function pendingRequests(
  session: Session,
  send: Sender,
  resource_id: string,
  owner: Which = 0,
): Promise<Record<string, unknown>[]> {
  const token = await session.ownerToken(send, owner);
  const found: Record<string, unknown>[] = [];
  for (let path = '/requests?status=pending&limit=100'; path !== ''; ) {
    const answer: Answer = await send(ownerApi(session, token, 'GET', path));
    if (!Array.isArray(answer.json.requests)) throw new Unreached('the owner API listed no requests', answer);
    found.push(
      ...(answer.json.requests as Record<string, unknown>[]).filter((item) => item.resource_id === resource_id),
    );
    const { next } = answer.json;
    path = typeof next === 'string' ? `/requests?status=pending&limit=100&after=${encodeURIComponent(next)}` : '';
  }
  return found;
}

/** Approves or denies the request that waits for a resource. */
export async function decide(session: Session, send: Sender, verb: 'approve' | 'deny', wish: Wish): Promise<void> {
  if (session.config.owner_side !== 'owner-api') return follow(session, send, verb, wish);
  const [request] = await pendingRequests(session, send, wish.resource_id, wish.owner);
  if (request === undefined) throw new Unreached('no request waits for the owner');
  const token = await session.ownerToken(send, wish.owner ?? 0);
  const body = verb === 'approve' ? { scopes: wish.scopes } : {};
  const answer = await send(ownerApi(session, token, 'POST', `/requests/${String(request.id)}/${verb}`, body));
  if (answer.status !== 200) throw new Unreached(`the owner API did not ${verb} the request`, answer);
}

async function follow(session: Session, send: Sender, name: keyof Recipes, wish: Wish): Promise<void> {
  const { owner_side } = session.config;
  const steps = typeof owner_side === 'object' ? owner_side[name] : undefined;
  if (steps === undefined) throw new Unreached(`the configuration has no recipe owner_side.${name}`);
  const { party = 0, owner = 0 } = wish;
  const person = typeof party === 'number' ? session.party(party) : session.owner(party.owner);
  const names: Record<string, string> = {
    issuer: session.metadata.issuer,
    resource_id: wish.resource_id,
    party_name: person.username,
    party: (await session.partyOf(send, person)).sub,
    unique: `${wish.resource_id}-${person.username}-${Date.now()}`,
  };
  for (const [index, step] of steps.entries()) {
    const answer = await send(await stepRequest(session, send, step, names, wish, owner));
    if (answer.status >= 300)
      throw new Unreached(`step ${index + 1} of the recipe owner_side.${name} was refused`, answer);
    for (const [saved, path] of Object.entries(step.save ?? {})) {
      const value = path
        .split('.')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], answer.value);
      if (value === undefined)
        throw new Unreached(
          `step ${index + 1} of the recipe owner_side.${name} has no "${path}" in its answer`,
          answer,
        );
      names[saved] = String(value);
    }
  }
}

async function stepRequest(
  session: Session,
  send: Sender,
  step: Step,
  names: Record<string, string>,
  wish: Wish,
  owner: Which,
): Promise<RawRequest> {
  const fill = (text: string, encode: (value: string) => string = (value) => value) =>
    text.replace(/\{(\w+)\}/g, (all, name: string) => (names[name] === undefined ? all : encode(names[name])));
  const deep = (value: unknown): unknown => {
    if (value === '{scopes}') return wish.scopes;
    if (typeof value === 'string') return fill(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item)]));
    return value;
  };
  const token =
    step.token === 'pat'
      ? await session.pat(send, owner, 0)
      : step.token === 'owner'
        ? await session.ownerToken(send, owner)
        : undefined;
  const url = fill(step.url.replace('{issuer}', session.metadata.issuer), encodeURIComponent);
  const request = json(step.method, url, token, step.body === undefined ? undefined : deep(step.body));
  return { ...request, headers: { ...request.headers, ...step.headers } };
}
