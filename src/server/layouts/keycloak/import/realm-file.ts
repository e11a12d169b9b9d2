/** A Keycloak realm file as configuration of this server and as what the layout knows beside it. */
import { KEYCLOAK_PAT_ROLE } from '../../../../wire/keycloak.ts';
import {
  type ConfigOverrides,
  type ConfiguredResource,
  DEFAULT_LIFETIMES,
  type ServerConfig,
  settingsFrom,
} from '../../../config/config.ts';
import { NO_ROLES, type Realm, type RealmClient, type Roles, stableId } from '../realm.ts';
import { type Known, readAuthorization } from './authorization.ts';
import { type ReadClient, readClient } from './clients.ts';
import { type ReadPerson, readGroups, readPerson, readRoles } from './people.ts';
import { type Notes, reader } from './reader.ts';

export interface ImportedRealm {
  realm: Realm;
  config: ServerConfig;
  /** What the file says and this server does not take over, in words. */
  notes: string[];
}

/** Members of a realm without a counterpart here, which every export has. */
const OF_NO_MATTER = [
  'id',
  'displayName',
  'displayNameHtml',
  'notBefore',
  'keycloakVersion',
  'sslRequired',
  'scopeMappings',
];

/** @throws UmaError `invalid_realm` (config). */
export async function importRealm(file: unknown, overrides: ConfigOverrides = {}): Promise<ImportedRealm> {
  const notes: Notes = new Set();
  const top = reader(file, '', notes);
  top.ignore(...OF_NO_MATTER);
  const name = top.text('realm') ?? 'master';
  if (top.flag('enabled') === false) notes.add('the realm is not enabled; it is served all the same');
  if (top.flag('userManagedAccessAllowed') !== true)
    notes.add('user-managed access is off in the realm; it is on here');
  const accessTokens = top.seconds('accessTokenLifespan') ?? 300;
  const idle = top.seconds('ssoSessionIdleTimeout') ?? 1800;
  const lifetimes = {
    ...DEFAULT_LIFETIMES,
    access_token: accessTokens,
    id_token: accessTokens,
    refresh_token: idle,
    authorization_code: top.seconds('accessCodeLifespan') ?? DEFAULT_LIFETIMES.authorization_code,
    session: top.seconds('ssoSessionMaxLifespan') ?? DEFAULT_LIFETIMES.session,
  };

  const book = readRoles(top, notes);
  const groups = readGroups(top.objects('groups'));
  const users = await Promise.all(
    top.objects('users').map((user) => readPerson(user, { realm: name, book, groups }, notes)),
  );
  const clients = top.objects('clients').flatMap((client) => readClient(client, notes) ?? []);
  top.finish();

  const people = users.filter(({ serviceAccountOf }) => serviceAccountOf === undefined);
  const known: Known = {
    subjectOf: (user) => people.find(({ person }) => person.username === user || person.sub === user)?.person.sub,
    clientOf: (wanted) =>
      clients.find(({ id, client }) => client.client_id === wanted || id === wanted)?.client.client_id,
    groups: groups.map(({ path }) => path),
  };
  const resources: ConfiguredResource[] = [];
  const realmClients = clients.map((client): RealmClient => {
    const made = realmClient(name, client, users);
    if (client.authorization === undefined) return made;
    const read = readAuthorization(client.authorization, client.client.client_id, known, notes);
    resources.push(...read.resources);
    return { ...made, server: read.server };
  });

  return {
    realm: {
      name,
      clients: new Map(realmClients.map((client) => [client.client_id, client])),
      known: { roles: book.names, groups: new Set(known.groups) },
      roles: new Map(people.map(({ person, roles }): [string, Roles] => [person.sub, roles])),
    },
    config: {
      people: people.map(({ person }) => person),
      clients: clients.map(({ client }) => client),
      resources,
      policies: [],
      trusted_issuers: [],
      lifetimes,
      settings: settingsFrom({ ticket_ttl: accessTokens, rpt_ttl: accessTokens, refresh_ttl: idle }, overrides),
      cors_origins: [],
      password_grant: true,
      introspection_get: false,
    },
    notes: [...notes].sort(),
  };
}

function realmClient(
  realm: string,
  { id, client, origins, beginnings, afterLogout, serviceAccount, authorization }: ReadClient,
  users: readonly ReadPerson[],
): RealmClient {
  const { client_id } = client;
  const user = users.find(({ serviceAccountOf }) => serviceAccountOf === client_id);
  const username = user?.person.username ?? `service-account-${client_id}`;
  const account = {
    sub: user?.person.sub ?? stableId('user', realm, username),
    username,
    // Keycloak gives it the role when it makes a resource server of a client.
    roles:
      user?.roles ??
      (authorization === undefined ? NO_ROLES : { realm: [], clients: { [client_id]: [KEYCLOAK_PAT_ROLE] } }),
  };
  return {
    id: id ?? stableId('client', realm, client_id),
    client_id,
    origins,
    beginnings,
    ...(afterLogout && { afterLogout }),
    ...(serviceAccount ? { account } : {}),
  };
}
