/** What is known of the requesting party in one process: pushed, gathered in the browser, or remembered by a PCT (UMA Grant 3.3.1, 3.3.3, 3.3.5). */
import type { BelievedClaim, GatheredClaims, TicketRecord } from '../stores/types.ts';
import { isSame } from './assess.ts';
import type { AuthorityDeps, RedeemContext, RedeemParams } from './deps.ts';
import { keyOf, newSecret } from './secrets.ts';

/**
 * Claims of this process: a claim token sent now, else what was gathered on the ticket's way, else the PCT. What names another
 * party than the newest source is dropped, so that claims of two people never mix (GRANT-5.2-08).
 */
export async function gatherClaims(
  deps: AuthorityDeps,
  ticket: TicketRecord,
  params: RedeemParams,
  { client, now, jkt, identified }: RedeemContext,
): Promise<{ gathered: GatheredClaims | undefined; fault: string | undefined }> {
  const sources: GatheredClaims[] = identified === undefined ? [] : [identified];
  let fault: string | undefined;
  if (params.claim_token !== undefined && params.claim_token_format !== undefined) {
    const answer =
      client.self_registered && !deps.settings.self_registered_may_push
        ? { fault: 'a client that registered itself may not push claim tokens' }
        : await deps.claimTokens.verify(params.claim_token, params.claim_token_format, client.id, now);
    if ('fault' in answer) fault = answer.fault;
    else sources.push({ ...answer, at: now });
  }
  if (ticket.gathered !== undefined) sources.push(ticket.gathered);
  if (params.pct !== undefined) {
    const pct = await deps.stores.pcts.get(keyOf(params.pct), now);
    if (pct !== undefined && pct.client_id === client.id && pct.jkt === jkt) sources.push(pct.gathered);
  }
  const [newest] = sources;
  if (newest === undefined) return { gathered: undefined, fault };
  const party = sources.find((source) => source.party !== undefined)?.party;
  const compatible = sources.filter(
    (source) => source.party === undefined || (party !== undefined && isSame(source.party, party)),
  );
  const claims = new Map<string, BelievedClaim>();
  for (const source of compatible.reverse()) {
    for (const claim of source.claims) claims.set(JSON.stringify([claim.issuer, claim.name]), claim);
  }
  const gathered: GatheredClaims = { claims: [...claims.values()], at: newest.at };
  if (party !== undefined) gathered.party = party;
  if (compatible.some(({ persist }) => persist)) gathered.persist = true;
  return { gathered, fault };
}

/** A PCT where the requesting party agreed that its claims are kept (GRANT-6.2-02), bound to the client and its key (ATK-10). */
export async function issuePct(
  deps: AuthorityDeps,
  gathered: GatheredClaims | undefined,
  { client, now, jkt }: RedeemContext,
): Promise<string | undefined> {
  const { settings, stores } = deps;
  if (gathered?.party === undefined) return undefined;
  if (settings.pct_needs_consent && !gathered.persist) return undefined;
  const pct = newSecret();
  await stores.pcts.put({
    key: keyOf(pct),
    client_id: client.id,
    gathered,
    expires_at: now + settings.pct_ttl,
    ...(jkt === undefined ? {} : { jkt }),
  });
  return pct;
}
