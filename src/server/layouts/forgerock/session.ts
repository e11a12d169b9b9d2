/** Sign-in for an SSO token, and whose request it is (8.1 uma/uma-policies.html; OpenAM UI for serverinfo and idFromSession). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isObject } from '../../../protocol/http.ts';
import {
  FORGEROCK_COOKIE,
  FORGEROCK_JSON_PATHS,
  FORGEROCK_SIGN_IN_HEADERS,
  type ForgerockCallbacks,
  type ForgerockServerInfo,
  type ForgerockSessionUser,
  type ForgerockSignedIn,
  type ForgerockUmaInfo,
} from '../../../wire/forgerock.ts';
import { keyOf, newSecret } from '../../authorization/secrets.ts';
import type { Stores } from '../../stores/types.ts';
import type { LayoutServices } from '../layout.ts';
import { contextOf, FORGEROCK_HOUSE } from './addresses.ts';
import { CrestError } from './crest.ts';
import { bodyOf, queryOf } from './request.ts';

const KIND = 'ForgerockSession';
/** Seconds: AM's longest session, two hours. */
const SESSION_TTL = 7200;

export interface Session {
  sub: string;
  username: string;
}

/** Keeps a session under the hash of its token. */
export async function keepSession(
  stores: Pick<Stores, 'artifacts'>,
  token: string,
  session: Session,
  expires_at: number,
): Promise<void> {
  await stores.artifacts.put({ kind: KIND, id: keyOf(token), payload: { ...session }, expires_at });
}

/** Bytes of a header as the text that they are: tokens of AM's manual hold an ellipsis. */
const asText = (value: string): string => Buffer.from(value, 'latin1').toString('utf8');

/**
 * The SSO token: of the header that the documents send, or of the cookie. The cookie comes from a browser by itself, so it counts only
 * beside a header that another site's form cannot send. Not of the query, where it would stand in logs.
 */
function tokenOf({ headers }: FastifyRequest): string | undefined {
  const header = headers[FORGEROCK_COOKIE.toLowerCase()];
  if (typeof header === 'string') return asText(header);
  if (headers['accept-api-version'] === undefined && headers['x-requested-with'] === undefined) return undefined;
  const pair = (headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${FORGEROCK_COOKIE}=`));
  return pair === undefined ? undefined : asText(pair.slice(FORGEROCK_COOKIE.length + 1));
}

async function sessionOf({ stores, now }: LayoutServices, token: string | undefined): Promise<Session | undefined> {
  if (token === undefined) return undefined;
  const found = await stores.artifacts.get(KIND, keyOf(token), now());
  return found?.payload as Session | undefined;
}

/**
 * The person of the request's SSO token. Nothing else opens the owner's side: no PAT, no RPT, no access token.
 * @throws CrestError 401 without a session; 403 where the address names somebody else, known or not.
 */
export async function requireOwner(services: LayoutServices, request: FastifyRequest): Promise<Session> {
  const session = await sessionOf(services, tokenOf(request));
  if (session === undefined) throw new CrestError(401, 'Access Denied');
  const { user } = request.params as { user?: string };
  if (user !== undefined && user !== session.username)
    throw new CrestError(403, 'The user is not the one of this session');
  return session;
}

export function sessionRoutes(app: FastifyInstance, services: LayoutServices): void {
  const { people, stores, issuer, now } = services;
  const at = (path: string) => FORGEROCK_HOUSE.json + path;
  const schema = { hide: true };
  const context = contextOf(new URL(issuer).pathname);
  const secure = issuer.startsWith('https:') ? '; Secure' : '';

  app.post(at(FORGEROCK_JSON_PATHS.authenticate), { schema }, async (request, reply) => {
    const header = (name: string) => {
      const value = request.headers[name];
      return typeof value === 'string' ? asText(value) : '';
    };
    const person = await people.firstFactor(
      header(FORGEROCK_SIGN_IN_HEADERS.username),
      header(FORGEROCK_SIGN_IN_HEADERS.password),
      request.ip,
    );
    reply.header('content-api-version', 'resource=2.1').header('cache-control', 'no-store');
    if (person === undefined) throw new CrestError(401, 'Authentication Failed');
    if (person.second_factor) return reply.send(askForMore());
    const tokenId = `AQIC${newSecret()}*`;
    await keepSession(stores, tokenId, { sub: person.sub, username: person.username }, now() + SESSION_TTL);
    const signedIn: ForgerockSignedIn = { tokenId, successUrl: `${context}/console`, realm: '/' };
    return reply
      .header('set-cookie', `${FORGEROCK_COOKIE}=${tokenId}; Path=/; HttpOnly; SameSite=Lax${secure}`)
      .send(signedIn);
  });

  app.get(at(FORGEROCK_JSON_PATHS.serverinfo), { schema }, async (_request, reply) => {
    const info: ForgerockServerInfo & Record<string, unknown> = {
      cookieName: FORGEROCK_COOKIE,
      secureCookie: secure !== '',
      realm: '/',
    };
    return reply.send(info);
  });

  app.get(at(FORGEROCK_JSON_PATHS.umaInfo), { schema }, async (_request, reply) => {
    const info: ForgerockUmaInfo = { enabled: true, resharingMode: 'OFF' };
    return reply.send(info);
  });

  app.post(at(FORGEROCK_JSON_PATHS.users), { schema }, async (request, reply) => {
    if ((await queryOf(request))._action !== 'idFromSession') throw new CrestError(403, 'Access Denied');
    const { username } = await requireOwner(services, request);
    const user: ForgerockSessionUser = {
      id: username,
      realm: '/',
      dn: `id=${username},ou=user`,
      successURL: `${context}/console`,
      fullLoginURL: null,
    };
    return send(reply, user);
  });

  app.post(at(FORGEROCK_JSON_PATHS.sessions), { schema }, async (request, reply) => {
    const { _action: action } = await queryOf(request);
    const body = bodyOf(request);
    const given = isObject(body) && typeof body.tokenId === 'string' ? body.tokenId : tokenOf(request);
    const session = await sessionOf(services, given);
    if (action === 'validate') {
      if (given === undefined || session === undefined) return send(reply, { valid: false });
      return send(reply, { valid: true, sessionUid: keyOf(given), uid: session.username, realm: '/' });
    }
    if (action !== 'logout') throw new CrestError(400, 'Unsupported action');
    if (given === undefined || session === undefined) throw new CrestError(401, 'Access Denied');
    await stores.artifacts.delete(KIND, keyOf(given));
    return send(reply, { result: 'Successfully logged out' });
  });
}

/** What a tree answers that wants a second factor. There is no next step: nobody has that factor at this server. */
function askForMore(): ForgerockCallbacks {
  const prompt = [{ name: 'prompt', value: 'One Time Password' }];
  return {
    authId: newSecret(),
    callbacks: [{ type: 'PasswordCallback', output: prompt, input: [{ name: 'IDToken1', value: '' }] }],
  };
}

export const send = (reply: FastifyReply, value: unknown) => reply.header('cache-control', 'no-store').send(value);
