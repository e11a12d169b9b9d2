/** The keycloak layout: everything of this folder put together for one realm. */
import type { FastifyInstance } from 'fastify';
import type { ConfigOverrides, ServerConfig } from '../../config/config.ts';
import { settingsFrom } from '../../config/config.ts';
import { readBodies, readJsonBodies } from '../../http/body.ts';
import { Refusal } from '../../http/refusal.ts';
import type { Layout, LayoutServices } from '../layout.ts';
import { keycloakAddress, keycloakMetadata } from './addresses.ts';
import { REPEATING_FORM } from './body.ts';
import { photozRealm } from './fixture.ts';
import { type ImportedRealm, importRealm } from './import/realm-file.ts';
import { introspectionRoute } from './introspection.ts';
import { permissionRoute } from './permission.ts';
import { permissionTicketRoutes } from './permission-tickets.ts';
import { isOwnerManaged, type Realm } from './realm.ts';
import { realmPolicies } from './realm-policies.ts';
import { allowPatterns, hasPatterns } from './redirects.ts';
import { type ProtectionDeps, resourceSetRoutes } from './resources.ts';
import { sessionRoutes } from './sessions.ts';
import { KEYCLOAK_SWITCHES } from './switches.ts';
import { tokenShape } from './token-answers.ts';
import { tokenRoute } from './token-endpoint.ts';
import { keycloakSigner, keycloakTickets, keycloakTokens } from './tokens.ts';
import { umaPolicyRoutes } from './uma-policies.ts';
import { userinfoRoute } from './userinfo.ts';

/** The layout for one realm. */
function layoutFor({ realm, config }: ImportedRealm): Layout {
  const refreshTtl = config.settings.refresh_ttl;
  return {
    name: 'keycloak',
    issuerPath: `/realms/${encodeURIComponent(realm.name)}`,
    // The one that a realm may do without.
    switches: hasPatterns(realm)
      ? KEYCLOAK_SWITCHES
      : KEYCLOAK_SWITCHES.filter(({ name }) => name !== 'redirect-patterns'),
    fixture: (overrides) => ({ ...config, settings: settingsFrom(config.settings, overrides) }),
    signingAlg: 'RS256',
    settings: {
      rpt_format: 'jwt',
      ticket_survives_refusal: true,
      denial_ttl: 0,
      pct_needs_consent: true,
      partial: 'first',
    },
    address: keycloakAddress,
    metadata: keycloakMetadata,
    mayAsk: isOwnerManaged,
    tickets: keycloakTickets(realm),
    signer: (keys, services) => keycloakSigner(keys, services, realm),
    tokenShape: (services) => tokenShape(keycloakTokens(services, realm), refreshTtl, services.now),
    prepare: ({ issuer, stores, now }) => realmPolicies(realm, issuer, stores, now).applyAll(),
    read: readRealm,
    routes: (app, services) => routes(app, services, realm, refreshTtl),
  };
}

async function readRealm(
  file: unknown,
  overrides: ConfigOverrides,
): Promise<{ layout: Layout; config: ServerConfig; notes: string[] }> {
  const imported = await importRealm(file, overrides);
  return { layout: layoutFor(imported), config: imported.config, notes: imported.notes };
}

function routes(app: FastifyInstance, services: LayoutServices, realm: Realm, refreshTtl: number): void {
  const { issuer, stores, now } = services;
  allowPatterns(services.provider, realm);
  const deps: ProtectionDeps = {
    ...services,
    realm,
    refreshTtl,
    tokens: keycloakTokens(services, realm),
    realmPolicies: realmPolicies(realm, issuer, stores, now),
  };
  app.register(async (scope) => {
    readJsonBodies(scope);
    resourceSetRoutes(scope, deps);
    permissionRoute(scope, deps);
    permissionTicketRoutes(scope, deps);
    umaPolicyRoutes(scope, deps);
  });
  app.register(async (scope) => {
    readBodies(scope, REPEATING_FORM);
    tokenRoute(scope, deps);
    introspectionRoute(scope, deps);
    sessionRoutes(scope, deps);
    userinfoRoute(scope, deps);
  });
  app.all('/realms/*', { schema: { hide: true } }, () => {
    throw new Refusal(404, 'Realm does not exist', 'this server has one realm');
  });
}

/** @returns the layout with the realm of the photoz walkthrough. */
export async function keycloakLayout(): Promise<Layout> {
  return layoutFor(await photozRealm());
}
