/** The ticketless form of the grant at Keycloak: `audience` and `permission`, resolved to resources of one resource server. */
import type { Party } from '../../../protocol/owner.ts';
import type { Wish } from '../../authorization/entitlements.ts';
import { Refusal } from '../../http/refusal.ts';
import type { ResourceRecord, Stores } from '../../stores/types.ts';
import { resourcesOfServer } from './caller.ts';
import { invalidRequest } from './errors.ts';
import type { Realm, ResourceServerSettings } from './realm.ts';
import { addressed } from './resources.ts';

export interface Wishes {
  rs: string;
  wishes: Wish[];
  /** Resources that were meant by name or address: one that yields nothing and is not the asker's counts as unknown (ATK-15). */
  byName: ReadonlyMap<string, string>;
  /** What the request names resources by. */
  format: 'id' | 'uri';
}

/** @throws Refusal 400 as Keycloak's: `invalid_request`, `invalid_resource`, `invalid_scope`. */
export async function readWishes(form: URLSearchParams, realm: Realm, stores: Stores): Promise<Wishes> {
  const rs = form.get('audience');
  if (rs === null || rs === '') throw invalidRequest('You must provide the issuedFor');
  const client = realm.clients.get(rs);
  if (client === undefined) throw invalidRequest(`Unknown resource server id: [${rs}]`);
  if (client.server === undefined) throw invalidRequest('Client does not support permissions');
  const all = await resourcesOfServer(stores, rs);
  const written = form.getAll('permission').flatMap(permissionsIn);
  if (written.length === 0) {
    const wishes = all.map((resource) => ({ resource, scopes: resource.description.resource_scopes }));
    return { rs, wishes, byName: new Map(), format: 'id' };
  }
  const format = form.get('permission_resource_format') === 'uri' ? 'uri' : 'id';
  const byName = new Map<string, string>();
  const wishes = new Map<string, Wish>();
  for (const { what, scopes } of written) {
    const unknown = scopes.find((scope) => !isKnownScope(scope, all, client.server!));
    if (unknown !== undefined)
      throw new Refusal(400, 'invalid_scope', `One of the given scopes [${scopes.join(', ')}] is invalid`);
    const meant = what === '' ? all.filter((item) => offers(item, scopes)) : meantBy(what, all, form);
    if (what !== '' && meant.length === 0) throw unknownResource(what, format);
    if (what !== '' && !meant.some(({ id }) => id === what)) for (const { id } of meant) byName.set(id, what);
    for (const resource of meant) {
      const offered = resource.description.resource_scopes;
      const wanted = scopes.length === 0 ? offered : scopes.filter((scope) => offered.includes(scope));
      const before = wishes.get(resource.id)?.scopes ?? [];
      // None of the scopes is one of this resource: there is nothing to ask for.
      if (wanted.length === 0 && scopes.length > 0) continue;
      wishes.set(resource.id, { resource, scopes: [...new Set([...before, ...wanted])] });
    }
  }
  return { rs, wishes: [...wishes.values()], byName, format };
}

const unknownResource = (what: string, format: Wishes['format']) =>
  new Refusal(400, 'invalid_resource', `Resource with ${format} [${what}] does not exist.`);

/** A name that yields nothing must not tell whether somebody else has something of that name. */
export function refuseForeignNames({ wishes, byName, format }: Wishes, party: Party | undefined): void {
  for (const { resource } of wishes) {
    const name = byName.get(resource.id);
    if (name !== undefined && resource.owner !== party?.sub && resource.owner !== resource.rs)
      throw unknownResource(name, format);
  }
}

/** `ID#a,b`; some clients join several by a comma. */
function permissionsIn(text: string): { what: string; scopes: string[] }[] {
  const found: { what: string; scopes: string[] }[] = [];
  for (const part of text.split(',')) {
    const hash = part.indexOf('#');
    if (hash !== -1)
      found.push({ what: part.slice(0, hash), scopes: part.slice(hash + 1) === '' ? [] : [part.slice(hash + 1)] });
    else if (found.length === 0) found.push({ what: part, scopes: [] });
    else if (found.at(-1)!.scopes.length > 0) found.at(-1)!.scopes.push(part);
    else found.push({ what: part, scopes: [] });
  }
  return found;
}

function meantBy(what: string, all: readonly ResourceRecord[], form: URLSearchParams): ResourceRecord[] {
  if (form.get('permission_resource_format') === 'uri') {
    const matchingUri = form.get('permission_resource_matching_uri') ?? 'false';
    return addressed(all, { uri: what, matchingUri }, () => true);
  }
  const byId = all.filter(({ id }) => id === what);
  return byId.length > 0 ? byId : all.filter(({ description }) => description.name === what);
}

const offers = ({ description }: ResourceRecord, scopes: readonly string[]): boolean =>
  scopes.some((scope) => description.resource_scopes.includes(scope));

const isKnownScope = (scope: string, all: readonly ResourceRecord[], { scopes }: ResourceServerSettings): boolean =>
  scopes.includes(scope) || all.some(({ description }) => description.resource_scopes.includes(scope));
