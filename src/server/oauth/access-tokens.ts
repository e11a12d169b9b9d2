/** Access tokens read straight from the store: what the protection and owner APIs ask on every request. */
import { keyOf } from '../authorization/secrets.ts';
import type { ArtifactStore } from '../stores/types.ts';

/** The kind under which both of oidc-provider's access token models are kept, so that one look-up finds either. */
export const ACCESS_TOKEN_KIND = 'AccessToken';

/** What a valid access token stands for. Times are seconds since the epoch. */
export interface AccessTokenFacts {
  client_id: string;
  /** The person, or the client itself where a client acts on its own behalf (client credentials). */
  sub: string;
  scopes: readonly string[];
  iat: number;
  exp: number;
  /** Thumbprint of the DPoP key that it is bound to. */
  jkt?: string;
}

/** Undefined for a token that is unknown, expired or revoked. `now` in seconds. */
export function readAccessToken(
  artifacts: ArtifactStore,
  token: string,
  now: number,
): Promise<Readonly<AccessTokenFacts> | undefined> {
  return accessTokenByKey(artifacts, keyOf(token), now);
}

/** The same by the key that the store knows it by, for a layout whose tokens carry that under a signature. */
export async function accessTokenByKey(
  artifacts: ArtifactStore,
  key: string,
  now: number,
): Promise<Readonly<AccessTokenFacts> | undefined> {
  const payload = await artifacts.payload(ACCESS_TOKEN_KIND, key, now);
  if (payload === undefined) return undefined;
  const told = known.get(payload);
  if (told !== undefined) return told;
  const { clientId, accountId, scope, iat, exp, jkt } = payload as {
    clientId: string;
    accountId?: string;
    scope?: string;
    iat: number;
    exp: number;
    jkt?: string;
  };
  const facts: AccessTokenFacts = {
    client_id: clientId,
    sub: accountId ?? clientId,
    scopes: scope === undefined || scope === '' ? [] : scope.split(' '),
    iat,
    exp,
  };
  if (jkt !== undefined) facts.jkt = jkt;
  if (Object.isFrozen(payload)) known.set(payload, Object.freeze(facts));
  return facts;
}

/** Facts of payloads that a store gives again as they are. */
const known = new WeakMap<object, Readonly<AccessTokenFacts>>();
