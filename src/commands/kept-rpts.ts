/** RPTs of `uma get` between runs: one for each issuer, client, requesting party and origin, with the key that it is bound to, if any. */
import type { Context } from '../cli/context.ts';
import type { DpopKey } from '../client/dpop.ts';
import type { RptKeeper } from '../client/protected-resource.ts';
import type { RptAttempts } from '../client/requesting-party.ts';
import { UmaError } from '../protocol/errors.ts';
import { bearer, isObject } from '../protocol/http.ts';
import type { Granted } from '../protocol/outcome.ts';
import type { ResourceRequest } from '../protocol/resource-request.ts';

/** Seconds that an RPT is kept where the server does not say how long it lives. */
const UNSAID_LIFE = 300;

export class KeptRpts implements RptKeeper {
  readonly #context: Pick<Context, 'cache' | 'clock'>;
  readonly #key: readonly string[];
  readonly #wantsBound: boolean;
  #dpop: DpopKey | undefined;

  /** `wantsBound`: only an RPT that is bound to a key will do. */
  constructor(
    context: Pick<Context, 'cache' | 'clock'>,
    issuer: string,
    whose: readonly string[],
    wantsBound: boolean,
  ) {
    this.#context = context;
    this.#key = ['rpt', issuer, ...whose];
    this.#wantsBound = wantsBound;
  }

  async get(): Promise<string | undefined> {
    const kept = await this.#context.cache.get(this.#key);
    if (!isObject(kept) || typeof kept.rpt !== 'string') return undefined;
    if (this.#wantsBound && !isObject(kept.dpop)) return undefined;
    if (isObject(kept.dpop)) this.#dpop = kept.dpop as DpopKey;
    return kept.rpt;
  }

  /** @throws UmaError `not_bound` (peer). */
  async put({ rpt, answer }: Granted): Promise<void> {
    const bound = answer.token_type.toLowerCase() === 'dpop';
    if (!bound && this.#wantsBound)
      throw new UmaError('peer', 'not_bound', 'the server gave an RPT that is not bound to the key', {
        spec: 'RFC 9449 5',
        hint: 'it may know no DPoP: without --dpop the RPT is a bearer token',
      });
    if (!bound) this.#dpop = undefined;
    await this.#context.cache.put(this.#key, {
      value: { rpt, ...(bound ? { dpop: this.#dpop } : {}) },
      expires_at: this.#context.clock.now() + (answer.expires_in ?? UNSAID_LIFE),
    });
  }

  async forget(): Promise<void> {
    await this.#context.cache.forget(this.#key);
  }

  /** For token requests: present when an RPT is to be bound, or the one to upgrade is. */
  async prover(): Promise<RptAttempts['prove']> {
    if (!this.#wantsBound && this.#dpop === undefined) return undefined;
    const { newDpopKey, proofOf } = await import('../client/dpop.ts');
    this.#dpop ??= await newDpopKey();
    const key = this.#dpop;
    return (request, nonce) =>
      proofOf(key, request, { now: this.#context.clock.now(), ...(nonce === undefined ? {} : { nonce }) });
  }

  async authorize(rpt: string, request: ResourceRequest): Promise<Record<string, string>> {
    if (this.#dpop === undefined) return bearer(rpt);
    const { proofOf } = await import('../client/dpop.ts');
    const proof = await proofOf(this.#dpop, request, { now: this.#context.clock.now(), token: rpt });
    return { authorization: `DPoP ${rpt}`, dpop: proof };
  }
}
