/** `refresh_token`: refresh tokens of RPTs are authorization/'s (UMA Grant 3.6), all others oidc-provider's. */
import type Provider from 'oidc-provider';
import type { TokenEndpointGrantContext } from 'oidc-provider';
import type { Authority } from '../../authorization/authority.ts';
import { provenKey } from '../internals.ts';
import { answer, type DescribeClient } from './uma-ticket.ts';

type Handler = (ctx: TokenEndpointGrantContext) => void | Promise<void>;

/** The built-in handler, asked only where the token is none of an RPT's. */
export function refreshRptsFirst(
  builtIn: Handler,
  provider: Provider,
  authority: Authority,
  describe: DescribeClient,
  now: () => number,
): Handler {
  return async (ctx) => {
    const { params, client } = ctx.oidc;
    const token = params.refresh_token;
    if (typeof token === 'string') {
      const jkt = await provenKey(provider, ctx);
      const refreshed = await authority.refresh(token, params.scope, { client: describe(client), now: now(), jkt });
      if (refreshed !== undefined) return answer(ctx, refreshed);
    }
    return builtIn(ctx);
  };
}
