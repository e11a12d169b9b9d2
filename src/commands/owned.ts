/** Names that people type on the owner's side, resolved through the owner's API: a resource by id or name, a person by login name. */
import type { OwnerApi, SeenResource } from '../client/resource-owner.ts';
import { UmaError } from '../protocol/errors.ts';
import type { Party } from '../protocol/owner.ts';
import { shellWord } from './connect.ts';

/** An id wins over a name. @throws UmaError `unknown_resource` (refused), `ambiguous_resource` (usage). */
export async function ownedResource(owner: OwnerApi, idOrName: string): Promise<SeenResource> {
  const resources = await owner.resources();
  const found = resources.find(({ _id }) => _id === idOrName);
  if (found !== undefined) return found;
  const named = resources.filter(({ name }) => name === idOrName);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  if (named.length > 1) {
    throw new UmaError(
      'usage',
      'ambiguous_resource',
      `${named.length} resources are named "${idOrName}": ${named.map(({ _id }) => _id).join(', ')}`,
      { hint: `name it by its id: --resource ${shellWord(named[0]?._id ?? '')}` },
    );
  }
  const has = resources.slice(0, 10).map(({ _id, name }) => (name === undefined ? _id : `${_id} "${name}"`));
  const more = resources.length > has.length ? `, and ${resources.length - has.length} more` : '';
  throw new UmaError(
    'refused',
    'unknown_resource',
    `the owner has no resource "${idOrName}"; ${has.length === 0 ? 'she has none at all' : `she has ${has.join(', ')}${more}`}`,
    { hint: 'uma resource list, or as another owner: --owner NAME' },
  );
}

/** Issuer and subject of a person: what policies name (DESIGN decision 13 of the house). @throws UmaError `unknown_person` (refused). */
export async function knownPerson(owner: OwnerApi, username: string): Promise<Party> {
  const party = await owner.person(username);
  if (party !== undefined) return party;
  throw new UmaError(
    'refused',
    'unknown_person',
    `the authorization server knows nobody by the login name "${username}"`,
    {
      hint: 'give the exact login name; for people of another issuer, write the policy as JSON: uma policy add --input FILE',
    },
  );
}
