/**
 * Tokens as Keycloak's clients read them: JWTs. Access tokens and RPTs are signed (RS256), refresh tokens and tickets sealed (HS512,
 * HS256) with keys of this server; what counts is what the stores know under the id inside, so that a revoked one is worth nothing.
 * Header `typ` of access tokens and RPTs is `at+jwt` (RFC 9068): none of them passes for an ID Token.
 */
import {
  createHash,
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { Permission } from '../../../protocol/permission.ts';
import type { Signer } from '../../authorization/deps.ts';
import { keyOf, newId } from '../../authorization/secrets.ts';
import type { ConfiguredPerson } from '../../config/config.ts';
import { type AccessTokenFacts, accessTokenByKey } from '../../oauth/access-tokens.ts';
import type { SigningKeys } from '../../oauth/keys.ts';
import type { LayoutServices, TicketDress } from '../layout.ts';
import { type Realm, rolesOf, wireSubject } from './realm.ts';

export type TokenServices = Pick<LayoutServices, 'issuer' | 'stores' | 'keys' | 'people' | 'now'>;

/** A token that is good now. */
export type LiveToken =
  | { kind: 'access'; client_id: string; sub: string; exp: number; key: string; facts: AccessTokenFacts }
  | { kind: 'rpt'; client_id: string; sub: string; exp: number };

export interface KeycloakTokens {
  /** The JWT of an access token of oidc-provider's, which it knows by this secret. */
  access(secret: string): Promise<string>;
  /** An ID Token of oidc-provider's with Keycloak's members. */
  id(idToken: string, accessToken: string): Promise<string>;
  /** Undefined for what is none of ours, expired, revoked, or bound to a key that nothing here proves. */
  live(token: string): Promise<LiveToken | undefined>;
  /** Payload of a JWT that this server signed, whatever its age. */
  signed(token: string): Record<string, unknown> | undefined;
  sealRefresh(secret: string, about: { sub: string; client_id: string; exp: number }): string;
  /** The secret inside; a text that is not ours comes back unchanged and opens nothing. */
  openRefresh(token: string): string;
}

/** Tokens whose signature is not looked at again; with its payload each takes some 3 KB. */
const CACHE_SIZE = 1024;

export function keycloakTokens({ issuer, stores, keys, people, now }: TokenServices, realm: Realm): KeycloakTokens {
  const isSigned = signatureCheck(keys);
  const sealing = createSecretKey(keys.derive('keycloak-refresh'));
  const known = new Map<string, Record<string, unknown>>();

  function signed(token: string): Record<string, unknown> | undefined {
    const seen = known.get(token);
    if (seen !== undefined) return seen;
    const payload = isSigned(token);
    if (payload?.iss !== issuer) return undefined;
    if (known.size >= CACHE_SIZE) known.delete(known.keys().next().value!);
    known.set(token, payload);
    return payload;
  }

  return {
    signed,
    async access(secret) {
      const key = keyOf(secret);
      const facts = (await accessTokenByKey(stores.artifacts, key, now()))!;
      const { client_id, sub, iat, exp, jkt } = facts;
      const about = { realm, issuer, person: people.bySub(sub), sub, client_id, iat, exp, jti: key };
      const audience = Object.keys(rolesOf(realm, sub).clients).filter((client) => client !== client_id);
      const payload = {
        ...claimsOf(about),
        ...(audience.length === 0 ? {} : { aud: audience.length === 1 ? audience[0] : audience }),
        scope: wireScope(facts.scopes),
        ...(jkt === undefined ? {} : { cnf: { jkt } }),
      };
      return keys.sign(payload, 'at+jwt');
    },
    async id(idToken, accessToken) {
      const payload = payloadOf(idToken)!;
      const at_hash = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
      const [aud] = [payload.aud].flat();
      const session = { azp: aud, sid: sessionOf(String(payload.sub), String(aud)), acr: '1', jti: newId() };
      return keys.sign({ ...payload, typ: 'ID', ...session, at_hash }, 'JWT');
    },
    async live(token) {
      const payload = signed(token);
      if (payload?.typ !== 'Bearer' || typeof payload.jti !== 'string') return undefined;
      // What an RPT permits stands in it; an access token has no such member.
      if (payload.authorization !== undefined) {
        const rpt = await stores.rpts.get(keyOf(token), now());
        if (rpt === undefined || rpt.jkt !== undefined) return undefined;
        return { kind: 'rpt', client_id: rpt.client_id, sub: rpt.party.sub, exp: rpt.expires_at };
      }
      const facts = await accessTokenByKey(stores.artifacts, payload.jti, now());
      if (facts === undefined || facts.jkt !== undefined) return undefined;
      return { kind: 'access', client_id: facts.client_id, sub: facts.sub, exp: facts.exp, key: payload.jti, facts };
    },
    sealRefresh(secret, { sub, client_id, exp }) {
      const iat = now();
      const session = { sub: wireSubject(realm, sub), azp: client_id, sid: sessionOf(sub, client_id) };
      return seal({ exp, iat, jti: secret, iss: issuer, aud: issuer, typ: 'Refresh', ...session }, sealing, 'HS512');
    },
    openRefresh: (token) => open(token, sealing, 'HS512')?.jti ?? token,
  };
}

/** Signs what authorization/ says of an RPT with Keycloak's members. */
export function keycloakSigner(
  keys: SigningKeys,
  { issuer, stores, people }: Pick<LayoutServices, 'issuer' | 'stores' | 'people'>,
  realm: Realm,
): Signer {
  return {
    publicJwks: keys.publicJwks as Signer['publicJwks'],
    async sign(claims, typ) {
      const { sub, client_id, iat, exp, jti, aud, permissions, cnf } = claims as {
        [name in 'sub' | 'client_id' | 'jti' | 'aud']: string;
      } & { iat: number; exp: number; permissions: Permission[]; cnf?: object };
      const payload = {
        ...claimsOf({ realm, issuer, person: people.bySub(sub), sub, client_id, iat, exp, jti }),
        aud,
        authorization: { permissions: await wirePermissions(stores, permissions) },
        scope: wireScope([]),
        ...(cnf === undefined ? {} : { cnf }),
      };
      return keys.sign(payload, typ);
    },
  };
}

/** Entries of `authorization.permissions`, and of the answer to `response_mode=permissions`. */
export function wirePermissions(
  stores: Pick<LayoutServices['stores'], 'resources'>,
  permissions: readonly Permission[],
  withNames = true,
): Promise<{ rsid: string; rsname?: string; scopes?: string[] }[]> {
  return Promise.all(
    permissions.map(async ({ resource_id, resource_scopes }) => {
      const name = withNames ? (await stores.resources.get(resource_id))?.description.name : undefined;
      return {
        ...(resource_scopes.length === 0 ? {} : { scopes: resource_scopes }),
        rsid: resource_id,
        ...(name === undefined ? {} : { rsname: name }),
      };
    }),
  );
}

export const keycloakTickets =
  (realm: Realm) =>
  ({ issuer, keys }: { issuer: string; keys: SigningKeys }): TicketDress => {
    const key = createSecretKey(keys.derive('keycloak-tickets'));
    return {
      dress: (id, expires_at, about) =>
        seal(
          {
            exp: expires_at,
            jti: id,
            aud: issuer,
            ...(about === undefined
              ? {}
              : {
                  permissions: about.permissions.map(({ resource_id, resource_scopes }) => ({
                    scopes: resource_scopes,
                    rsid: resource_id,
                  })),
                  sub: wireSubject(realm, about.owner),
                  azp: about.rs,
                }),
          },
          key,
          'HS256',
        ),
      undress: (ticket) => open(ticket, key, 'HS256')?.jti ?? ticket,
    };
  };

/** One session a person and client: this server's tokens are not tied to a browser's. */
export const sessionOf = (sub: string, client_id: string): string =>
  createHash('sha256')
    .update(JSON.stringify([sub, client_id]))
    .digest('base64url')
    .slice(0, 24);

/** Scopes that every client has by default stand in every answer. */
export const wireScope = (scopes: readonly string[]): string =>
  [
    ...new Set([...scopes.filter((scope) => scope === 'openid' || scope === 'offline_access'), 'profile', 'email']),
  ].join(' ');

interface About {
  realm: Realm;
  issuer: string;
  person: ConfiguredPerson | undefined;
  sub: string;
  client_id: string;
  iat: number;
  exp: number;
  jti: string;
}

/** Members that access tokens and RPTs share: those of Keycloak 26 and, for older clients, those that earlier ones had. */
function claimsOf({ realm, issuer, person, sub, client_id, iat, exp, jti }: About): Record<string, unknown> {
  const roles = rolesOf(realm, sub);
  const client = realm.clients.get(client_id);
  const session = sessionOf(sub, client_id);
  const access = Object.entries(roles.clients).map(([name, list]) => [name, { roles: list }]);
  return {
    exp,
    iat,
    nbf: 0,
    auth_time: iat,
    jti,
    iss: issuer,
    sub: wireSubject(realm, sub),
    typ: 'Bearer',
    azp: client_id,
    // A client for itself has no session.
    ...(sub === client_id ? {} : { session_state: session, sid: session }),
    acr: '1',
    'allowed-origins': client?.origins ?? [],
    realm_access: { roles: roles.realm },
    resource_access: Object.fromEntries(access) as object,
    email_verified: person?.email_verified ?? false,
    ...present({
      name: person?.name,
      preferred_username: person?.username ?? realm.clients.get(sub)?.account?.username,
      given_name: person?.given_name,
      family_name: person?.family_name,
      email: person?.email,
    }),
  };
}

const present = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** Payload of a JWT that one of these keys signed; undefined for anything else. */
function signatureCheck(keys: SigningKeys): (token: string) => Record<string, unknown> | undefined {
  const byKid = new Map<string, KeyObject>();
  for (const jwk of keys.publicJwks().keys)
    if (jwk.kty === 'RSA') byKid.set(jwk.kid!, createPublicKey({ key: jwk as Record<string, string>, format: 'jwk' }));
  return (token) => {
    const [header, payload, signature, more] = token.split('.');
    if (header === undefined || payload === undefined || signature === undefined || more !== undefined)
      return undefined;
    const { alg, kid } = (json(header) ?? {}) as { alg?: string; kid?: string };
    const key = alg === 'RS256' && kid !== undefined ? byKid.get(kid) : undefined;
    if (key === undefined) return undefined;
    const input = Buffer.from(`${header}.${payload}`);
    return verify('RSA-SHA256', input, key, Buffer.from(signature, 'base64url')) ? json(payload) : undefined;
  };
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const DIGESTS = { HS256: 'sha256', HS512: 'sha512' } as const;
const HEADERS = { HS256: encoded({ alg: 'HS256', typ: 'JWT' }), HS512: encoded({ alg: 'HS512', typ: 'JWT' }) } as const;

function seal(payload: object, key: KeyObject, alg: keyof typeof DIGESTS): string {
  const input = `${HEADERS[alg]}.${encoded(payload)}`;
  return `${input}.${createHmac(DIGESTS[alg], key).update(input).digest('base64url')}`;
}

function open(token: string, key: KeyObject, alg: keyof typeof DIGESTS): { jti: string } | undefined {
  const at = token.lastIndexOf('.');
  const expected = createHmac(DIGESTS[alg], key)
    .update(token.slice(0, Math.max(at, 0)))
    .digest();
  const given = Buffer.from(token.slice(at + 1), 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return payloadOf(token) as { jti: string } | undefined;
}

function json(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const payloadOf = (token: string): Record<string, unknown> | undefined => json(token.split('.')[1] ?? '');
