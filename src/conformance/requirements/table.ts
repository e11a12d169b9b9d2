/** The numbered requirements of both UMA documents, of the OAuth documents around them, and of known attacks, as data. */
import { ATTACKS } from './attacks.ts';
import { FEDERATION } from './federation.ts';
import { GRANT } from './grant.ts';
import { OAUTH } from './oauth.ts';

/**
 * `MUST*` is stated by the text as a fact, a definition or an example, without a BCP 14 keyword: a deviation on somebody else's
 * server is a weaker finding. `HARDEN` is required by none of the documents.
 */
export const LEVELS = ['MUST', 'MUST*', 'SHOULD', 'MAY', 'HARDEN'] as const;
export type Level = (typeof LEVELS)[number];
/** Who has to meet it; `all` = every role, so also the authorization server. */
export type Role = 'AS' | 'RS' | 'client' | 'all';
export type Document = 'GRANT' | 'FED' | 'SEC' | 'ATK';

/** One line of a part's file: id, level, role, section, the requirement in a line. */
export type Row = readonly [id: string, level: Level, role: Role, section: string, line: string];

export interface Requirement {
  id: string;
  level: Level;
  role: Role;
  section: string;
  line: string;
  document: Document;
}

/** Every requirement, in the order of the documents. */
export const REQUIREMENTS: readonly Requirement[] = [...GRANT, ...FEDERATION, ...OAUTH, ...ATTACKS].map(
  ([id, level, role, section, line]) => ({ id, level, role, section, line, document: id.split('-')[0] as Document }),
);

const byId = new Map(REQUIREMENTS.map((requirement) => [requirement.id, requirement]));

/** @throws RangeError for an id that no document has: a misspelt id must not count as proof. */
export function requirement(id: string): Requirement {
  const found = byId.get(id);
  if (found === undefined) throw new RangeError(`no requirement ${id}`);
  return found;
}
