/** People, groups and roles of a realm file. */
import type { ConfiguredPerson } from '../../../config/config.ts';
import { hashPassword } from '../../../config/passwords.ts';
import { type Roles, stableId } from '../realm.ts';
import { readCredentials } from './credentials.ts';
import type { Notes, Reader } from './reader.ts';

export interface ReadPerson {
  person: ConfiguredPerson;
  roles: Roles;
  /** Client id, where it is the service account of a client. */
  serviceAccountOf: string | undefined;
}

interface Group {
  path: string;
  roles: Roles;
}

/** Roles with what they are composed of. */
export interface RoleBook {
  expand(roles: Roles): Roles;
  /** Of the realm, and of clients as `client/role`. */
  names: ReadonlySet<string>;
  /** What everybody has. */
  standard: Roles;
}

/** @param realm its `roles` and `defaultRole`. */
export function readRoles(realm: Reader, notes: Notes): RoleBook {
  const parts = new Map<string, Roles>();
  const defined = realm.object('roles');
  const read = (role: Reader, key: (name: string) => string) => {
    role.ignore('id', 'description', 'composite', 'clientRole', 'containerId');
    const composites = role.object('composites');
    parts.set(key(role.text('name') ?? ''), {
      realm: composites?.texts('realm') ?? [],
      clients: composites?.lists('client') ?? {},
    });
    role.finish();
  };
  for (const role of defined?.objects('realm') ?? []) read(role, (name) => name);
  const ofClients = defined?.raw('client') as Record<string, unknown> | undefined;
  const clients = defined?.object('client');
  for (const client of Object.keys(ofClients ?? {}))
    for (const role of clients?.objects(client) ?? []) read(role, (name) => `${client}/${name}`);
  defined?.finish();
  const standard = realm.object('defaultRole')?.text('name') ?? realm.text('defaultRoles');
  realm.ignore('requiredCredentials');
  const expand = ({ realm: names, clients: byClient }: Roles): Roles => {
    const all = new Set<string>();
    const add = (key: string) => {
      if (all.has(key)) return;
      all.add(key);
      const inner = parts.get(key);
      for (const name of inner?.realm ?? []) add(name);
      for (const [client, inside] of Object.entries(inner?.clients ?? {}))
        for (const name of inside) add(`${client}/${name}`);
    };
    for (const name of names) add(name);
    for (const [client, inside] of Object.entries(byClient)) for (const name of inside) add(`${client}/${name}`);
    const ofClient: Record<string, string[]> = {};
    for (const key of all) {
      const slash = key.indexOf('/');
      const client = key.slice(0, slash);
      // A realm role can have a slash in its name as well.
      if (slash > 0 && !names.includes(key)) ofClient[client] = [...(ofClient[client] ?? []), key.slice(slash + 1)];
    }
    return { realm: [...all].filter((key) => !key.includes('/') || names.includes(key)), clients: ofClient };
  };
  if (parts.size === 0) notes.add('the file defines no roles');
  return {
    expand,
    names: new Set(parts.keys()),
    standard: standard === undefined ? { realm: [], clients: {} } : { realm: [standard], clients: {} },
  };
}

export function readGroups(
  groups: readonly Reader[],
  above = '',
  inherited: Roles = { realm: [], clients: {} },
): Group[] {
  return groups.flatMap((group) => {
    group.ignore('id', 'description', 'parentId', 'subGroupCount');
    const path = group.text('path') ?? `${above}/${group.text('name') ?? ''}`;
    group.ignore('name');
    const roles = joined(inherited, { realm: group.texts('realmRoles'), clients: group.lists('clientRoles') });
    const inner = readGroups(group.objects('subGroups'), path, roles);
    group.finish();
    return [{ path, roles }, ...inner];
  });
}

export async function readPerson(
  user: Reader,
  { realm, book, groups }: { realm: string; book: RoleBook; groups: readonly Group[] },
  notes: Notes,
): Promise<ReadPerson> {
  user.ignore('createdTimestamp', 'totp', 'disableableCredentialTypes', 'notBefore', 'access', 'origin');
  const username = user.text('username') ?? '';
  const [given_name, family_name] = [user.text('firstName'), user.text('lastName')];
  const email = user.text('email');
  const names = [given_name, family_name].filter((part) => part !== undefined && part !== '');
  const paths = user.texts('groups').map((path) => (path.startsWith('/') ? path : `/${path}`));
  const own = { realm: user.texts('realmRoles'), clients: user.lists('clientRoles') };
  const ofGroups = groups.filter(({ path }) => paths.includes(path)).map(({ roles }) => roles);
  const roles = book.expand([own, book.standard, ...ofGroups].reduce(joined));
  const { plain, hash, more, faults } = readCredentials(user.objects('credentials'));
  for (const fault of faults) notes.add(`user ${username}: ${fault}`);
  const actions = user.texts('requiredActions');
  const enabled = user.flag('enabled') ?? false;
  const person: ConfiguredPerson = {
    sub: user.text('id') ?? stableId('user', realm, username),
    username,
    roles: [
      ...roles.realm,
      ...Object.entries(roles.clients).flatMap(([client, list]) => list.map((role) => `${client}/${role}`)),
    ],
    groups: paths,
    email_verified: user.flag('emailVerified') ?? false,
    ...(names.length === 0 ? {} : { name: names.join(' ') }),
    ...(given_name === undefined ? {} : { given_name }),
    ...(family_name === undefined ? {} : { family_name }),
    ...(email === undefined ? {} : { email }),
  };
  if (plain !== undefined && enabled) person.password_hash = await hashPassword(plain);
  else if (hash !== undefined && enabled) person.password_hash = hash;
  if (!enabled) notes.add(`user ${username}: not enabled, so there is no sign-in`);
  if (more === true || actions.length > 0) {
    person.second_factor = true;
    if (actions.length > 0)
      notes.add(`user ${username}: required actions (${actions.join(', ')}) keep the person from signing in`);
  }
  const serviceAccountOf = user.text('serviceAccountClientId');
  user.finish();
  return { person, roles, serviceAccountOf };
}

function joined(a: Roles, b: Roles): Roles {
  const clients: Record<string, string[]> = {};
  for (const [client, roles] of [...Object.entries(a.clients), ...Object.entries(b.clients)])
    clients[client] = [...new Set([...(clients[client] ?? []), ...roles])];
  return { realm: [...new Set([...a.realm, ...b.realm])], clients };
}
