/** Where AM departs from the specifications, by its public documents, and what this program does about it. `uma discover` prints it. */
import type { Deviation } from '../dialect.ts';

export const FORGEROCK_DEVIATIONS: readonly Deviation[] = [
  {
    role: 'resource_server',
    differs: 'the UMA document stands beneath /uma/{realm}, not at the issuer',
    uma: 'knows the endpoints from the realm; each can be given by hand',
    spec: 'UMA Grant 2',
  },
  {
    role: 'resource_server',
    differs: 'permission requests must be an array',
    uma: 'sends one',
    spec: 'UMA Federated Authorization 4.1',
  },
  {
    role: 'resource_server',
    differs: 'a PAT cannot be got by client credentials',
    uma: "uses the owner's password, or a PAT that is given",
    spec: 'UMA Federated Authorization 1.3',
  },
  {
    role: 'resource_server',
    differs: 'introspection is documented as GET with the token in the query, which newer versions refuse',
    uma: 'sends POST with the token in the form and the PAT as bearer',
    spec: 'RFC 7662 2.1',
  },
  {
    role: 'requesting_party',
    differs: 'request_submitted carries no interval',
    uma: 'polls every 5 seconds',
    spec: 'UMA Grant 3.3.6',
  },
  {
    role: 'requesting_party',
    differs: 'the password grant answers 500 where a sign-in wants more than a password',
    uma: 'says so, and what to use instead',
    spec: 'RFC 6749 5.2',
  },
  {
    role: 'resource_owner',
    differs: "the owner's side takes the session token of json/authenticate",
    uma: 'signs in by name and password; UMA_OWNER_TOKEN takes the session token of another sign-in',
  },
  {
    role: 'resource_owner',
    differs: 'a pending request names its resource and party by name, and no client',
    uma: "finds the resource among the owner's where the name is hers once, else shows the name as its id",
  },
  {
    role: 'resource_owner',
    differs: 'requests that were decided are gone; a denied one may be asked again',
    uma: 'lists what waits; decisions stand in the history',
  },
  {
    role: 'resource_owner',
    differs: 'one policy a resource with an entry a person; it cannot deny, and has no conditions on this API',
    uma: 'shows each entry as a policy RESOURCE:PERSON, and refuses what has no place in it',
  },
  {
    role: 'resource_owner',
    differs: 'people of a policy are names, which AM does not check',
    uma: 'sends the name that is typed: look twice',
  },
  {
    role: 'resource_owner',
    differs: 'no document says whether an RPT outlives the policy that it was granted by',
    uma: 'says that it may, whenever it revokes',
  },
];
