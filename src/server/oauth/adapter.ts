/** oidc-provider's storage port on our artifact store. */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { keyOf } from '../authorization/secrets.ts';
import type { Stores } from '../stores/types.ts';
import { ACCESS_TOKEN_KIND } from './access-tokens.ts';
import { THIRD_PARTY_SCOPE } from './clients.ts';

/** Models whose id is the secret itself, found by nothing else: kept under its hash. */
const BEARER_MODELS = new Set([
  'AccessToken',
  'ClientCredentials',
  'AuthorizationCode',
  'RefreshToken',
  'RegistrationAccessToken',
  'PushedAuthorizationRequest',
]);

/**
 * @param now seconds since the epoch.
 * @param options `initialAccessTokenHash`: the one token of the configuration that opens registration.
 */
export function createAdapterFactory(
  stores: Pick<Stores, 'artifacts' | 'once'>,
  now: () => number,
  options: { initialAccessTokenHash?: string | undefined } = {},
) {
  const { artifacts, once } = stores;
  return (model: string): Adapter => {
    const kind = model === 'ClientCredentials' ? ACCESS_TOKEN_KIND : model;
    const hashed = BEARER_MODELS.has(model);
    const key = hashed ? keyOf : (id: string) => id;
    const read = (found: Awaited<ReturnType<typeof artifacts.get>>, id?: string): AdapterPayload | undefined => {
      if (found === undefined) return undefined;
      const payload = { ...found.payload } as AdapterPayload;
      // A client that registered itself never gets the owner's scope, also where it named no scopes.
      if (model === 'Client') payload.scope ??= THIRD_PARTY_SCOPE;
      if (kind === ACCESS_TOKEN_KIND && payload.kind !== model) return undefined;
      if (hashed) payload.jti = id;
      if (found.consumed_at !== undefined) payload.consumed = found.consumed_at;
      return payload;
    };
    return {
      async upsert(id, payload, expiresIn) {
        const { jti, consumed: _kept, ...rest } = payload;
        await artifacts.put({
          kind,
          id: key(id),
          payload: hashed || jti === undefined ? rest : { ...rest, jti },
          grant_id: payload.grantId,
          uid: payload.uid,
          user_code: payload.userCode,
          expires_at: typeof expiresIn === 'number' ? now() + expiresIn : undefined,
        });
      },
      async find(id) {
        if (model === 'InitialAccessToken')
          return keyOf(id) === options.initialAccessTokenHash ? { jti: id, kind: model } : undefined;
        const found = await artifacts.get(kind, key(id), now());
        // It asks and then writes; the first asker has to win over every process (SEC-9449-05, SEC-7523-02).
        if (
          model === 'ReplayDetection' &&
          found === undefined &&
          !(await once.first(`replay:${id}`, now(), now() + 60))
        )
          return { jti: id, kind: model, exp: now() + 60 };
        return read(found, id);
      },
      findByUid: async (uid) => read(await artifacts.findByUid(kind, uid, now())),
      findByUserCode: async (userCode) => read(await artifacts.findByUserCode(kind, userCode, now())),
      async consume(id) {
        // The caller has just seen it unused; whoever loses the race here must not go on (ATK-21).
        if (!(await artifacts.consume(kind, key(id), now()))) throw new errors.InvalidGrant('already used');
      },
      destroy: (id) => artifacts.delete(kind, key(id)),
      revokeByGrantId: (grantId) => artifacts.deleteByGrant(grantId),
    };
  };
}
