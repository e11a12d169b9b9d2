/**
 * The owner's console, at `/console` beneath the issuer. Who looks is known by the session of the sign-in (oauth/browser-session.ts);
 * what she does is the owner service's, as for the API. Every change is a POST with a token that goes with the session, and ends in a
 * redirect.
 */
import type { FastifyInstance } from 'fastify';
import { UmaError } from '../../protocol/errors.ts';
import { keyOf } from '../authorization/secrets.ts';
import { readFormBodies } from '../http/body.ts';
import { isOutage, OUTAGE } from '../http/refusal.ts';
import type { BrowserSession, BrowserSessions } from '../oauth/browser-session.ts';
import { PATHS } from '../oauth/paths.ts';
import { consoleDesk, type DeskDeps, type Form, given, type Query } from './desk.ts';
import { consoleFrame } from './frame.ts';
import { historyPages } from './history.ts';
import { html } from './markup.ts';
import { requestPages } from './requests.ts';
import { resourcePages } from './resources.ts';
import { SCRIPT } from './script.ts';
import { sharedPages } from './shared-with-me.ts';
import { TEXTS } from './texts.ts';

export interface ConsoleDeps extends DeskDeps {
  sessions: BrowserSessions;
  log: (message: string, error: unknown) => void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Part of a page, asked for by the script: no sign-in page in its place. */
    fragment?: boolean;
  }
}

const HOME = `${PATHS.console}/requests`;

export function consoleRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const { issuer, sessions, directory, log } = deps;
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  const frame = consoleFrame(base);
  const desk = consoleDesk(deps, frame);
  const schema = { hide: true };
  const { errors, bye } = TEXTS;
  const link = (address: string, words: string) =>
    html`<p><a class="button primary" href="${address}">${words}</a></p>`;
  readFormBodies(app);

  app.setErrorHandler((error, request, reply) => {
    const [status, words] = faultOf(error);
    if (status >= 500) log(`${request.method} ${request.routeOptions.url ?? 'unknown route'} failed`, error);
    if (isOutage(error)) reply.headers(OUTAGE.headers);
    return frame.outside(reply.code(status), words.title, html`<p>${words.body}</p>${link(base + HOME, errors.home)}`);
  });

  app.get(PATHS.script, { schema }, (_request, reply) =>
    reply
      .type('text/javascript; charset=utf-8')
      .headers({ 'cache-control': 'max-age=3600', 'x-content-type-options': 'nosniff' })
      .send(SCRIPT),
  );
  app.get(PATHS.console, { schema }, (_request, reply) => desk.go(reply, '/requests'));
  /** Back from the sign-in, which set the session: or not, when the person chose not to. */
  app.get<{ Querystring: Query }>(PATHS.signed_in, { schema }, (request, reply) => {
    const to = wayIn(given(request.query, 'state'));
    if (given(request.query, 'error') === undefined)
      return reply
        .code(303)
        .header('location', base + to)
        .send();
    return frame.outside(reply, bye.title, link(base + to, bye.again));
  });

  app.register(async (scope) => {
    scope.decorateRequest('visit', null as never);
    scope.addHook('onRequest', async (request, reply) => {
      const session = await sessions.find(request);
      const person = session && directory.bySub(session.sub);
      if (session !== undefined && person !== undefined) {
        request.visit = { owner: person.sub, name: person.name ?? person.username, csrf: csrfOf(session) };
        return undefined;
      }
      if (request.routeOptions.config.fragment === true)
        return reply.code(401).header('cache-control', 'no-store').send();
      if (request.method === 'GET' || request.method === 'HEAD')
        return reply
          .code(303)
          .headers({ location: sessions.signInAddress(wayIn(request.url)), 'cache-control': 'no-store' })
          .send();
      const { title, body, action } = errors.ended;
      return frame.outside(reply.code(401), title, html`<p>${body}</p>${link(base + HOME, action)}`);
    });
    scope.addHook('preHandler', async (request, reply) => {
      if (request.method !== 'POST' || (request.body as Form | undefined)?.csrf === request.visit.csrf)
        return undefined;
      const { title, body } = errors.foreign;
      return frame.outside(reply.code(403), title, html`<p>${body}</p>${link(base + HOME, errors.home)}`);
    });

    scope.post(`${PATHS.console}/sign-out`, { schema }, async (request, reply) => {
      await sessions.end(request, reply);
      return desk.go(reply, '/signed-out');
    });
    requestPages(scope, desk);
    resourcePages(scope, desk);
    sharedPages(scope, desk);
    historyPages(scope, desk);
  });

  app.get(`${PATHS.console}/signed-out`, { schema }, (_request, reply) =>
    frame.outside(reply, bye.title, html`<p>${bye.body}</p>${link(base + HOME, bye.again)}`),
  );
  app.get(`${PATHS.console}/*`, { schema }, () => {
    throw new UmaError('refused', 'not_found', 'no such page');
  });
}

const csrfOf = ({ secret }: BrowserSession): string => keyOf(`console ${secret}`);

/** Where somebody wanted to go, if that is a page of the console: nothing else may stand in a redirect. */
function wayIn(url: string | undefined): string {
  const read = url === undefined ? null : URL.parse(url, 'http://here');
  // As the browser will read it: nothing that climbs out of the console by dots.
  const same = read?.origin === 'http://here' && read.pathname + read.search === url;
  return same && read.pathname.startsWith(`${PATHS.console}/`) ? url : HOME;
}

function faultOf(error: unknown): [number, { title: string; body: string }] {
  const { notFound, outage, failed } = TEXTS.errors;
  if (isOutage(error)) return [OUTAGE.status, outage];
  if (error instanceof UmaError && error.category === 'refused')
    return error.code === 'not_found' ? [404, notFound] : [400, { title: failed.title, body: error.message }];
  const {
    status,
    statusCode = status,
    description,
  } = error as { status?: number; statusCode?: number; description?: string };
  return statusCode !== undefined && statusCode < 500
    ? [statusCode, { title: failed.title, body: description ?? (error as Error).message }]
    : [500, failed];
}
