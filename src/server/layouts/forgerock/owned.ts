/** What the owner's routes share: addresses, names of parties, whole lists. */
import type { Party } from '../../../protocol/owner.ts';
import type { PageOf, PageRequest } from '../../stores/types.ts';
import type { LayoutServices } from '../layout.ts';
import { FORGEROCK_HOUSE } from './addresses.ts';

export type UserParams = { Params: { user: string } };
export type ItemParams = { Params: { user: string; id: string } };

/** The route of a template of wire/forgerock.ts. */
export const routeOf = (template: string): string => FORGEROCK_HOUSE.json + template.replace('{user}', ':user');

/** AM names people by login name. Somebody of another issuer must not pass for one of them, so the issuer is said (DESIGN decision 13 of the house). */
export function userOf(
  { issuer, directory }: Pick<LayoutServices, 'issuer' | 'directory'>,
  { iss, sub }: Party,
): string {
  return iss === issuer ? (directory.bySub(sub)?.username ?? sub) : `${iss}#${sub}`;
}

/** Every page of a list. */
export async function everything<T>(list: (page: PageRequest) => Promise<PageOf<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let after: string | undefined; ; ) {
    const page = await list({ limit: 200, after });
    items.push(...page.items);
    if (page.next === undefined) return items;
    after = page.next;
  }
}
