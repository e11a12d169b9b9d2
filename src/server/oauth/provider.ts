/** oidc-provider, configured for this AS. What it must not do (introspection, metadata) is ours and stays off here. */
import type { EventEmitter } from 'node:events';
import Provider, {
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  type TokenEndpointGrantContext,
} from 'oidc-provider';
import { DPOP_ALGS } from '../../protocol/dpop.ts';
import { UmaError } from '../../protocol/errors.ts';
import type { UmaMetadata } from '../../protocol/metadata.ts';
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';
import type { Authority } from '../authorization/authority.ts';
import type { ConfiguredClient, ServerConfig } from '../config/config.ts';
import type { TokenLifetimes } from '../config/parts.ts';
import { devicePages } from '../console/device.ts';
import { formPostPage } from '../console/form-post.ts';
import { alert, html } from '../console/markup.ts';
import { PAGE_HEADERS, page } from '../console/page.ts';
import { TEXTS } from '../console/texts.ts';
import { isOutage, type LogFailure, OUTAGE } from '../http/refusal.ts';
import { REQUEST_ID } from '../http/request-id.ts';
import type { Stores } from '../stores/types.ts';
import { createAdapterFactory } from './adapter.ts';
import { correctAnswers } from './answers.ts';
import type { Attempts } from './attempts.ts';
import { agreed, consoleClient, cookieNames } from './browser-session.ts';
import { limitClientSecrets } from './client-limit.ts';
import { clientMetadata } from './clients.ts';
import { PASSWORD_GRANT, registerPasswordGrant } from './grants/password.ts';
import { refreshRptsFirst } from './grants/refresh-token.ts';
import { type DescribeClient, registerUmaTicketGrant } from './grants/uma-ticket.ts';
import { keepOnlySavedSessions } from './internals.ts';
import type { SigningKeys } from './keys.ts';
import { PATHS, providerPaths } from './paths.ts';
import type { People } from './people.ts';
import { checkOwnMetadata, OWN_METADATA } from './registration.ts';
import { CLAIM_SCOPES, SCOPES } from './scopes.ts';

export interface ProviderDeps {
  issuer: string;
  stores: Stores;
  keys: SigningKeys;
  people: People;
  attempts: Attempts;
  authority: Authority;
  clients: readonly ConfiguredClient[];
  describeClient: DescribeClient;
  lifetimes: TokenLifetimes;
  /** The document, as the layout wants it. */
  metadata: UmaMetadata;
  passwordGrant: boolean;
  registration: ServerConfig['registration'];
  corsOrigins: readonly string[];
  /** Seconds since the epoch. */
  now: () => number;
  log: LogFailure;
  /** Adds middleware that sees answers after all others. */
  outermost?: (provider: Provider) => void;
}

export const CLIENT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
export const CLIENT_ASSERTION_ALGS = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const;
/** The grants that this server has. */
export function grantTypesOf({ passwordGrant }: { passwordGrant: boolean }): string[] {
  return [
    UMA_TICKET_GRANT,
    'authorization_code',
    'client_credentials',
    'refresh_token',
    'urn:ietf:params:oauth:grant-type:device_code',
    ...(passwordGrant ? [PASSWORD_GRANT] : []),
  ];
}

type ResponseModeHandler = Parameters<Provider['registerResponseMode']>[1];

export function createProvider(deps: ProviderDeps): Provider {
  const { issuer, people, authority, describeClient, now } = deps;
  const formPost = formPostPage(new URL(issuer).pathname.replace(/\/$/, ''));

  class UmaProvider extends Provider {
    // The constructor calls it for the built-in grants too: the one public way to their handlers.
    override registerGrantType<Params extends object>(
      name: string,
      handler: (ctx: TokenEndpointGrantContext<Params>) => void | Promise<void>,
      params?: string | readonly string[] | ReadonlySet<string>,
      duplicates?: string | readonly string[] | ReadonlySet<string>,
    ): void {
      const ours =
        name === 'refresh_token'
          ? (refreshRptsFirst(handler as never, this, authority, describeClient, now) as typeof handler)
          : handler;
      super.registerGrantType(name, ours, params, duplicates);
    }

    /** The same for response modes; of those a name keeps its first handler. */
    override registerResponseMode(name: string, handler: ResponseModeHandler): void {
      super.registerResponseMode(name, name === 'form_post' ? formPost : handler);
    }
  }

  const provider = new UmaProvider(issuer, configuration(deps));
  keepOnlySavedSessions(provider);
  // Scheme and host come from headers that http/host.ts has set from the issuer.
  provider.proxy = true;
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  // For what runs around the library's own error handler; what fails within it comes by `server_error` below.
  provider.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!isOutage(error)) throw error;
      showOutage(ctx as unknown as KoaContextWithOIDC, base);
      deps.log('the store does not answer', error, ctx.get(REQUEST_ID));
    }
  });
  deps.outermost?.(provider);
  registerUmaTicketGrant(provider, authority, describeClient, now);
  if (deps.passwordGrant) registerPasswordGrant(provider, people, SCOPES, now);
  limitClientSecrets(provider, deps.attempts);
  correctAnswers(provider, authority, now);
  // Koa writes to standard error itself where nobody listens. A peer that broke off is nobody's fault.
  (provider as unknown as EventEmitter).on('error', (error: NodeJS.ErrnoException, ctx?: KoaContextWithOIDC) => {
    if (!/^(HPE_|ECONN|EPIPE|ERR_STREAM)/.test(error.code ?? ''))
      deps.log('oidc-provider failed', error, ctx?.get(REQUEST_ID));
  });
  provider.on('server_error', (ctx, error) => {
    if (isOutage(error)) showOutage(ctx, base);
    deps.log(isOutage(error) ? 'the store does not answer' : 'oidc-provider failed', error, ctx.get(REQUEST_ID));
  });
  return provider;
}

/** @throws UmaError `invalid_client` (config) for a configured client that oidc-provider would refuse at its first request. */
export async function checkClients(provider: Provider, clients: readonly ConfiguredClient[]): Promise<void> {
  for (const { client_id } of clients) {
    try {
      await provider.Client.find(client_id);
    } catch (cause) {
      const reason = (cause as { error_description?: string }).error_description ?? (cause as Error).message;
      throw new UmaError('config', 'invalid_client', `the client "${client_id}" cannot be used: ${reason}`, { cause });
    }
  }
}

function configuration(deps: ProviderDeps): Configuration {
  const { issuer, stores, keys, people, lifetimes, now } = deps;
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  const pages = devicePages(base);
  const signing = [keys.alg] as const;
  const grantTypes = new Set(grantTypesOf(deps));
  const configured = new Map(deps.clients.map((client) => [client.client_id, client]));
  const initialAccessTokenHash = deps.registration?.initial_access_token_hash;
  return {
    adapter: createAdapterFactory(stores, now, { initialAccessTokenHash }),
    clients: [...deps.clients.map((client) => clientMetadata(client, grantTypes)), consoleClient(issuer)],
    jwks: { keys: keys.privateJwks as never },
    cookies: { keys: [keys.derive('cookies').toString('base64url')], names: cookieNames(issuer) },
    clientDefaults: { id_token_signed_response_alg: keys.alg },
    clientAuthMethods: [...CLIENT_AUTH_METHODS],
    enabledJWA: {
      idTokenSigningAlgValues: [...signing],
      userinfoSigningAlgValues: [...signing],
      authorizationSigningAlgValues: [...signing],
      clientAuthSigningAlgValues: [...CLIENT_ASSERTION_ALGS],
      dPoPSigningAlgValues: [...DPOP_ALGS],
    },
    scopes: [...SCOPES],
    claims: {
      openid: ['sub'],
      profile: [...CLAIM_SCOPES.profile],
      email: [...CLAIM_SCOPES.email],
      groups: [...CLAIM_SCOPES.groups],
    },
    // The ID Token is what a client pushes as claim token, so the claims have to stand in it.
    conformIdTokenClaims: false,
    // `none` is for the console's own client.
    responseTypes: ['code', 'none'],
    routes: {
      ...providerPaths(deps.metadata),
      code_verification: PATHS.code_verification,
      end_session: PATHS.end_session,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, ...pages },
      revocation: {
        enabled: true,
        allowedPolicy(_ctx, client, token) {
          if (token.clientId === client.clientId) return true;
          // RFC 7009 2.1: refused, and the token lives on.
          throw new errors.InvalidRequest('the token was issued to another client');
        },
      },
      registration: {
        enabled: deps.registration !== undefined,
        initialAccessToken: initialAccessTokenHash !== undefined,
      },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      dPoP: { enabled: true, nonceSecret: keys.derive('dpop-nonce'), requireNonce: () => false },
    },
    fetch: fetchForClient,
    fetchResponseBodyLimits: { jwks_uri: FETCHED, sector_identifier_uri: FETCHED },
    pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' },
    extraClientMetadata: { properties: OWN_METADATA, validator: checkOwnMetadata },
    interactions: { url: (_ctx, interaction) => `${base}${PATHS.interaction}/${interaction.uid}` },
    async findAccount(_ctx, sub) {
      const person = people.bySub(sub);
      return person && { accountId: sub, claims: () => people.claimsOf(person) };
    },
    clientBasedCORS: (_ctx, origin, client) =>
      deps.corsOrigins.includes(origin) ||
      (client.clientAuthMethod === 'none' &&
        (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin)),
    loadExistingGrant: agreed,
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: (_ctx, _token, client) =>
        configured.get(client.clientId)?.access_token_ttl ?? lifetimes.access_token,
      ClientCredentials: (_ctx, _token, client) =>
        configured.get(client.clientId)?.access_token_ttl ?? lifetimes.access_token,
      IdToken: lifetimes.id_token,
      RefreshToken: lifetimes.refresh_token,
      AuthorizationCode: lifetimes.authorization_code,
      DeviceCode: lifetimes.device_code,
      Session: lifetimes.session,
      Grant: Math.max(lifetimes.refresh_token, lifetimes.session),
      Interaction: 3600,
    },
    renderError(ctx, out) {
      showError(ctx, out as { error: string; error_description?: string }, base);
    },
  };
}

/** Bytes of a document that a client names. */
const FETCHED = 64 * 1024;

/**
 * A document that a registered client names (`jwks_uri`, `sector_identifier_uri`): over https, from where the address leads, not within
 * this network. The library hands over a dispatcher that ends connections to special-use addresses, and 2.5 s.
 */
function fetchForClient(url: string | URL | Request, options?: RequestInit): Promise<Response> {
  const guarded = options !== undefined && 'dispatcher' in options && options.dispatcher !== undefined;
  if (!guarded || !String(url).startsWith('https://')) throw new TypeError('only public https addresses are fetched');
  return globalThis.fetch(url, { ...options, redirect: 'error' });
}

/** Endpoints that only programs call answer JSON whatever is accepted (GRANT-3.3.6-01); the others show a page. */
const PAGE_ROUTES = new Set(['authorization', 'resume', 'code_verification', 'device_resume']);

/** RFC 6749 4.1.2.1 has the code; the status and the header say the same to proxies and clients. */
function showOutage(ctx: KoaContextWithOIDC, base: string): void {
  ctx.status = OUTAGE.status;
  ctx.set({ ...OUTAGE.headers, 'cache-control': 'no-store' });
  ctx.body = PAGE_ROUTES.has(ctx.oidc?.route ?? '')
    ? page(TEXTS.errors.outage.title, alert(TEXTS.errors.outage.body), base)
    : { error: OUTAGE.error, error_description: OUTAGE.description };
}

function showError(ctx: KoaContextWithOIDC, out: { error: string; error_description?: string }, base: string): void {
  if (!PAGE_ROUTES.has(ctx.oidc?.route ?? '')) {
    ctx.type = 'json';
    ctx.body = out;
    return;
  }
  ctx.set(PAGE_HEADERS);
  ctx.body = page(
    TEXTS.errors.failed.title,
    html`${alert(out.error_description ?? out.error)}<p>${TEXTS.errors.ofClient(out.error)}</p>`,
    base,
  );
}
