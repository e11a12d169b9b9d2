/**
 * The sign-in of a browser: oidc-provider's own session, which the pages of the console share. Whoever signed in for a client is
 * signed in at the console, and the other way round; sessions live in the stores, so every instance knows them. The console signs
 * people in as a client of this server that is given nothing but the sign-in (`response_type=none`, OAuth 2.0 Multiple Response
 * Types 4).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import type { ClientMetadata, Configuration } from 'oidc-provider';
import { keyOf } from '../authorization/secrets.ts';
import { CONSOLE_ID } from '../config/config.ts';
import type { Present } from '../http/host.ts';
import { isOutage } from '../http/refusal.ts';
import { PATHS } from './paths.ts';

export interface BrowserSession {
  /** Subject. */
  sub: string;
  /** Who knows it is signed in: for deriving other values only. */
  secret: string;
  /** Grants that were given in it, by client id. */
  grants: ReadonlyMap<string, string>;
}

export interface BrowserSessions {
  /** Undefined without a sign-in, and when it has ended. Rejects where the store does not answer. */
  find(request: FastifyRequest): Promise<BrowserSession | undefined>;
  /** Where a browser gets a session; it comes back to `PATHS.signed_in` with `to` as its `state`. */
  signInAddress(to: string): string;
  /** Ends the sign-in everywhere: the record, and the cookie. */
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

/** The client under which the console signs people in. It has no grant type, so no token can be got with it. */
export const consoleClient = (issuer: string): ClientMetadata => ({
  client_id: CONSOLE_ID,
  client_name: 'your shares',
  token_endpoint_auth_method: 'none',
  redirect_uris: [issuer + PATHS.signed_in],
  response_types: ['none'],
  grant_types: [],
  scope: 'openid',
});

/** What was agreed to before, as the library looks for it; whoever comes to her own console is not asked. */
export const agreed: Configuration['loadExistingGrant'] = async ({ oidc }) => {
  const { client, session, result, provider } = oidc;
  if (client?.clientId === CONSOLE_ID) {
    const grant = new provider.Grant({ accountId: session!.accountId!, clientId: CONSOLE_ID });
    grant.addOIDCScope('openid');
    return grant;
  }
  const grantId =
    (result?.consent as { grantId?: string } | undefined)?.grantId ?? session?.grantIdFor(client!.clientId);
  return grantId === undefined ? undefined : provider.Grant.find(grantId);
};

/**
 * Names of the cookies. Browsers do not tell ports and paths apart in them, so servers of one host have names of their own. Over TLS
 * the prefixes keep other hosts and plain http from setting them (RFC 6265bis 4.1.3); an interaction's cookies have a path, which
 * `__Host-` forbids.
 */
export function cookieNames(issuer: string) {
  const own = keyOf(issuer)
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 8);
  const [host, secure] = issuer.startsWith('https:') ? ['__Host-', '__Secure-'] : ['', ''];
  return {
    session: `${host}uma_session_${own}`,
    interaction: `${secure}uma_interaction_${own}`,
    resume: `${secure}uma_resume_${own}`,
    claims: `${secure}uma_claims_${own}`,
  };
}

export function browserSessions(provider: Provider, issuer: string, present: Present): BrowserSessions {
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  const name = cookieNames(issuer).session;

  async function sessionOf(request: FastifyRequest) {
    present(request.raw, request.ip);
    try {
      // The library reads the cookie of a request that it has the context of; it answers nothing here.
      return await provider.Session.get(provider.createContext(request.raw, request.raw as never));
    } catch (error) {
      if (isOutage(error)) throw error;
      return undefined;
    }
  }

  return {
    async find(request) {
      const session = await sessionOf(request);
      if (session?.accountId === undefined) return undefined;
      const given = Object.entries(session.authorizations ?? {}).flatMap(([client, { grantId }]) =>
        grantId === undefined ? [] : [[client, grantId] as const],
      );
      return { sub: session.accountId, secret: session.jti, grants: new Map(given) };
    },
    signInAddress(to) {
      const query = new URLSearchParams({
        client_id: CONSOLE_ID,
        response_type: 'none',
        scope: 'openid',
        redirect_uri: issuer + PATHS.signed_in,
        state: to,
      });
      return `${base}${PATHS.authorization}?${query}`;
    },
    async end(request, reply) {
      await (await sessionOf(request))?.destroy();
      for (const cookie of [name, `${name}.sig`])
        reply.header(
          'set-cookie',
          `${cookie}=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; samesite=lax${issuer.startsWith('https:') ? '; secure' : ''}`,
        );
    },
  };
}
