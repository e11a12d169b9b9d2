/** AM's addresses to the house's: contexts, realms, names. One server stands for every realm; all of them are aliases. */
import type { IncomingMessage } from 'node:http';
import type { UmaMetadata } from '../../../protocol/metadata.ts';
import {
  FORGEROCK_CONTEXTS,
  FORGEROCK_OAUTH2_PATHS,
  FORGEROCK_REALM,
  FORGEROCK_UMA_PATHS,
} from '../../../wire/forgerock.ts';
import { PATHS } from '../../oauth/paths.ts';

/** House addresses of what only this layout has; the first is followed by an address of `json`. */
export const FORGEROCK_HOUSE = { json: '/json', xui: '/XUI', claimsInBody: '/claims-in-body' } as const;

/** `/openam` of the issuer path `/openam/oauth2`; the whole path where an operator named one without `/oauth2`. */
export const contextOf = (issuerPath: string): string =>
  issuerPath.replace(new RegExp(`/oauth2${FORGEROCK_REALM}$`), '');

type Renaming = readonly (readonly [theirs: string, ours: string])[];
/** Longer ones first: `/token/revoke` must not be read as `/token`. */
const byLength = (paths: Readonly<Record<string, string>>): Renaming =>
  Object.entries(paths)
    .map(([name, path]) => [path, name === 'metadata' ? path : PATHS[name as keyof typeof PATHS]] as const)
    .toSorted(([a], [b]) => b.length - a.length);
const OAUTH2 = byLength(FORGEROCK_OAUTH2_PATHS);
const UMA = byLength(FORGEROCK_UMA_PATHS);

function renamed(rest: string, renaming: Renaming): string | undefined {
  for (const [theirs, ours] of renaming) {
    if (rest === theirs || rest.startsWith(`${theirs}/`)) return ours + rest.slice(theirs.length);
  }
  return undefined;
}

export function forgerockAddress(request: IncomingMessage, issuerPath: string): string | undefined {
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const [path, query] = question === -1 ? [url, ''] : [url.slice(0, question), url.slice(question)];
  const contexts = [...new Set<string>([...FORGEROCK_CONTEXTS, contextOf(issuerPath)])];
  const context = contexts.find((item) => path.startsWith(`${item}/`));
  if (context === undefined) return undefined;
  const match = ADDRESS.exec(path.slice(context.length));
  if (match === null) return undefined;
  const [, part, rest = ''] = match;
  const house = houseOf(part!, rest, request);
  return house === undefined ? undefined : house + query;
}

const ADDRESS = new RegExp(`^/(oauth2|uma|json|XUI)${FORGEROCK_REALM}(/.*)?$`);

function houseOf(part: string, rest: string, request: IncomingMessage): string | undefined {
  switch (part) {
    case 'oauth2': {
      // What has no name of AM's (pages, the well-known documents) keeps the house's.
      const house = renamed(rest, OAUTH2) ?? (rest === '' ? '/' : rest);
      // 8.1 uma/uma-grant-flow.html sends a form as application/json in its example of a bound PCT.
      if (house === PATHS.token && /^application\/json\b/i.test(request.headers['content-type'] ?? ''))
        request.headers['content-type'] = 'application/x-www-form-urlencoded';
      return house;
    }
    case 'uma': {
      const house = renamed(rest, UMA);
      // 8.1 uma/endpoint-claims_gathering.html: the parameters stand in the body of a GET.
      const inBody = house === PATHS.claims_interaction && request.method === 'GET' && hasBody(request);
      return inBody ? FORGEROCK_HOUSE.claimsInBody : house;
    }
    case 'json':
      return FORGEROCK_HOUSE.json + rest;
    default:
      return FORGEROCK_HOUSE.xui;
  }
}

export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The endpoints where AM has them, in the realm of the issuer. There is no `resource_owner_endpoint` in AM's document. */
export function forgerockMetadata(standard: UmaMetadata, issuer: string): UmaMetadata {
  const { resource_owner_endpoint: _house, uma_profiles_supported: profiles, ...document } = standard;
  const { origin, pathname } = new URL(issuer);
  const context = contextOf(pathname);
  const realm = pathname.slice(`${context}/oauth2`.length);
  const oauth2 = (path: string) => `${origin}${context}/oauth2${realm}${path}`;
  const uma = (path: string) => `${origin}${context}/uma${realm}${path}`;
  return {
    ...document,
    ...(profiles === undefined
      ? {}
      : { uma_profiles_supported: profiles.filter((uri) => !uri.startsWith('urn:uma-cli:')) }),
    token_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.token),
    authorization_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.authorization),
    introspection_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.introspection),
    revocation_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.revocation),
    jwks_uri: oauth2(FORGEROCK_OAUTH2_PATHS.jwks),
    userinfo_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.userinfo),
    device_authorization_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.device_authorization),
    ...(document.registration_endpoint === undefined
      ? {}
      : { registration_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.registration) }),
    permission_endpoint: uma(FORGEROCK_UMA_PATHS.permission),
    resource_registration_endpoint: uma(FORGEROCK_UMA_PATHS.resource_registration),
    claims_interaction_endpoint: uma(FORGEROCK_UMA_PATHS.claims_interaction),
  };
}
