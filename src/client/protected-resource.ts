/** The client at a protected resource: try, meet the challenge, get or upgrade the RPT, try again (UMA Grant 3.1 to 3.5). */
import { findUmaChallenge, type UmaChallenge } from '../protocol/challenge.ts';
import { UmaError } from '../protocol/errors.ts';
import { bearer } from '../protocol/http.ts';
import { isLoopback } from '../protocol/metadata.ts';
import type { Granted, Outcome } from '../protocol/outcome.ts';
import type { Ask, ResourceAnswer, ResourceRequest } from '../protocol/resource-request.ts';

/** RPTs for one origin: whoever implements it keeps them apart by issuer, client, requesting party and origin (GRANT-5.2-01). */
export interface RptKeeper {
  get(): Promise<string | undefined>;
  put(granted: Granted): Promise<void>;
  forget(): Promise<void>;
}

export interface FetchOptions {
  request: ResourceRequest;
  ask: Ask;
  rpts: RptKeeper;
  /** May a ticket of this `as_uri` be redeemed? Nothing is sent to an AS before. @throws UmaError `untrusted_as`. */
  checkTrust(as_uri: string): void;
  /**
   * May an RPT of `as_uri` go to this origin (ATK-01)? `confirmed`: the AS has said that the ticket was this origin's.
   * @throws UmaError `untrusted_rs`.
   */
  checkResourceServer(pair: { origin: string; as_uri: string; confirmed: boolean; granted: Granted }): Promise<void>;
  /** How an RPT is shown; default `Authorization: Bearer`. */
  authorize?(rpt: string, request: ResourceRequest): Promise<Record<string, string>>;
  /** Redeems a ticket. `resource` is the origin that the RPT is for (ATK-02). */
  redeem(request: { ticket: string; rpt: string | undefined; resource: string }): Promise<Outcome>;
}

export type Fetched =
  | { kind: 'answer'; answer: ResourceAnswer }
  | { kind: 'outcome'; outcome: Exclude<Outcome, Granted> };

/**
 * The rule of ATK-01, as far as it needs nobody to ask: an RPT goes to an origin that the AS has confirmed, to one on this machine, to one
 * of the caller's list, and, bound to a key, anywhere, because nobody can use it elsewhere (ATK-04).
 */
export function mayReceive(
  { origin, confirmed, granted }: { origin: string; confirmed: boolean; granted: Granted },
  listed: readonly string[] = [],
): boolean {
  const bound = granted.answer.token_type.toLowerCase() === 'dpop';
  return confirmed || bound || isLoopback(origin) || listed.some((one) => URL.parse(one)?.origin === origin);
}

/** Challenges that are met before it is called a day. */
const ROUNDS = 3;
/** The AS does not take the RPT that was to be upgraded: a new one is asked for. */
const NO_UPGRADE = new Set(['invalid_rpt', 'invalid_grant', 'invalid_token']);

/**
 * The resource's answer, or the outcome that stands between. An answer of the resource server that is no UMA challenge is given as it is.
 * @throws UmaError `as_unreachable` (peer): the resource server had no ticket to give (GRANT-3.2.2-03); `no_progress` (peer): challenged
 *   again and again in spite of RPTs (GRANT-3.5-03); `redirected` (refused): an RPT follows no redirect; `wrong_resource_server` (peer); what `redeem` and `ask` throw.
 */
export async function fetchProtected(options: FetchOptions): Promise<Fetched> {
  const { request, ask, rpts, checkTrust, redeem } = options;
  const authorize = options.authorize ?? (async (token: string) => bearer(token));
  const { origin } = new URL(request.url);
  let rpt = await rpts.get();
  for (let round = 0; ; round += 1) {
    const headers = rpt === undefined ? request.headers : { ...request.headers, ...(await authorize(rpt, request)) };
    const answer = await ask({ ...request, headers });
    const challenge = challengeIn(answer, request);
    if (challenge === undefined) return { kind: 'answer', answer };
    answer.discard();
    checkTrust(challenge.as_uri);
    if (round === ROUNDS) {
      throw new UmaError(
        'peer',
        'no_progress',
        `${origin} asks for a permission again, after ${ROUNDS} RPTs that should have it`,
        {
          spec: 'UMA Grant 3.5',
          hint: 'see what the RPT permits: uma introspect; and what the resource server asks for: -v',
        },
      );
    }
    try {
      const outcome = await redeem({ ticket: challenge.ticket, rpt, resource: origin });
      if (outcome.kind !== 'granted') return { kind: 'outcome', outcome };
      const { as_uri } = challenge;
      await options.checkResourceServer({ origin, as_uri, confirmed: confirms(outcome, origin), granted: outcome });
      await rpts.put(outcome);
      rpt = outcome.rpt;
    } catch (error) {
      if (rpt === undefined || !(error instanceof UmaError) || !NO_UPGRADE.has(error.code)) throw error;
      await rpts.forget();
      rpt = undefined;
    }
  }
}

/**
 * Whether the AS says that the RPT is for this origin (ATK-02): `resource` in its answer, as in draft-ietf-oauth-resource-token-resp.
 * @throws UmaError `wrong_resource_server` (peer) when it says that it is for another.
 */
function confirms({ wire }: Granted, origin: string): boolean {
  if (wire.resource === undefined) return false;
  const named = [wire.resource].flat().map((name) => (typeof name === 'string' ? URL.parse(name)?.origin : undefined));
  if (named.includes(origin)) return true;
  throw new UmaError('peer', 'wrong_resource_server', `the RPT is not for ${origin}: it is not sent there`, {
    spec: 'RFC 8707 2',
    hint: 'this resource server has handed over the ticket of another one: do not use it',
  });
}

/** @throws UmaError `as_unreachable`, `no_ticket`, `redirected`. */
function challengeIn(answer: ResourceAnswer, { method, url }: ResourceRequest): UmaChallenge | undefined {
  const { status, headers } = answer;
  const place = `${method} ${url.split('?')[0]}`;
  const stop = (category: 'peer' | 'refused', code: string, message: string, hint: string) => {
    answer.discard();
    return new UmaError(category, code, `${place}: ${message}`, { status, hint, spec: 'UMA Grant 3.2' });
  };
  if (status === 401) {
    const value = headers['www-authenticate'] ?? '';
    const challenge = findUmaChallenge(value);
    if (challenge === undefined && /^uma\b/i.test(value))
      throw stop(
        'peer',
        'no_ticket',
        'the UMA challenge holds no as_uri and ticket',
        'ask whoever runs the resource server',
      );
    return challenge;
  }
  if (status === 403 && /UMA Authorization Server Unreachable/i.test(headers.warning ?? ''))
    throw stop(
      'peer',
      'as_unreachable',
      'the resource server could get no permission ticket',
      'again later: its authorization server does not answer, or its owner has not connected it',
    );
  if (status >= 300 && status < 400 && headers.location !== undefined)
    throw stop(
      'refused',
      'redirected',
      `redirected to ${new URL(headers.location, url).href}, which is not followed`,
      'if you trust that address, ask for it',
    );
  return undefined;
}
