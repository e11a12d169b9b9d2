/** Is an RPT good, and for what: by introspection (UMA Federated Authorization 5) or, for JWTs, offline. */
import { createHash } from 'node:crypto';
import type { ResourceServer } from '../client/resource-server.ts';
import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';
import { effectivePermissions, type Introspection } from '../protocol/introspection.ts';
import type { Permission } from '../protocol/permission.ts';
import type { JwtVerifier } from './jwt.ts';

export interface Rpt {
  permissions: Permission[];
  /** Seconds since the epoch. */
  exp: number | undefined;
  subject: string | undefined;
  issuer: string | undefined;
  client: string | undefined;
  /** Thumbprint of the key that it is bound to: then it is no bearer token. */
  jkt: string | undefined;
}

export interface VerifierOptions {
  issuer: string;
  /** Names of this resource server; an answer with an `aud` has to hold one (SEC-9700-15). */
  audience: readonly string[];
  /** Seconds that a positive answer may be used again. */
  cache: { read: number; write: number };
  /** Present: RPTs are checked offline. */
  jwt?: JwtVerifier | undefined;
  /** Seconds since the epoch. */
  now: () => number;
}

/** Answers kept at once; beyond it the oldest goes. */
const KEPT = 10_000;

export class Verifier {
  readonly #options: VerifierOptions;
  readonly #kept = new Map<string, { answer: Introspection; until: number; at: number }>();
  readonly #underWay = new Map<string, Promise<Introspection>>();

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** True when an answer is at hand, so that nobody has to be asked. */
  knows(token: string, owner: string | undefined, write: boolean): boolean {
    return this.#options.jwt !== undefined || this.#cached(keyOf(token, owner), write) !== undefined;
  }

  /**
   * What the token is good for now; undefined when it is no good, or bound in a way that is not known here (SEC-8705-01).
   * @throws UmaError when the AS cannot be asked.
   */
  async verify(
    token: string,
    owner: string | undefined,
    write: boolean,
    server: ResourceServer,
  ): Promise<Rpt | undefined> {
    const { now, issuer, audience, jwt } = this.#options;
    const answer = jwt === undefined ? await this.#ask(token, owner, write, server) : await jwt.verify(token);
    if (answer === undefined || !answer.active) return undefined;
    const jkt = isObject(answer.cnf) && typeof answer.cnf.jkt === 'string' ? answer.cnf.jkt : undefined;
    if (answer.cnf !== undefined && (jkt === undefined || Object.keys(answer.cnf as object).length > 1))
      return undefined;
    if (answer.iss !== undefined && answer.iss !== issuer) return undefined;
    if (answer.aud !== undefined && ![answer.aud].flat().some((name) => audience.includes(name))) return undefined;
    const party = isObject(answer.requesting_party) ? answer.requesting_party : {};
    const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
    return {
      permissions: effectivePermissions(answer, now()),
      exp: answer.exp,
      subject: text(party.sub) ?? text(answer.sub),
      issuer: text(party.iss) ?? issuer,
      client: text(answer.client_id) ?? text(answer.azp),
      jkt,
    };
  }

  async #ask(token: string, owner: string | undefined, write: boolean, server: ResourceServer): Promise<Introspection> {
    const key = keyOf(token, owner);
    const cached = this.#cached(key, write);
    if (cached !== undefined) return cached;
    // A write asks for itself: an answer under way may be older than the revocation it has to heed.
    if (write) return this.#keep(key, await introspect(server, token));
    let running = this.#underWay.get(key);
    if (running === undefined) {
      running = introspect(server, token)
        .then((answer) => this.#keep(key, answer))
        .finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, running);
    }
    return running;
  }

  #cached(key: string, write: boolean): Introspection | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const now = this.#options.now();
    const { read, write: forWrites } = this.#options.cache;
    return now < Math.min(kept.until, kept.at + (write ? forWrites : read)) ? kept.answer : undefined;
  }

  /** Only what is active, and never beyond its end (FED-5-01). */
  #keep(key: string, answer: Introspection): Introspection {
    const { cache, now } = this.#options;
    const life = Math.max(cache.read, cache.write);
    this.#kept.delete(key);
    if (!answer.active || life === 0) return answer;
    const at = now();
    this.#kept.set(key, { answer, at, until: Math.min(at + life, answer.exp ?? Number.POSITIVE_INFINITY) });
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '');
    return answer;
  }
}

/** The permissions stand in another place in Keycloak's introspection of JWTs of its own; the dialect has read them. */
async function introspect(server: ResourceServer, token: string): Promise<Introspection> {
  const answer = await server.introspect(token);
  if (answer.active && answer.exp !== undefined && typeof answer.exp !== 'number')
    throw new UmaError('peer', 'invalid_introspection', 'the introspection answer has an "exp" that is no number');
  return answer;
}

/** Tokens are not kept, only what they hash to; another owner's PAT gets another answer. */
const keyOf = (token: string, owner: string | undefined): string =>
  createHash('sha256')
    .update(JSON.stringify([owner ?? null, token]))
    .digest('base64url');
