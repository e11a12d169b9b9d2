/** `/.uma/`: an owner connects, and sees and withdraws her shares. Never shown: a PAT, a refresh token. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';
import { matchRequest, type Subject } from './match.ts';
import type { Pats } from './pats.ts';
import type { Routes } from './routes.ts';
import type { Shares } from './shares.ts';
import type { SignIn } from './sign-in.ts';
import { compareWithServer } from './sync.ts';
import type { Share, Vault } from './vault.ts';

export const OWN_PREFIX = '/.uma';

export interface OwnRoutes {
  routes: Routes;
  vault: Vault;
  pats: Pats;
  shares: Shares;
  /** Undefined when owners do not connect: the PAT came by hand or is the client's. */
  signIn: SignIn | undefined;
  /** Opens the list of all shares to a script. */
  adminToken: string | undefined;
  site: { publicUrl: string };
  /** Seconds since the epoch. */
  now: () => number;
  log: (message: string, error: unknown) => void;
}

/** Seconds that a sign-in may take. */
export const SIGN_IN_TIME = 600;
/** Seconds of an owner's session at the gateway. */
const SESSION = 3600;
const SESSIONS = 1000;

/** Whose shares somebody may see: one owner's, or everybody's. */
type Viewer = { owner: string } | 'all';

export async function ownRoutes(app: FastifyInstance, deps: OwnRoutes): Promise<void> {
  const { routes, vault, pats, shares, signIn, now } = deps;
  const secure = deps.site.publicUrl.startsWith('https:');
  const names = secure
    ? { state: '__Host-uma_state', session: '__Host-uma_session' }
    : { state: 'uma_state', session: 'uma_session' };
  const sessions = new Map<string, { owner: string; ends: number }>();
  const flags = { httpOnly: true, secure, path: '/' } as const;
  await app.register(cookie);
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  function viewer(request: FastifyRequest): Viewer | undefined {
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return deps.adminToken !== undefined && same(bearer, deps.adminToken) ? 'all' : undefined;
    const session = sessions.get(hash(request.cookies[names.session] ?? ''));
    return session === undefined || session.ends < now() ? undefined : { owner: session.owner };
  }

  const seen = (who: Viewer): Share[] => vault.shares().filter((share) => who === 'all' || share.owner === who.owner);
  const shown = ({ id, owner, name, scopes, resource_id, user_access_policy_uri, withdrawn }: Share) => ({
    id,
    owner,
    name,
    scopes,
    resource_id,
    user_access_policy_uri,
    withdrawn,
  });

  const whoAsks = (request: FastifyRequest, reply: FastifyReply): Viewer | undefined => {
    const who = viewer(request);
    if (who === undefined)
      reply
        .code(401)
        .header('www-authenticate', 'Bearer realm="uma gateway"')
        .send({
          error: 'invalid_token',
          error_description: `sign in at ${OWN_PREFIX}/connect, or send the gateway's admin token`,
        });
    return who;
  };
  const unknown = (reply: FastifyReply) =>
    reply.code(404).send({ error: 'not_found', error_description: 'there is no such share' });

  app.get('/connect', async (_request, reply) => {
    if (signIn === undefined)
      return reply.code(404).send({ error: 'not_found', error_description: 'this gateway has its PAT already' });
    const { url, state } = await signIn.begin();
    return reply.setCookie(names.state, state, { ...flags, sameSite: 'lax', maxAge: SIGN_IN_TIME }).redirect(url, 303);
  });

  app.get('/callback', async (request, reply) => {
    if (signIn === undefined) return unknown(reply);
    const { search } = new URL(request.url, deps.site.publicUrl);
    const { owner, refreshToken } = await signIn.finish(new URLSearchParams(search), request.cookies[names.state]);
    const fixed = routes.file.owner;
    if (fixed !== undefined && fixed !== owner && !routes.rules.some((rule) => rule.owner?.includes('{')))
      throw new UmaError('authentication', 'wrong_owner', `this gateway protects the resources of ${fixed} only`);
    await vault.keepOwner(owner, refreshToken, now());
    await registerFixed(owner);
    const session = randomBytes(32).toString('base64url');
    sessions.set(hash(session), { owner, ends: now() + SESSION });
    if (sessions.size > SESSIONS) sessions.delete(sessions.keys().next().value ?? '');
    return reply
      .clearCookie(names.state, flags)
      .setCookie(names.session, session, { ...flags, sameSite: 'strict', maxAge: SESSION })
      .type('text/html; charset=utf-8')
      .send(
        '<!doctype html><html lang="en"><title>Connected</title><main><h1>Connected</h1><p>This gateway now protects your resources at your authorization server. Your shares: <a href="/.uma/shares">/.uma/shares</a>.</p></main></html>',
      );
  });

  /** What has no values but the owner's name can be registered at once, so that she sees it in her console. */
  async function registerFixed(owner: string): Promise<void> {
    const server = pats.serverFor(owner);
    if (server === undefined) return;
    for (const rule of routes.rules) {
      const path = rule.entry.path.replaceAll('{owner}', encodeURIComponent(owner));
      if (rule.access !== 'protect' || /[{}:*()?+\\]/.test(path)) continue;
      const { subject } = matchRequest(routes, [...(rule.methods ?? ['GET'])][0] ?? 'GET', path);
      if (subject?.owner !== owner) continue;
      await shares.of(subject, server).catch((error: unknown) => {
        if (!(error instanceof UmaError) || error.code !== 'withdrawn') deps.log(`${path} was not registered`, error);
      });
    }
  }

  app.get('/shares', async (request, reply) => {
    const who = whoAsks(request, reply);
    return who === undefined ? reply : { shares: seen(who).map(shown) };
  });

  app.get<{ Params: { id: string } }>('/shares/:id', async (request, reply) => {
    const who = whoAsks(request, reply);
    if (who === undefined) return reply;
    const share = seen(who).find(({ id }) => id === request.params.id);
    return share === undefined ? unknown(reply) : shown(share);
  });

  app.post('/shares', async (request, reply) => {
    const who = whoAsks(request, reply);
    if (who === undefined) return reply;
    const { path } = isObject(request.body) ? request.body : {};
    if (typeof path !== 'string')
      return reply.code(400).send({ error: 'invalid_request', error_description: '"path" must be a string' });
    const subject = subjectAt(path);
    if (subject === undefined || (who !== 'all' && subject.owner !== who.owner))
      return reply.code(404).send({ error: 'not_found', error_description: 'no route of yours protects this path' });
    const server = pats.serverFor(subject.owner);
    if (server === undefined)
      return reply.code(409).send({ error: 'not_connected', error_description: 'its owner has not connected' });
    return reply.code(201).send(shown(await shares.again(subject, server)));
  });

  app.delete<{ Params: { id: string } }>('/shares/:id', async (request, reply) => {
    const who = whoAsks(request, reply);
    if (who === undefined) return reply;
    const share = seen(who).find(({ id }) => id === request.params.id);
    const server = share === undefined ? undefined : pats.serverFor(share.owner);
    if (share === undefined || server === undefined) return unknown(reply);
    await shares.withdraw(share, server);
    return reply.code(204).send();
  });

  app.get('/check', async (request, reply) => {
    const who = whoAsks(request, reply);
    if (who === undefined) return reply;
    return { owners: await compareWithServer(vault, pats, who === 'all' ? undefined : who.owner) };
  });

  /** What a path is about, whichever method opens it. */
  function subjectAt(path: string): Subject | undefined {
    for (const rule of routes.rules) {
      const { subject } = matchRequest(routes, [...(rule.methods ?? ['GET'])][0] ?? 'GET', path);
      if (subject !== undefined) return subject;
    }
    return undefined;
  }

  app.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof UmaError) {
      const status =
        error.category === 'network' || error.category === 'peer'
          ? 502
          : error.category === 'authentication'
            ? 403
            : 400;
      deps.log(error.code, error);
      return reply.code(status).send({ error: error.code, error_description: error.message, hint: error.hint });
    }
    const { statusCode = 500 } = error as { statusCode?: number };
    if (statusCode >= 500) deps.log('a request failed', error);
    return reply.code(statusCode).send({ error: statusCode >= 500 ? 'server_error' : 'invalid_request' });
  });
}

const hash = (text: string) => createHash('sha256').update(text).digest('base64');
const same = (a: string, b: string) => timingSafeEqual(Buffer.from(hash(a)), Buffer.from(hash(b)));
