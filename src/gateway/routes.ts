/** routes.json: which request is about which resource with which scopes. Rules are tried in order; the first that fits decides. */
import { UmaError } from '../protocol/errors.ts';
import { isObject, isStringArray } from '../protocol/http.ts';
import { union } from '../protocol/scopes.ts';

/** One entry of `routes`, as written in the file. */
export interface RouteEntry {
  /** Pathname pattern of URLPattern; `{name}` is the same as `:name`: `/users/{owner}/album/{id}`. */
  path: string;
  /** Default: every method. GET stands for HEAD too. */
  methods?: string[];
  /** Query parameters that must be there once, with this value (`*`: any). */
  query?: Record<string, string>;
  /** `protect` (default), `deny` (403, also with an RPT: FED-1.4-01) or `pass`. */
  access?: 'protect' | 'deny' | 'pass';
  /** What the request needs, all of them. */
  scopes?: string[];
  /** Name of the resource, with the pattern's groups: `Photo {id} of {owner}`. Rules of the same name are one resource. Default: the path. */
  resource?: string;
  /** Whose it is; default `{owner}` where the path has that group, else the file's `owner`. */
  owner?: string;
  type?: string;
  description?: string;
  icon_uri?: string;
}

export interface RoutesFile {
  /** What happens to a request that no route fits. */
  default: 'deny' | 'pass';
  routes: RouteEntry[];
  /** Which rule decides of those that fit: the first in the file (default), or the one with the longest path, as in Identity Gateway. */
  match?: 'first' | 'longest';
  realm?: string;
  owner?: string;
  /** Claim of the ID token that names an owner; default `sub`, which nobody can choose for himself. */
  owner_claim?: string;
  /** Scopes that owners are asked for at `/.uma/connect` beside those of the server: `offline_access` where refresh tokens else end soon. */
  connect_scopes?: string[];
  /** False: resources are registered without names and descriptions (FED-8-02). */
  names?: boolean;
  /** Seconds that a positive introspection answer may be used for; default 5 for reads, 0 for everything else. */
  cache?: { read?: number; write?: number };
  /** Audiences of RPTs beside the client's id and the public address. */
  audience?: string[];
  /** Of RPTs that are checked offline. */
  jwt?: { algorithms?: string[]; types?: string[] };
  limits?: {
    /** Bytes of a request body; default: none. */
    body?: number;
    /** Permission tickets for each source in a minute; default 60. */
    tickets_per_minute?: number;
    /** Resources of one owner that requests may register; default 1000. */
    resources_per_owner?: number;
    /** Seconds without a byte, either way; default 60. */
    idle?: number;
    /** Bytes that a WebSocket may have waiting for a slow reader; default 16 MiB. */
    websocket?: number;
  };
}

export interface Rule {
  /** Position in the file, from 1. */
  number: number;
  entry: RouteEntry;
  pattern: URLPattern;
  methods: ReadonlySet<string> | undefined;
  access: 'protect' | 'deny' | 'pass';
  scopes: readonly string[];
  resource: string;
  owner: string | undefined;
}

export interface Routes {
  file: RoutesFile;
  rules: readonly Rule[];
  /** Every scope that the rules ask for, by the resource's name: what is registered. */
  scopesOf: ReadonlyMap<string, string[]>;
}

const FILE_MEMBERS = [
  'default',
  'routes',
  'match',
  'realm',
  'owner',
  'owner_claim',
  'connect_scopes',
  'names',
  'cache',
  'audience',
  'jwt',
  'limits',
  '$schema',
];
const ENTRY_MEMBERS = [
  'path',
  'methods',
  'query',
  'access',
  'scopes',
  'resource',
  'owner',
  'type',
  'description',
  'icon_uri',
];
const LIMITS = ['body', 'tickets_per_minute', 'resources_per_owner', 'idle', 'websocket'];

/** Groups that a template names. */
export const groupsOf = (template: string): string[] =>
  [...template.matchAll(/\{([A-Za-z_]\w*)\}/g)].map(([, name = '']) => name);

/** @throws UmaError `invalid_routes` (config) with the place of the fault. */
export function readRoutes(value: unknown): Routes {
  if (!isObject(value)) throw fault('', 'must be a JSON object');
  unknownMember(value, FILE_MEMBERS, '');
  if (value.default !== 'deny' && value.default !== 'pass')
    throw fault('default', 'must say what happens to a request that no route fits: "deny" or "pass"');
  if (!Array.isArray(value.routes)) throw fault('routes', 'must be an array');
  for (const name of ['realm', 'owner', 'owner_claim']) optional(value, name, 'string', '');
  optional(value, 'names', 'boolean', '');
  for (const name of ['audience', 'connect_scopes'])
    if (value[name] !== undefined && !isStringArray(value[name])) throw fault(name, 'must be an array of strings');
  numbers(value, 'cache', ['read', 'write']);
  numbers(value, 'limits', LIMITS);
  checkJwt(value.jwt);
  if (value.match !== undefined && value.match !== 'first' && value.match !== 'longest')
    throw fault('match', 'must be "first" or "longest"');
  const file = value as unknown as RoutesFile;
  const rules = value.routes.map((entry, index) => readEntry(entry, index, file));
  // Of rules with the same path, for other methods, the order of the file stays.
  if (file.match === 'longest') rules.sort((a, b) => b.entry.path.length - a.entry.path.length);
  const scopesOf = new Map<string, string[]>();
  for (const { access, resource, scopes } of rules)
    if (access === 'protect') scopesOf.set(resource, union(scopesOf.get(resource) ?? [], scopes));
  return { file, rules, scopesOf };
}

function readEntry(value: unknown, index: number, file: RoutesFile): Rule {
  const at = `routes[${index}]`;
  if (!isObject(value)) throw fault(at, 'must be a JSON object');
  unknownMember(value, ENTRY_MEMBERS, `${at}.`);
  if (typeof value.path !== 'string' || !value.path.startsWith('/')) throw fault(`${at}.path`, 'must begin with /');
  for (const name of ['resource', 'owner', 'type', 'description', 'icon_uri'])
    optional(value, name, 'string', `${at}.`);
  for (const name of ['methods', 'scopes'])
    if (value[name] !== undefined && !isStringArray(value[name]))
      throw fault(`${at}.${name}`, 'must be an array of strings');
  if (value.query !== undefined && !(isObject(value.query) && isStringArray(Object.values(value.query))))
    throw fault(`${at}.query`, 'must be an object of strings');
  const entry = value as unknown as RouteEntry;
  const { access = 'protect', scopes = [] } = entry;
  if (!['protect', 'deny', 'pass'].includes(access)) throw fault(`${at}.access`, 'must be protect, deny or pass');
  if (access === 'protect' && entry.scopes === undefined)
    throw fault(`${at}.scopes`, 'is required: what a request needs (an empty array: any permission on the resource)');
  const pathname = entry.path.replace(/\{([A-Za-z_]\w*)\}(?![?*+])/g, ':$1');
  let pattern: URLPattern;
  try {
    pattern = new URLPattern({ pathname });
  } catch (error) {
    throw fault(`${at}.path`, `is no URLPattern: ${(error as Error).message}`);
  }
  const groups = new Set([...pathname.matchAll(/:([A-Za-z_]\w*)/g)].map(([, name = '']) => name));
  const owner = entry.owner ?? (groups.has('owner') ? '{owner}' : file.owner);
  const resource = entry.resource ?? entry.path;
  for (const template of [resource, owner ?? '']) {
    const lost = groupsOf(template).find((name) => !groups.has(name));
    if (lost !== undefined) throw fault(at, `"{${lost}}" is no group of the path ${entry.path}`);
  }
  const methods = entry.methods?.map((method) => method.toUpperCase());
  return {
    number: index + 1,
    entry,
    pattern,
    methods: methods && new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods),
    access,
    scopes,
    resource,
    owner,
  };
}

function fault(at: string, what: string): UmaError {
  return new UmaError('config', 'invalid_routes', `the routes are not usable: ${at === '' ? 'the file' : at} ${what}`, {
    hint: 'see docs/gateway.md',
  });
}

function unknownMember(value: Record<string, unknown>, known: readonly string[], at: string): void {
  const other = Object.keys(value).find((name) => !known.includes(name));
  // A misspelt "access" or "methods" would open what it should close.
  if (other !== undefined) throw fault(`${at}${other}`, `is not known; known are ${known.join(', ')}`);
}

function optional(value: Record<string, unknown>, name: string, type: 'string' | 'boolean', at: string): void {
  if (value[name] !== undefined && typeof value[name] !== type) throw fault(`${at}${name}`, `must be a ${type}`);
}

function numbers(value: Record<string, unknown>, name: string, members: readonly string[]): void {
  const group = value[name];
  if (group === undefined) return;
  if (!isObject(group)) throw fault(name, 'must be an object');
  unknownMember(group, members, `${name}.`);
  for (const [member, number] of Object.entries(group))
    if (typeof number !== 'number' || !(number >= 0)) throw fault(`${name}.${member}`, 'must be a number from 0 on');
}

function checkJwt(value: unknown): void {
  if (value === undefined) return;
  if (!isObject(value)) throw fault('jwt', 'must be an object');
  unknownMember(value, ['algorithms', 'types'], 'jwt.');
  for (const [member, list] of Object.entries(value))
    if (!isStringArray(list)) throw fault(`jwt.${member}`, 'must be an array of strings');
  const symmetric = isStringArray(value.algorithms) && value.algorithms.find((alg) => /^(none|HS\d+)$/i.test(alg));
  if (symmetric) throw fault('jwt.algorithms', `must not hold ${symmetric}: anybody could sign`);
}
