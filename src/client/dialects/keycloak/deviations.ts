/** Where Keycloak departs from the specifications and what this program does about it; measured on 26.7.3. `uma discover` prints it. */
import type { Deviation } from '../dialect.ts';

export const KEYCLOAK_DEVIATIONS: readonly Deviation[] = [
  {
    role: 'resource_server',
    differs: 'a PAT is no matter of scope but of the client role uma_protection; asking for the scope is refused',
    uma: 'asks without a scope, and says whose role is missing',
    spec: 'UMA Federated Authorization 1.3',
  },
  {
    role: 'resource_server',
    differs: 'the owner of a resource is only asked where ownerManagedAccess is on, and updates switch it off',
    uma: 'sends it as true; --no-owner-managed leaves it off',
    spec: 'UMA Federated Authorization 3.1',
  },
  {
    role: 'resource_server',
    differs: 'a resource needs a name and may have no "description"',
    uma: 'asks for the name, keeps the description as an attribute',
    spec: 'UMA Federated Authorization 3.1',
  },
  {
    role: 'resource_server',
    differs: 'lists stop at 100 entries and hold the resources of every owner',
    uma: "asks for all of the PAT's owner",
    spec: 'UMA Federated Authorization 3.2.5',
  },
  {
    role: 'resource_server',
    differs: 'permission requests must be an array',
    uma: 'sends one',
    spec: 'UMA Federated Authorization 4.1',
  },
  {
    role: 'resource_server',
    differs: 'a PAT may not introspect, and permissions are answered only for token_type_hint=requesting_party_token',
    uma: "introspects as the resource server's client, with that hint",
    spec: 'UMA Federated Authorization 5.1',
  },
  {
    role: 'requesting_party',
    differs: 'a ticket is good many times, until the PAT that made it ends, and for any client',
    uma: 'polls with the same ticket; takes a new one for each attempt of its own',
    spec: 'UMA Grant 5.5',
  },
  {
    role: 'requesting_party',
    differs:
      'every refusal is access_denied, without a new ticket; asking again files a request that was denied once more',
    uma: "gives it UMA's name, and tells pending, denied and never asked apart where it knows the resource server's client and may look",
    spec: 'UMA Grant 3.3.6',
  },
  {
    role: 'requesting_party',
    differs: 'it says request_submitted also where nothing was filed, because the owner is never asked',
    uma: 'looks, and calls it a wrong set-up (exit 3)',
    spec: 'UMA Grant 3.3.6',
  },
  {
    role: 'requesting_party',
    differs: 'an RPT for less than the ticket asked for is a plain success, and the rest is filed with the owner',
    uma: 'compares, and says what is missing',
    spec: 'UMA Grant 3.3.5',
  },
  {
    role: 'requesting_party',
    differs:
      'response_mode=decision says yes to a part; and to a resource given by its name, where any scope of it may be had, whichever was asked for',
    uma: 'asks for the list of permissions and decides itself: yes is everything that was asked for; not about several URIs at once, which the list does not name',
  },
  {
    role: 'requesting_party',
    differs: "the requesting party's access token is enough: no client has to authenticate",
    uma: 'authenticates the client and pushes claims, unless --bearer-file says otherwise',
    spec: 'UMA Grant 3.3.1',
  },
  {
    role: 'resource_owner',
    differs: "the owner's side takes her token for the resource server (a PAT), no token of her own",
    uma: "signs her in through the resource server's client",
  },
  {
    role: 'resource_owner',
    differs: 'denying, revoking and deleting are one thing; decided requests are not kept, and nothing has a time',
    uma: 'lists no denied requests, shows no times and has no uma history; approving some scopes removes the others',
  },
  {
    role: 'resource_owner',
    differs: 'an RPT outlives the revocation until it ends, and refreshing it renews the revoked permissions',
    uma: 'says so whenever it revokes, and never refreshes an RPT',
  },
  {
    role: 'resource_owner',
    differs: 'a policy with a role or group that does not exist is kept without it',
    uma: 'removes it again and says what was dropped',
  },
];
