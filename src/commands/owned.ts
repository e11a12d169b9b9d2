/** Names that people type on the owner's side, resolved through the owner's API: a resource by id, name or URI, a person by login name. */
import type { OwnerApi, SeenResource } from '../client/resource-owner.ts';
import { UmaError } from '../protocol/errors.ts';
import type { Party, SharedResource } from '../protocol/owner.ts';
import { shellWord } from './connect.ts';

/** An id wins over a name, a name over a URI (where the server tells it). @throws UmaError `unknown_resource` (refused), `ambiguous_resource` (usage). */
export async function ownedResource(owner: OwnerApi, idOrName: string): Promise<SeenResource> {
  const resources = await owner.resources();
  const found = resources.find(({ _id }) => _id === idOrName);
  if (found !== undefined) return found;
  const byName = resources.filter(({ name }) => name === idOrName);
  const byUri = resources.filter(({ uris }) => Array.isArray(uris) && uris.includes(idOrName));
  const named = byName.length > 0 ? byName : byUri;
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

/** What others share with the person. @throws UmaError `not_offered` (config) where the server does not tell. */
export async function sharedBy(owner: OwnerApi): Promise<SharedResource[]> {
  if (owner.shared !== undefined) return owner.shared();
  throw notTold();
}

/** Gives up what somebody shares, by id or name. @throws UmaError `unknown_resource` (refused), `not_offered` (config). */
export async function giveUp(owner: OwnerApi, idOrName: string): Promise<SharedResource> {
  const shared = await sharedBy(owner);
  const found =
    shared.find(({ resource_id }) => resource_id === idOrName) ?? shared.find(({ name }) => name === idOrName);
  if (found === undefined) {
    throw new UmaError('refused', 'unknown_resource', `nobody shares a resource "${idOrName}" with this person`, {
      hint: 'uma resource list --shared',
    });
  }
  if (owner.giveUp === undefined) throw notTold();
  await owner.giveUp(found.resource_id);
  return found;
}

const notTold = (): UmaError =>
  new UmaError('config', 'not_offered', 'this server does not tell people what others share with them', {
    spec: 'UMA Grant 1.4',
    hint: "look in the server's own console",
  });

/** Issuer and subject of a person: what policies name (DESIGN decision 13 of the house), and names that look like this one. @throws UmaError `unknown_person` (refused). */
export async function knownPerson(
  owner: OwnerApi,
  username: string,
): Promise<{ party: Party; look_alikes: readonly string[] }> {
  const found = await owner.person(username);
  if (found !== undefined) {
    const { look_alikes = [], ...party } = found;
    return { party, look_alikes };
  }
  throw new UmaError(
    'refused',
    'unknown_person',
    `the authorization server knows nobody by the login name "${username}"`,
    {
      hint: 'give the exact login name; for people of another issuer, write the policy as JSON: uma policy add --input FILE',
    },
  );
}
