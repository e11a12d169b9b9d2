/** What drivers have in common: documents in a column, pages by sequence number, the columns of RPTs and refresh tokens. */
import type { Party, PolicySubject } from '../../protocol/owner.ts';
import type { PageOf, RefreshRecord, RptRecord } from './types.ts';

/** An expired RPT can still be upgraded (GRANT-3.3.1-10), so it stays this many seconds longer. */
export const UPGRADE_GRACE = 86_400;

/** The part of a row that is one JSON document, as text: PostgreSQL's `jsonb` refuses `\u0000`. */
export interface Document {
  data: string;
}

export const read = <T>(row: Document | undefined): T | undefined =>
  row === undefined ? undefined : (JSON.parse(row.data) as T);

/** Rows of one page plus one, which only tells that there is a next page. */
export function pageOf<Row extends { seq: number }, T>(rows: Row[], limit: number, item: (row: Row) => T): PageOf<T> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const items = rows.slice(0, limit).map(item);
  return last === undefined ? { items } : { items, next: String(last.seq) };
}

export const GRANT_COLUMNS = 'key, chain, owner, rs, client_id, party_iss, party_sub, expires_at, data';

/** Values for {@link GRANT_COLUMNS}. */
export const grantValues = (grant: RptRecord | RefreshRecord): (string | number)[] => [
  grant.key,
  grant.chain,
  grant.owner,
  grant.rs,
  grant.client_id,
  grant.party.iss,
  grant.party.sub,
  grant.expires_at,
  JSON.stringify(grant),
];

/** What tells a policy's subject from others; the name of a party does not. */
export const subjectParts = (subject: PolicySubject): string[] =>
  'party' in subject
    ? ['party', ...partyParts(subject.party)]
    : 'email' in subject
      ? ['email', subject.email]
      : 'group' in subject
        ? ['group', subject.group]
        : ['anyone'];
export const partyParts = ({ iss, sub }: Party): string[] => [iss, sub];

/**
 * A list with filters that may be left out: one statement for each set of members that are given, so that each uses its own index.
 * @param make the statement for these members, in their order. Called at once: what it prepares is known from the start.
 */
export function eachFilter<Member extends string, Made>(
  members: readonly Member[],
  make: (given: readonly Member[]) => Made,
): (filter: Readonly<Record<Member, string | null>>) => { statement: Made; values: string[] } {
  const sets: Member[][] = [[]];
  for (const member of members) sets.push(...sets.map((set) => [...set, member]));
  const made = new Map(sets.map((set) => [set.join(), make(set)]));
  return (filter) => {
    const given = members.filter((member) => filter[member] !== null);
    return { statement: made.get(given.join())!, values: given.map((member) => filter[member]!) };
  };
}

/** The same value, so that nobody who is given it can change it for the next. */
export function deepFrozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFrozen(member);
  return Object.freeze(value);
}
