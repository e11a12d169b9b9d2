/** oidc-provider's storage port on our artifact store. */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { keyOf } from '../authorization/secrets.ts';
import type { Stores } from '../stores/types.ts';
import { ACCESS_TOKEN_KIND } from './access-tokens.ts';
import { hashedSecret, THIRD_PARTY_SCOPE } from './clients.ts';

/** Models whose id is the secret itself, found by nothing else: kept under its hash. */
const BEARER_MODELS = new Set([
  'AccessToken',
  'ClientCredentials',
  'AuthorizationCode',
  'RefreshToken',
  'RegistrationAccessToken',
  'PushedAuthorizationRequest',
]);

/** Models that mean nothing without their grant. */
const OF_A_GRANT = new Set(['AccessToken', 'RefreshToken']);

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
    /** In this order, so that a token which is put meanwhile either is found here or finds no grant. */
    const endGrant = async (id: string): Promise<void> => {
      await artifacts.delete('Grant', id);
      await artifacts.deleteByGrant(id);
    };
    return {
      async upsert(id, payload, expiresIn) {
        const { jti, consumed: _kept, ...rest } = model === 'Client' ? hashedSecret(payload) : payload;
        await artifacts.put({
          kind,
          id: key(id),
          payload: hashed || jti === undefined ? rest : { ...rest, jti },
          grant_id: payload.grantId,
          uid: payload.uid,
          user_code: payload.userCode,
          expires_at: typeof expiresIn === 'number' ? now() + expiresIn : undefined,
        });
        const { grantId } = payload;
        if (!OF_A_GRANT.has(model) || grantId === undefined) return;
        // Whoever ended the grant meanwhile (by a second use of its code or refresh token) has not seen this token: look, now that it
        // can be seen. The first use has its answer, as it would have had a moment earlier; what is in it is worth nothing.
        if ((await artifacts.payload('Grant', grantId, now())) === undefined) await artifacts.delete(kind, key(id));
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
        if (model === 'Client' && found !== undefined) {
          // One that was kept before secrets were hashed.
          const payload = hashedSecret(found.payload);
          if (payload !== found.payload) await artifacts.put({ ...found, payload });
          return read({ ...found, payload }, id);
        }
        return read(found, id);
      },
      findByUid: async (uid) => read(await artifacts.findByUid(kind, uid, now())),
      findByUserCode: async (userCode) => read(await artifacts.findByUserCode(kind, userCode, now())),
      async consume(id) {
        if (await artifacts.consume(kind, key(id), now())) return;
        // The caller has just seen it unused, so it ends nothing itself; this is a second use all the same (ATK-21, SEC-9700-12).
        const grantId = (await artifacts.payload(kind, key(id), now()))?.grantId;
        if (typeof grantId === 'string') await endGrant(grantId);
        throw new errors.InvalidGrant('already used');
      },
      destroy: (id) => (model === 'Grant' ? endGrant(id) : artifacts.delete(kind, key(id))),
      revokeByGrantId: (grantId) => artifacts.deleteByGrant(grantId),
    };
  };
}
