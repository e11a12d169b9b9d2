/** RPTs that are JWTs, checked without asking the AS (ATK-28, RFC 9068 4): signature, `iss`, `aud`, `exp`, `nbf`, `typ`, permissions. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Connection } from '../client/connection.ts';
import { UmaError } from '../protocol/errors.ts';
import { jsonObject, jsonRequest } from '../protocol/http.ts';
import type { Introspection } from '../protocol/introspection.ts';
import { decodeToken } from '../protocol/rpt.ts';

/** Signatures that only the AS can make. */
const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'EdDSA',
  'Ed25519',
];
/** RFC 9068 2.1. An ID Token says `JWT`, or nothing. */
const TYPES = ['at+jwt'];
/** Seconds between two looks for new keys. */
const KEYS_AGE = 30;

export interface JwtOptions {
  audience: readonly string[];
  algorithms?: readonly string[] | undefined;
  /** Values of the header's `typ`, without `application/`. */
  types?: readonly string[] | undefined;
}

export class JwtVerifier {
  readonly #connection: Connection;
  readonly #options: JwtOptions;
  #keys: { get: JWTVerifyGetKey; at: number } | undefined;

  constructor(connection: Connection, options: JwtOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** As an introspection answer; undefined for anything that is no valid RPT. @throws UmaError when the AS's keys cannot be had. */
  async verify(token: string): Promise<Introspection | undefined> {
    const decoded = decodeToken(token);
    const typ = typeof decoded?.header.typ === 'string' ? decoded.header.typ.toLowerCase() : '';
    const types = this.#options.types ?? TYPES;
    if (decoded === undefined || !types.includes(typ.replace(/^application\//, ''))) return undefined;
    const check = async (keys: JWTVerifyGetKey) => {
      const { payload } = await jwtVerify(token, keys, {
        issuer: this.#connection.issuer,
        audience: [...this.#options.audience],
        algorithms: [...(this.#options.algorithms ?? ALGORITHMS)],
        requiredClaims: ['exp', 'iss', 'aud'],
        currentDate: new Date(this.#connection.now() * 1000),
      });
      // Keycloak marks its other tokens in the payload.
      if (payload.typ !== undefined && payload.typ !== 'Bearer') return undefined;
      return { ...payload, active: true, permissions: decoded.permissions ?? [] } as Introspection;
    };
    try {
      return await check(await this.#current());
    } catch (error) {
      if (error instanceof UmaError || !(error instanceof errors.JOSEError)) throw error;
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayLook()) return undefined;
    }
    try {
      return await check(await this.#fetch());
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  async #current(): Promise<JWTVerifyGetKey> {
    return this.#keys?.get ?? (await this.#fetch());
  }

  #mayLook = (): boolean => this.#keys === undefined || this.#connection.now() - this.#keys.at >= KEYS_AGE;

  async #fetch(): Promise<JWTVerifyGetKey> {
    const url = await this.#connection.endpoint('jwks_uri');
    const exchange = await this.#connection.exchange(jsonRequest('GET', url));
    const jwks = jsonObject(exchange);
    if (exchange.response.status !== 200 || !Array.isArray(jwks.keys))
      throw new UmaError('peer', 'invalid_jwks', `${url} answered ${exchange.response.status} without keys`, {
        exchange,
      });
    const get = createLocalJWKSet(jwks as unknown as Parameters<typeof createLocalJWKSet>[0]);
    this.#keys = { get, at: this.#connection.now() };
    return get;
  }
}
