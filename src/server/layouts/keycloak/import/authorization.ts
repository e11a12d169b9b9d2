/** The authorization settings of a client: resources, scopes, and policies of the kinds that this server can keep. */
import type { ConfiguredResource } from '../../../config/config.ts';
import { type RealmPermission, type ResourceServerSettings, stableId } from '../realm.ts';
import type { Notes, Reader } from './reader.ts';
import { allOf, anyOf, type Term } from './terms.ts';

/** What policies can name. */
export interface Known {
  /** Subject by user name and by Keycloak's id. */
  subjectOf(user: string): string | undefined;
  /** Client id by client id and by Keycloak's id. */
  clientOf(client: string): string | undefined;
  /** Paths of all groups. */
  groups: readonly string[];
}

interface WrittenPolicy {
  name: string;
  type: string;
  negative: boolean;
  strategy: string;
  config: Reader | undefined;
}

export function readAuthorization(
  settings: Reader,
  rs: string,
  known: Known,
  notes: Notes,
): { server: ResourceServerSettings; resources: ConfiguredResource[] } {
  settings.ignore('allowRemoteResourceManagement', 'id', 'clientId', 'name', 'authorizationSchema');
  const strategy = settings.text('decisionStrategy') === 'AFFIRMATIVE' ? 'AFFIRMATIVE' : 'UNANIMOUS';
  const mode = settings.text('policyEnforcementMode') ?? 'ENFORCING';
  if (mode === 'DISABLED') notes.add(`${rs}: policy enforcement DISABLED is taken as ENFORCING`);
  const scopes = settings.objects('scopes').map(scopeName);
  const resources = settings.objects('resources').map((resource) => readResource(resource, rs, known, notes));
  const policies = new Map(
    settings.objects('policies').map((policy) => {
      const written = readPolicy(policy);
      return [written.name, written];
    }),
  );
  settings.finish();
  const types = new Map(
    resources.flatMap(({ description: { name, type } }) =>
      name === undefined || type === undefined ? [] : [[name, type] as const],
    ),
  );
  const terms = (name: string, seen: readonly string[]): Term[] => {
    const policy = policies.get(name);
    if (policy === undefined || seen.includes(name))
      return never(notes, `${rs}: policy "${name}" is missing or in a circle`);
    return termsOf(policy, rs, known, notes, (inner) => terms(inner, [...seen, name]));
  };
  const permissions = [...policies.values()]
    .filter(({ type }) => type === 'resource' || type === 'scope')
    .map((policy) => permissionOf(policy, rs, notes, (name) => terms(name, [])));
  return {
    server: { strategy, otherwise: mode === 'PERMISSIVE' ? 'allow' : 'deny', scopes, permissions, types },
    resources,
  };
}

function readPolicy(policy: Reader): WrittenPolicy {
  policy.ignore('id', 'description', 'resources', 'scopes', 'policies');
  const written: WrittenPolicy = {
    name: policy.text('name') ?? '',
    type: policy.text('type') ?? '',
    negative: policy.text('logic') === 'NEGATIVE',
    strategy: policy.text('decisionStrategy') ?? 'UNANIMOUS',
    config: policy.object('config'),
  };
  policy.finish();
  return written;
}

const never = (notes: Notes, note: string): Term[] => {
  notes.add(`${note}: it grants nothing here`);
  return [];
};

function termsOf(
  { name, type, negative, strategy, config }: WrittenPolicy,
  rs: string,
  known: Known,
  notes: Notes,
  inner: (name: string) => Term[],
): Term[] {
  const where = `${rs}: policy "${name}"`;
  if (negative) return never(notes, `${where} has negative logic`);
  const list = (member: string): unknown[] => {
    const value = config?.json(member);
    return Array.isArray(value) ? (value as unknown[]) : [];
  };
  const named = (member: string, find: (item: string) => string | undefined): string[] =>
    list(member).flatMap((item) => {
      const found = typeof item === 'string' ? find(item) : undefined;
      if (found === undefined) notes.add(`${where} names ${JSON.stringify(item)}, which is not in the file`);
      return found ?? [];
    });
  const empty = { roles: [], groups: [] };
  switch (type) {
    case 'role': {
      const roles = list('roles') as { id?: string; required?: boolean }[];
      const names = roles.flatMap(({ id }) => id ?? []);
      const required = roles.flatMap(({ id, required: must }) => (must === true && id !== undefined ? [[id]] : []));
      return names.length === 0 ? [] : [{ ...empty, roles: required.length > 0 ? required : [names] }];
    }
    case 'user':
      return [{ ...empty, users: named('users', known.subjectOf) }];
    case 'client':
      return [{ ...empty, clients: named('clients', known.clientOf) }];
    case 'group': {
      const groups = (list('groups') as { path?: string; extendChildren?: boolean }[]).flatMap(
        ({ path = '', extendChildren }) =>
          extendChildren === true ? [path, ...known.groups.filter((group) => group.startsWith(`${path}/`))] : [path],
      );
      return groups.length === 0 ? [] : [{ ...empty, groups: [groups] }];
    }
    case 'aggregate':
      return combined(strategy, textsOf(config, 'applyPolicies').map(inner), where, notes);
    default:
      return never(notes, `${where} is of the kind "${type}", which this server does not have`);
  }
}

function permissionOf(
  { name, type, negative, strategy, config }: WrittenPolicy,
  rs: string,
  notes: Notes,
  terms: (policy: string) => Term[],
): RealmPermission {
  const where = `${rs}: permission "${name}"`;
  const parts = textsOf(config, 'applyPolicies').map(terms);
  const resourceType = config?.text('defaultResourceType');
  return {
    name,
    resources: textsOf(config, 'resources'),
    ...(type === 'scope' ? { scopes: textsOf(config, 'scopes') } : {}),
    ...(resourceType === undefined || resourceType === '' ? {} : { resourceType }),
    anyOf: negative ? never(notes, `${where} has negative logic`) : combined(strategy, parts, where, notes),
  };
}

function combined(strategy: string, parts: Term[][], where: string, notes: Notes): Term[] {
  // Keycloak grants nothing by a permission without policies.
  if (parts.length === 0) return [];
  if (strategy === 'AFFIRMATIVE') return anyOf(parts);
  if (strategy === 'UNANIMOUS' || parts.length === 1) return allOf(parts);
  return never(notes, `${where} decides by ${strategy}`);
}

function textsOf(config: Reader | undefined, member: string): string[] {
  const value = config?.json(member);
  return Array.isArray(value) ? (value as unknown[]).filter((item) => typeof item === 'string') : [];
}

function scopeName(scope: Reader): string {
  scope.ignore('id', 'iconUri', 'displayName', 'policies', 'resources');
  const name = scope.text('name') ?? '';
  scope.finish();
  return name;
}

function readResource(resource: Reader, rs: string, known: Known, notes: Notes): ConfiguredResource {
  const name = resource.text('name') ?? '';
  const id = resource.text('_id') ?? resource.text('id') ?? stableId('resource', rs, name);
  const type = resource.text('type');
  const icon_uri = resource.text('icon_uri') ?? resource.text('iconUri');
  const displayName = resource.text('displayName');
  const uris = resource.texts('uris');
  const uri = resource.text('uri');
  const written = resource.raw('owner');
  const wanted =
    typeof written === 'object' ? (written as { id?: string; name?: string } | null) : { name: written as string };
  const person = wanted?.id ?? wanted?.name;
  const owner = person === undefined || known.clientOf(person) === rs ? rs : known.subjectOf(person);
  if (owner === undefined)
    notes.add(`${rs}: the owner ${person} of resource "${name}" is not in the file: it is the resource server's`);
  const description = {
    name,
    resource_scopes: resource.objects('scopes').map(scopeName),
    uris: uri === undefined || uris.includes(uri) ? uris : [...uris, uri],
    ownerManagedAccess: resource.flag('ownerManagedAccess') ?? false,
    attributes: resource.lists('attributes'),
    ...(type === undefined ? {} : { type }),
    ...(icon_uri === undefined ? {} : { icon_uri }),
    ...(displayName === undefined ? {} : { displayName }),
  };
  resource.finish();
  return { id, owner: owner ?? rs, rs, description };
}
