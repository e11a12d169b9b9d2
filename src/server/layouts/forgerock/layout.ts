/**
 * layouts/forgerock: this server at the addresses and with the shapes of ForgeRock AM 7 and PingAM 8 (wire/forgerock.ts names the
 * documents). Contexts `/openam` and `/am`, every realm an alias; the owner's side at `json/`, opened by an SSO token. What it decides
 * is the house's: AM's looser rules (any text as a policy's subject, a denied request that may be filed again at once) are not copied.
 * Must not import `client`.
 */
import type { FastifyInstance } from 'fastify';
import { UmaError } from '../../../protocol/errors.ts';
import { Refusal } from '../../http/refusal.ts';
import { TooManyAttempts } from '../../oauth/attempts.ts';
import { PATHS } from '../../oauth/paths.ts';
import type { Layout, LayoutServices } from '../layout.ts';
import { FORGEROCK_HOUSE, forgerockAddress, forgerockMetadata } from './addresses.ts';
import { auditHistoryRoutes } from './audit-history.ts';
import { CrestError } from './crest.ts';
import { forgerockConfig, preloadForgerock } from './fixture.ts';
import { labelRoutes, labelStore } from './labels.ts';
import { pendingRequestRoutes } from './pending-requests.ts';
import { policyRoutes } from './policies.ts';
import { queryOf, readTextBodies } from './request.ts';
import { resourceSetRoutes } from './resource-sets.ts';
import { sessionRoutes } from './session.ts';
import { introspectionShape, registrationShape, tokenShape } from './shapes.ts';
import { forgerockTickets } from './tickets.ts';

const STATUS: Readonly<Record<string, number>> = { not_found: 404, conflict: 409 };

export const forgerock: Layout = {
  name: 'forgerock',
  issuerPath: '/openam/oauth2',
  switches: [
    {
      name: 'introspection-get',
      reason: "AM's walkthrough introspects by GET with the token in the query, which ends up in access logs",
    },
    {
      name: 'sso-token',
      reason:
        "AM's clients open the owner's side with the session token of a sign-in by name and password (json/authenticate), not with an access token of scope uma_owner",
    },
  ],
  introspectionGet: true,
  rptsRefresh: false,
  fixture: forgerockConfig,
  preload: preloadForgerock,
  address: forgerockAddress,
  metadata: forgerockMetadata,
  tickets: forgerockTickets,
  shapes: { token: tokenShape, resource_registration: registrationShape, introspection: introspectionShape },
  routes(app, services) {
    app.register(async (scope) => jsonSide(scope, services));
    const base = new URL(services.issuer).pathname.replace(/\/$/, '');
    app.get(FORGEROCK_HOUSE.xui, { schema: { hide: true } }, (_request, reply) =>
      // What names the resource comes after a #, which no server sees.
      reply.redirect(base + PATHS.resource_page, 303),
    );
    app.get(FORGEROCK_HOUSE.claimsInBody, { schema: { hide: true } }, async (request, reply) => {
      const query = new URLSearchParams(await queryOf(request));
      return reply.redirect(`${base}${PATHS.claims_interaction}?${query}`, 303);
    });
  },
};

function jsonSide(app: FastifyInstance, services: LayoutServices): void {
  readTextBodies(app);
  app.setErrorHandler((error: unknown, _request, reply) => {
    const known = asCrest(error);
    if (known === undefined) throw error;
    if (error instanceof TooManyAttempts) reply.headers(error.headers);
    return reply.code(known.status).header('cache-control', 'no-store').send(known.body);
  });
  const labels = labelStore(services);
  sessionRoutes(app, services);
  pendingRequestRoutes(app, services);
  policyRoutes(app, services);
  labelRoutes(app, services, labels);
  resourceSetRoutes(app, services, labels);
  auditHistoryRoutes(app, services);
}

function asCrest(error: unknown): CrestError | undefined {
  if (error instanceof CrestError) return error;
  if (error instanceof Refusal) return new CrestError(error.status, error.description);
  if (error instanceof UmaError && error.category === 'refused')
    return new CrestError(STATUS[error.code] ?? 400, error.message);
  return undefined;
}
