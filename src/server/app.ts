/**
 * server/: the embedded authorization server. HTTP is Fastify's (`http/`), OAuth oidc-provider's (`oauth/`), UMA ours
 * (`protection/`, `authorization/`, `owner/`), memory behind `stores/`. Imports protocol and wire, never `client`.
 *
 * This file: all routes on one Fastify instance.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import Fastify, { type FastifyServerFactory } from 'fastify';
import type { Authority } from './authorization/authority.ts';
import type { ClaimTokenVerifier } from './authorization/claim-token.ts';
import type { ClaimsInteractions } from './authorization/claims-interaction.ts';
import type { Directory } from './authorization/deps.ts';
import { claimsPages } from './console/claims.ts';
import { consoleRoutes } from './console/console.ts';
import { interactionPages } from './console/interaction.ts';
import { BODY_LIMIT } from './http/body.ts';
import { HEALTH_PATH, presentAs, requireHost, stripIssuerPath } from './http/host.ts';
import { metadataRoutes } from './http/metadata.ts';
import { refuseOtherMethods } from './http/methods.ts';
import { openApi } from './http/openapi.ts';
import { refuseClearText } from './http/proxies.ts';
import { answerErrors } from './http/refusal.ts';
import { requestId } from './http/request-id.ts';
import { sendHeaders } from './http/security-headers.ts';
import { shortWay } from './http/short-way.ts';
import { validateLazily } from './http/validation.ts';
import type { Layout } from './layouts/layout.ts';
import { shapeRoutes, shapeTokens } from './layouts/shapes.ts';
import { browserSessions } from './oauth/browser-session.ts';
import { CLAIMS_REDIRECT_URIS } from './oauth/clients.ts';
import { handOverTo, mountProvider } from './oauth/mount.ts';
import { checkClients, createProvider, type ProviderDeps } from './oauth/provider.ts';
import { tokenRoute } from './oauth/token-route.ts';
import { watchTokenRequests } from './operation/token-requests.ts';
import type { Watchers } from './operation/watcher.ts';
import { ownerRoutes } from './owner/routes.ts';
import type { OwnerService } from './owner/service.ts';
import { introspectionRoutes } from './protection/introspection.ts';
import { permissionRoute } from './protection/permission.ts';
import { resourceRoutes } from './protection/resources.ts';

export interface AppDeps extends ProviderDeps {
  authority: Authority;
  claimTokens: ClaimTokenVerifier;
  directory: Directory;
  owner: OwnerService;
  claimsInteractions: ClaimsInteractions;
  /** Clients that act for the person who signs in (DESIGN decision 13). */
  isFirstParty: (client_id: string) => boolean;
  introspectionGet: boolean;
  layout: Layout;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  trustProxy: readonly string[] | undefined;
  version: string;
  serverFactory: FastifyServerFactory;
  watcher: Pick<Watchers, 'routes' | 'tokenRequest'>;
}

export interface App {
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<unknown>;
}

/** The server's routes, ready to answer. Listening and closing are the caller's. */
export async function createApp(deps: AppDeps): Promise<App> {
  const { issuer, stores, authority, directory, people, now, log } = deps;
  const guard = { issuer, artifacts: stores.artifacts, once: stores.once, now };
  const { layout, watcher } = deps;
  const shape = layout.tokenShape?.(deps) ?? layout.shapes?.token;
  const provider = createProvider({
    ...deps,
    outermost: (made) => {
      if (shape !== undefined) shapeTokens(made, shape);
      if (watcher.tokenRequest !== undefined) watchTokenRequests(made, watcher.tokenRequest);
    },
  });
  await checkClients(provider, deps.clients);
  const present = presentAs(issuer);
  const strip = stripIssuerPath(issuer);
  const app = Fastify({
    serverFactory: deps.serverFactory,
    genReqId: requestId,
    trustProxy: deps.trustProxy === undefined ? false : [...deps.trustProxy],
    rewriteUrl: (request) => layout.address?.(request, base) ?? strip(request),
    bodyLimit: BODY_LIMIT,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 512 },
    exposeHeadRoutes: true,
  });
  // Response schemas are for /openapi.json; they never cut an answer short.
  app.setSerializerCompiler(() => JSON.stringify);
  validateLazily(app);
  answerErrors(app, log);
  sendHeaders(app, issuer);
  watcher.routes?.(app);
  requireHost(app, issuer);
  if (deps.trustProxy !== undefined) refuseClearText(app, issuer);
  const finishMethods = refuseOtherMethods(app);
  shapeRoutes(app, layout);
  await openApi(app, { issuer, version: deps.version });

  app.get(HEALTH_PATH, { schema: { summary: 'Whether the server answers', tags: ['operation'] } }, (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  metadataRoutes(app, issuer, deps.metadata);
  const sessions = browserSessions(provider, issuer, present);
  const handOver = handOverTo(provider, present, deps.metadata);
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  // Watchers, proxies and shapes of answers are at home on Fastify's way.
  const isPlain = watcher.routes === undefined && deps.trustProxy === undefined && layout.shapes === undefined;
  const short = isPlain ? shortWay(issuer, log) : undefined;
  app.register((scope) => mountProvider(scope, handOver, { ...deps, base }));
  app.register(async (scope) =>
    tokenRoute(scope, { ...deps, provider, handOver, short, shape, seen: watcher.tokenRequest }),
  );
  app.register(async (scope) => resourceRoutes(scope, { ...guard, stores, authority }));
  app.register(async (scope) => permissionRoute(scope, { ...guard, stores, authority, directory, short }));
  app.register(async (scope) =>
    introspectionRoutes(scope, {
      ...guard,
      provider,
      attempts: deps.attempts,
      authority,
      allowGet: deps.introspectionGet,
      short,
    }),
  );
  app.register(async (scope) =>
    ownerRoutes(scope, { ...guard, service: deps.owner, rpts: stores.rpts, isFirstParty: deps.isFirstParty }),
  );
  app.register(async (scope) => interactionPages(scope, { provider, people, present, base }));
  app.register(async (scope) =>
    claimsPages(scope, {
      issuer,
      interactions: deps.claimsInteractions,
      people,
      findClient: async (id) => {
        const client = await provider.Client.find(id);
        if (client === undefined) return undefined;
        const claims_redirect_uris = (client[CLAIMS_REDIRECT_URIS] as readonly string[] | undefined) ?? [];
        return { ...deps.describeClient(client), claims_redirect_uris };
      },
      now,
    }),
  );
  app.register(async (scope) =>
    consoleRoutes(scope, {
      issuer,
      service: deps.owner,
      sessions,
      directory,
      clients: deps.clients,
      now,
      log,
    }),
  );
  app.register(async (scope) =>
    layout.routes?.(scope, { ...deps, origin: new URL(issuer).origin, provider, sessions, handOver, short }),
  );
  app.register(async (scope) => finishMethods(scope));
  await app.ready();
  return {
    handle(request, response) {
      if (short?.take(request, response) !== true) app.routing(request, response);
    },
    close: () => app.close(),
  };
}
