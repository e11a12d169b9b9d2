/** The uma-ticket grant (UMA Grant 3.3.1): hands the parameters to authorization/ and its answer back, nothing else. */
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import { UMA_TICKET_GRANT } from '../../../protocol/outcome.ts';
import type { Authority } from '../../authorization/authority.ts';
import type { RedeemContext, RedeemParams, WireAnswer } from '../../authorization/deps.ts';
import { provenKey } from '../internals.ts';

const PARAMETERS = [
  'ticket',
  'claim_token',
  'claim_token_format',
  'pct',
  'rpt',
  'scope',
  'resource',
  'code_verifier',
] as const satisfies readonly (keyof RedeemParams)[];

/** What authorization/ wants to know of an authenticated client. */
export type DescribeClient = (client: Client) => RedeemContext['client'];

export function registerUmaTicketGrant(
  provider: Provider,
  authority: Authority,
  describe: DescribeClient,
  now: () => number,
): void {
  provider.registerGrantType<RedeemParams & { [name: string]: unknown }>(
    UMA_TICKET_GRANT,
    async (ctx) => {
      const jkt = await provenKey(provider, ctx);
      const { params, client } = ctx.oidc;
      const context: RedeemContext = { client: describe(client), now: now(), jkt };
      answer(ctx, await authority.redeem(params, context));
    },
    PARAMETERS,
  );
}

/** Set, not thrown: oidc-provider's errors carry no `ticket` and no `required_claims`. */
export function answer(ctx: { status: number; body: unknown }, { status, body }: WireAnswer): void {
  ctx.status = status;
  ctx.body = body;
}
