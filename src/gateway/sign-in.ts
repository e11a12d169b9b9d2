/** `/.uma/connect`: an owner signs in at the AS and lets this gateway protect her resources (authorization code + PKCE; RFC 6749 4.1, 7636, 9207). */
import * as oauth from 'oauth4webapi';
import type { Connection } from '../client/connection.ts';
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials, HttpRequest, Send } from '../protocol/http.ts';
import { isLoopback } from '../protocol/metadata.ts';
import { SIGN_IN_TIME } from './own-routes.ts';

/** A sign-in that has begun; the browser comes back with `state`. */
interface Pending {
  verifier: string;
  nonce: string;
  /** Seconds since the epoch. */
  ends: number;
}

export interface SignedIn {
  /** By the configured claim. */
  owner: string;
  refreshToken: string;
}

/** Sign-ins under way at once; beyond it the oldest is forgotten. */
const PENDING = 1000;

export interface SignInOptions {
  connection: Connection;
  send: Send;
  client: ClientCredentials;
  /** Its public address is known once it listens. */
  site: { publicUrl: string };
  /** Claim of the ID token that names the owner. */
  ownerClaim: string;
  /** Asked for beside those of a PAT. */
  scopes: readonly string[];
}

export class SignIn {
  readonly #options: SignInOptions;
  readonly #pending = new Map<string, Pending>();

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  get #redirectUri(): string {
    return `${this.#options.site.publicUrl}/.uma/callback`;
  }

  /** Where to send the browser, and the state that it has to come back with: keep it in a cookie too. @throws UmaError when discovery fails. */
  async begin(): Promise<{ url: string; state: string }> {
    const { connection, client, scopes } = this.#options;
    const url = new URL(await connection.endpoint('authorization_endpoint'));
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const scope = ['openid', connection.dialect.tokens.patScope, ...scopes]
      .filter((item) => item !== undefined)
      .join(' ');
    const query = {
      response_type: 'code',
      client_id: client.id,
      redirect_uri: this.#redirectUri,
      scope,
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    this.#pending.set(state, { verifier, nonce, ends: connection.now() + SIGN_IN_TIME });
    if (this.#pending.size > PENDING) this.#pending.delete(this.#pending.keys().next().value ?? '');
    return { url: url.href, state };
  }

  /**
   * The browser is back. `cookie` is the state that this browser was sent away with.
   * @throws UmaError `sign_in_lost`, `sign_in_refused` (authentication), `no_refresh_token` (config), or of the AS.
   */
  async finish(callback: URLSearchParams, cookie: string | undefined): Promise<SignedIn> {
    const { connection, client, ownerClaim } = this.#options;
    const state = callback.get('state') ?? '';
    const pending = this.#pending.get(state);
    this.#pending.delete(state);
    if (pending === undefined || cookie !== state || pending.ends < connection.now()) {
      throw new UmaError('authentication', 'sign_in_lost', 'this browser did not begin this sign-in, or too long ago', {
        hint: 'begin again at /.uma/connect',
      });
    }
    await connection.search.until((metadata) => metadata.id_token_signing_alg_values_supported !== undefined);
    const as = { ...connection.metadata, token_endpoint: await connection.endpoint('token_endpoint') };
    const options = {
      [oauth.customFetch]: overPort(this.#options.send),
      [oauth.allowInsecureRequests]: isLoopback(as.token_endpoint),
    };
    try {
      const params = oauth.validateAuthResponse(as, { client_id: client.id }, callback, state);
      const answer = await oauth.authorizationCodeGrantRequest(
        as,
        { client_id: client.id },
        authentication(client),
        params,
        this.#redirectUri,
        pending.verifier,
        options,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(as, idTokenClient(as, client), answer, {
        expectedNonce: pending.nonce,
        requireIdToken: true,
      });
      const owner = oauth.getValidatedIdTokenClaims(tokens)?.[ownerClaim];
      if (typeof owner !== 'string' || owner === '')
        throw new UmaError(
          'config',
          'no_owner_claim',
          `the ID token has no string "${ownerClaim}" to name the owner by`,
        );
      if (tokens.refresh_token === undefined) {
        throw new UmaError('config', 'no_refresh_token', 'the authorization server gave no refresh token', {
          hint: `the client ${client.id} must be allowed the refresh_token grant`,
        });
      }
      return { owner, refreshToken: tokens.refresh_token };
    } catch (error) {
      if (error instanceof UmaError) throw error;
      if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
        throw new UmaError('authentication', 'sign_in_refused', `the authorization server said ${error.error}`);
      throw new UmaError('peer', 'invalid_sign_in', `the sign-in cannot be accepted: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

/** The library looks for RS256 unless it is told otherwise. */
function idTokenClient(as: oauth.AuthorizationServer, { id }: ClientCredentials): oauth.Client {
  const [first, ...more] = as.id_token_signing_alg_values_supported ?? [];
  return first === undefined || more.length > 0
    ? { client_id: id }
    : { client_id: id, id_token_signed_response_alg: first };
}

function authentication({ method, secret = '' }: ClientCredentials): oauth.ClientAuth {
  if (method === 'none') return oauth.None();
  return method === 'client_secret_post' ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret);
}

/** The library's requests through the one HTTP port. */
const overPort =
  (send: Send) =>
  async (url: string, init: { method: string; headers: Record<string, string>; body?: unknown }): Promise<Response> => {
    const method = init.method as HttpRequest['method'];
    const body = init.body === undefined || init.body === null ? undefined : String(init.body);
    const headers = Object.fromEntries(new Headers(init.headers));
    const answer = await send({ method, url, headers, ...(body === undefined ? {} : { body }) });
    return new Response(answer.body === '' ? null : answer.body, { status: answer.status, headers: answer.headers });
  };
