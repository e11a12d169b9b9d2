/** One authority over a real store in memory, with a clock that the test moves and signing keys of its own. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { ID_TOKEN_FORMAT } from '../../../src/protocol/claims.ts';
import { type Authority, createAuthority } from '../../../src/server/authorization/authority.ts';
import { createClaimTokenVerifier } from '../../../src/server/authorization/claim-token.ts';
import type { AuthorityDeps, RedeemContext } from '../../../src/server/authorization/deps.ts';
import { newId } from '../../../src/server/authorization/secrets.ts';
import { type AuthorizationSettings, DEFAULT_SETTINGS } from '../../../src/server/authorization/settings.ts';
import type { Person } from '../../../src/server/config/parts.ts';
import { createOwnerService, type OwnerService } from '../../../src/server/owner/service.ts';
import { openSqlite } from '../../../src/server/stores/sqlite.ts';
import type { Domain, Stores } from '../../../src/server/stores/types.ts';

export const ISSUER = 'https://as.example';
export const FOREIGN = 'https://idp.example';
const people: Person[] = ['alice', 'bob', 'carol'].map((sub) => ({
  sub,
  username: sub,
  email: `${sub}@example.com`,
  email_verified: true,
}));

export interface Fixture {
  authority: Authority;
  owner: OwnerService;
  stores: Stores;
  clock: { now: number };
  domain: Domain;
  /** Registers a resource of alice and gives its id. */
  register(scopes: string[]): Promise<string>;
  ticket(id: string, scopes: string[]): Promise<string>;
  idToken(
    claims?: JWTPayload,
    options?: { issuer?: string; typ?: string; audience?: string | string[] },
  ): Promise<string>;
  context(part?: Partial<RedeemContext>): RedeemContext;
  /** Redeems with bob's claim token. */
  redeem(ticket: string, part?: Record<string, string>): ReturnType<Authority['redeem']>;
}

export async function fixture(settings: Partial<AuthorizationSettings> = {}): Promise<Fixture> {
  const stores = await openSqlite({});
  const clock = { now: 1_700_000_000 };
  const keys = new Map(
    await Promise.all(
      [ISSUER, FOREIGN].map(async (issuer) => {
        const { privateKey, publicKey } = await generateKeyPair('ES256');
        return [issuer, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: issuer, alg: 'ES256' } }] as const;
      }),
    ),
  );
  const trusted = [...keys].map(([issuer, { jwk }]) => ({
    issuer,
    keys: { jwks: { keys: [jwk] } },
    algorithms: ['ES256'],
  }));
  const sign = (issuer: string, typ: string, claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: issuer, typ }).sign(keys.get(issuer)!.privateKey);
  const deps: AuthorityDeps = {
    issuer: ISSUER,
    stores,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    signer: { sign: (claims, typ) => sign(ISSUER, typ, claims), publicJwks: () => ({ keys: [keys.get(ISSUER)!.jwk] }) },
    directory: {
      bySub: (sub) => people.find((person) => person.sub === sub),
      byUsername: (username) => people.find((person) => person.username === username),
      originsOf: (rs) => (rs === 'rs1' ? ['https://photos.example'] : undefined),
      clientName: () => undefined,
    },
    claimTokens: createClaimTokenVerifier(trusted),
    trustedIssuers: [ISSUER, FOREIGN],
  };
  const authority = createAuthority(deps);
  const domain: Domain = { owner: 'alice', rs: 'rs1' };
  const context: Fixture['context'] = (part = {}) => ({
    client: { id: 'UmaClient', self_registered: false },
    now: clock.now,
    ...part,
  });
  const idToken: Fixture['idToken'] = (claims = {}, { issuer = ISSUER, typ = 'JWT', audience = 'UmaClient' } = {}) =>
    sign(issuer, typ, { iss: issuer, sub: 'bob', aud: audience, iat: clock.now, exp: clock.now + 300, ...claims });
  return {
    authority,
    owner: createOwnerService({ ...deps, everybody: () => people, now: () => clock.now }),
    stores,
    clock,
    domain,
    async register(resource_scopes) {
      const id = newId();
      await stores.resources.create({
        id,
        ...domain,
        description: { name: 'photo', resource_scopes },
        created_at: clock.now,
        updated_at: clock.now,
      });
      return id;
    },
    ticket: (resource_id, resource_scopes) =>
      authority.issueTicket(domain, [{ resource_id, resource_scopes }], clock.now),
    idToken,
    context,
    redeem: async (ticket, part = {}) =>
      authority.redeem(
        { ticket, claim_token: await idToken(), claim_token_format: ID_TOKEN_FORMAT, ...part },
        context(),
      ),
  };
}
