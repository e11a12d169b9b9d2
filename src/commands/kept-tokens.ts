/** What is kept between runs, as people see it: a token and the refresh token that renews it are one. */
import type { Cache, KeptToken } from '../cli/context.ts';

export type TokenKind = 'owner' | 'pat' | 'claim' | 'rpt';

export interface Keeping {
  id: string;
  kind: TokenKind;
  issuer: string;
  client_id: string;
  /** Empty for a PAT of the resource server's own. */
  person: string;
  /** The access token; undefined when it has ended and a refresh token is left. */
  access: KeptToken | undefined;
  refresh: KeptToken | undefined;
}

const REFRESH = 'refresh:';

export async function keptTokens(cache: Cache): Promise<Keeping[]> {
  const found = new Map<string, Keeping>();
  for (const token of await cache.list()) {
    const [purpose = '', issuer = '', client_id = '', person = ''] = token.key;
    const refreshes = purpose.startsWith(REFRESH);
    const kind = (refreshes ? purpose.slice(REFRESH.length) : purpose) as TokenKind;
    const whole = JSON.stringify([kind, ...token.key.slice(1)]);
    const before = found.get(whole) ?? {
      id: token.id,
      kind,
      issuer,
      client_id,
      person,
      access: undefined,
      refresh: undefined,
    };
    found.set(whole, refreshes ? { ...before, refresh: token } : { ...before, access: token, id: token.id });
  }
  return [...found.values()].sort((a, b) => order(a).localeCompare(order(b)));
}

const order = ({ issuer, person, kind, id }: Keeping) => [issuer, person, kind, id].join(' ');

export async function forget(cache: Cache, { access, refresh }: Keeping): Promise<void> {
  for (const token of [refresh, access]) if (token !== undefined) await cache.forget(token.key);
}
