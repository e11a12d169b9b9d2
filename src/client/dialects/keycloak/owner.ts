/**
 * The owner's side of Keycloak: permission tickets (what somebody asked for or may do, one entry a scope) and uma-policy. It takes her token
 * of the resource server's client, so it is a PAT too. A request here is all open entries of one person on one resource: `RESOURCE:PERSON`.
 */
import { UmaError } from '../../../protocol/errors.ts';
import { bearer, type HttpExchange, isObject, jsonRequest, jsonValue } from '../../../protocol/http.ts';
import type { PartialMetadata } from '../../../protocol/metadata.ts';
import type { Party, PolicyDescription } from '../../../protocol/owner.ts';
import { decodeToken } from '../../../protocol/rpt.ts';
import { difference } from '../../../protocol/scopes.ts';
import { buildPasswordGrant } from '../../../protocol/token.ts';
import {
  KEYCLOAK_NO_LIMIT,
  KEYCLOAK_OWNER_PATHS,
  type KeycloakPermissionTicket,
  type KeycloakPolicy,
} from '../../../wire/keycloak.ts';
import type { OwnerApi, OwnerDialect, SeenPolicy, SeenRequest, SeenResource, WithToken } from '../dialect.ts';
import { standard } from '../standard.ts';
import { keycloakResource, refusedByProtection } from './refusals.ts';

export const keycloakOwner: OwnerDialect = {
  ...standard.owner,
  signsInWith: 'rs',
  signInScope: undefined,
  buildSignIn: (metadata, app, person) => buildPasswordGrant(metadata.token_endpoint, app, person),
  api(metadata, asOwner) {
    const base = metadata.resource_owner_endpoint;
    return base === undefined ? undefined : ownerApi(metadata, base, asOwner);
  },
};

function ownerApi(metadata: PartialMetadata, base: string, asOwner: WithToken): OwnerApi {
  const { issuer } = metadata;
  const tickets = base + KEYCLOAK_OWNER_PATHS.tickets;
  const policies = base + KEYCLOAK_OWNER_PATHS.policies;

  async function call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    what: string,
    url: string | ((claims: Record<string, unknown>) => string),
    body?: unknown,
  ): Promise<HttpExchange> {
    const exchange = await asOwner((token) => {
      const address = typeof url === 'string' ? url : url(decodeToken(token)?.payload ?? {});
      return jsonRequest(method, address, body, bearer(token));
    });
    if (exchange.response.status >= 300) throw refusedByProtection(exchange, what);
    return exchange;
  }

  /** Entries on the owner's resources. The list holds those of every owner, and stops at 100, unless it is told otherwise. */
  async function entries(filter: Record<string, string>): Promise<KeycloakPermissionTicket[]> {
    const url = ({ sub }: Record<string, unknown>) => {
      const mine = typeof sub === 'string' ? { owner: sub } : {};
      return `${tickets}?${new URLSearchParams({ ...filter, ...mine, returnNames: 'true', max: KEYCLOAK_NO_LIMIT })}`;
    };
    return arrayOf<KeycloakPermissionTicket>(await call('GET', 'the requests were not listed', url));
  }

  async function entriesOf(id: string): Promise<KeycloakPermissionTicket[]> {
    const [resourceId = '', requester = ''] = id.split(':');
    const found = await entries({ resourceId, requester });
    if (found.length > 0) return found;
    throw new UmaError('refused', 'not_found', `no request ${id} (Keycloak keeps none that was denied)`, {
      hint: 'uma request list',
    });
  }

  const grant = ({ id, resource, requester, scope }: KeycloakPermissionTicket) =>
    call('PUT', 'the request was not approved', tickets, { id, resource, requester, scope, granted: true });
  const remove = ({ id }: KeycloakPermissionTicket) =>
    call('DELETE', 'the request was not removed', `${tickets}/${encodeURIComponent(id)}`);

  function requestsIn(list: readonly KeycloakPermissionTicket[]): SeenRequest[] {
    const groups = Map.groupBy(list, ({ resource, requester, granted }) => `${resource}:${requester}:${granted}`);
    return [...groups.values()].map((group) => requestOf(group));
  }

  function requestOf(group: readonly KeycloakPermissionTicket[]): SeenRequest {
    const { resource, resourceName, requester, requesterName, granted } = group[0]!;
    const scopes = group.flatMap(({ scopeName }) => scopeName ?? []);
    return {
      id: `${resource}:${requester}`,
      status: granted ? 'approved' : 'pending',
      resource_id: resource,
      ...(resourceName === undefined ? {} : { resource_name: resourceName }),
      scopes,
      ...(granted ? { granted_scopes: scopes } : {}),
      party: { iss: issuer, sub: requester, ...(requesterName === undefined ? {} : { name: requesterName }) },
    };
  }

  async function owned(): Promise<SeenResource[]> {
    const endpoint = metadata.resource_registration_endpoint ?? `${base}/resource_set`;
    let client_id = '';
    const exchange = await call('GET', 'the resources were not listed', ({ sub, azp }) => {
      client_id = String(azp);
      const mine = typeof sub === 'string' ? { owner: sub } : {};
      return `${endpoint}?${new URLSearchParams({ deep: 'true', max: KEYCLOAK_NO_LIMIT, ...mine })}`;
    });
    return arrayOf(exchange).map((resource) => ({ ...keycloakResource(resource, exchange), client_id }));
  }

  async function policiesOf(resource_id: string): Promise<SeenPolicy[]> {
    const url = `${policies}?${new URLSearchParams({ resource: resource_id, max: KEYCLOAK_NO_LIMIT })}`;
    const found = arrayOf<KeycloakPolicy>(await call('GET', 'the policies were not listed', url));
    return found.map((policy) => policyIn(policy, resource_id, issuer));
  }

  /** An internal error is how Keycloak says that it does not know a person. @throws UmaError `unknown_subject` (refused). */
  async function writePolicy(
    method: 'POST' | 'PUT',
    what: string,
    id: string,
    body: ReturnType<typeof policyBody>,
  ): Promise<HttpExchange> {
    try {
      return await call(method, what, `${policies}/${encodeURIComponent(id)}`, body);
    } catch (error) {
      if (!(error instanceof UmaError) || error.status !== 500 || body.users === undefined) throw error;
      const { exchange } = error;
      const why = `${what}: Keycloak answered 500, as it does where it knows nobody called ${body.users.join(', ')}`;
      throw new UmaError('refused', 'unknown_subject', why, {
        exchange,
        status: 500,
        hint: 'name her as she signs in: --party NAME',
      });
    }
  }

  const api: OwnerApi = {
    rptSurvivesRevocation: true,
    async requests({ status } = {}) {
      if (status === 'denied') return [];
      return requestsIn(await entries(status === undefined ? {} : { granted: String(status === 'approved') }));
    },
    async request(id) {
      const found = requestsIn(await entriesOf(id));
      return found.find(({ status }) => status === 'pending') ?? found[0]!;
    },
    async approve(id, { scopes, expires_at, message } = {}) {
      if (expires_at !== undefined) throw notOffered('an end to what is approved', '--expires');
      if (message !== undefined) throw notOffered('a message with a decision', '--message');
      const open = (await entriesOf(id)).filter(({ granted }) => !granted);
      const request = open[0] === undefined ? await api.request(id) : requestOf(open);
      const unknown = difference(scopes ?? [], request.scopes);
      if (unknown.length > 0) {
        throw new UmaError(
          'usage',
          'invalid_scope',
          `the request does not ask for ${unknown.join(', ')}, only for ${request.scopes.join(', ')}`,
          {
            hint: 'to allow more than was asked for: uma policy add',
          },
        );
      }
      const chosen = open.filter(({ scopeName }) => scopes === undefined || scopes.includes(scopeName ?? ''));
      for (const entry of chosen) await grant(entry);
      // One decision is about the whole request, as at the other servers: what it leaves out is not to wait on.
      for (const entry of open) if (!chosen.includes(entry)) await remove(entry);
      return { ...request, status: 'approved', granted_scopes: scopes ?? request.scopes };
    },
    async deny(id, { message } = {}) {
      if (message !== undefined) throw notOffered('a message with a decision', '--message');
      const open = (await entriesOf(id)).filter(({ granted }) => !granted);
      if (open[0] === undefined)
        throw new UmaError('usage', 'already_decided', `${id} was approved`, { hint: 'uma revoke' });
      for (const entry of open) await remove(entry);
      return { ...requestOf(open), status: 'denied' };
    },
    async policies({ resource_id } = {}) {
      if (resource_id !== undefined) return policiesOf(resource_id);
      // No policy says which resource it is about: each resource is asked for its own.
      const all: SeenPolicy[] = [];
      for (const { _id } of await owned()) all.push(...(await policiesOf(_id)));
      return all;
    },
    async policy(id) {
      const found = (await api.policies()).find((policy) => policy.id === id);
      if (found !== undefined) return found;
      throw new UmaError('refused', 'not_found', `no policy ${id}`, { hint: 'uma policy list' });
    },
    async createPolicy(policy) {
      const body = policyBody(policy);
      const exchange = await writePolicy('POST', 'the policy was not created', policy.resource_id, body);
      const made = jsonValue(exchange) as KeycloakPolicy;
      const dropped = (['users', 'groups', 'clients'] as const).filter(
        (member) => body[member] !== undefined && (made[member]?.length ?? 0) < (body[member]?.length ?? 0),
      );
      if (dropped.length > 0) {
        await api.deletePolicy(made.id);
        const what = dropped.map((member) => `${member} ${body[member]?.join(', ')}`).join('; ');
        throw new UmaError(
          'refused',
          'unknown_subject',
          `Keycloak knows no ${what}: the policy without it was removed again`,
          {
            exchange,
          },
        );
      }
      return policyIn(made, policy.resource_id, issuer);
    },
    async updatePolicy(id, policy) {
      await writePolicy('PUT', 'the policy was not changed', id, {
        id,
        ...policyBody(policy),
        type: 'uma',
        logic: 'POSITIVE',
        decisionStrategy: 'UNANIMOUS',
      });
      return api.policy(id);
    },
    async deletePolicy(id) {
      await call('DELETE', 'the policy was not deleted', `${policies}/${encodeURIComponent(id)}`);
    },
    async revoke({ resource_id, party, token }) {
      if (token !== undefined || resource_id === undefined)
        throw notOffered('revoking one RPT by its owner', '--token-file', 'uma revoke --resource ID --party NAME');
      const list = await entries({ resourceId: resource_id, ...(party === undefined ? {} : { requester: party.sub }) });
      for (const entry of list) await remove(entry);
      // A granted entry is a policy as well, and went with it.
      const name = party?.name ?? list[0]?.requesterName ?? party?.sub;
      const left = (await policiesOf(resource_id)).filter(
        ({ subject }) => name === undefined || ('party' in subject && subject.party.name === name),
      );
      for (const { id } of left) await api.deletePolicy(id);
      const granted = list.filter((entry) => entry.granted).length;
      return { policies: granted + left.length, requests: list.length - granted, rpts: 0 };
    },
    resources: owned,
    history: () => Promise.reject(notOffered('a history for owners', 'uma history')),
    /** Nobody but an administrator may look people up; where somebody is named, Keycloak takes the login name as well as the id. */
    async person(username): Promise<Party> {
      const known = (await entries({ requester: username }))[0];
      return { iss: issuer, sub: known?.requester ?? username, name: username };
    },
  };
  return api;
}

function policyBody(policy: PolicyDescription): Record<string, string | string[] | undefined> & {
  users?: string[];
  groups?: string[];
  clients?: string[];
} {
  if (policy.effect === 'deny') throw notOffered('a policy that forbids', '--deny');
  if (policy.expires_at !== undefined) throw notOffered('an end of a policy', '--expires');
  if (policy.claims !== undefined) throw notOffered('a policy about claims', 'claims');
  const { subject, scopes, clients, name } = policy;
  if ('email' in subject)
    throw notOffered('a policy about an e-mail address', '--email', 'name the person: --party NAME');
  if ('anyone' in subject && clients === undefined)
    throw notOffered('a policy about anyone', '--anyone', 'name a client whose people may: --client ID');
  return {
    // Required, and to be unique among those of the resource server.
    name: name ?? `uma ${crypto.randomUUID()}`,
    ...(scopes === undefined ? {} : { scopes }),
    ...('party' in subject ? { users: [subject.party.name ?? subject.party.sub] } : {}),
    ...('group' in subject ? { groups: [subject.group.startsWith('/') ? subject.group : `/${subject.group}`] } : {}),
    ...(clients === undefined ? {} : { clients }),
  };
}

function policyIn(policy: KeycloakPolicy, resource_id: string, issuer: string): SeenPolicy {
  const { id, name, scopes, users, groups, clients } = policy;
  const [user] = users ?? [];
  const [group] = groups ?? [];
  return {
    id,
    name,
    resource_id,
    effect: 'allow',
    ...(scopes === undefined ? {} : { scopes }),
    subject:
      user === undefined
        ? group === undefined
          ? { anyone: true }
          : { group }
        : { party: { iss: issuer, sub: users?.join(', ') ?? user, name: users?.join(', ') ?? user } },
    ...(clients === undefined ? {} : { clients }),
  };
}

function arrayOf<T = unknown>(exchange: HttpExchange): T[] {
  const value = jsonValue(exchange);
  if (Array.isArray(value) && value.every(isObject)) return value as T[];
  throw new UmaError('peer', 'invalid_list', `${exchange.request.url.split('?')[0]} must answer an array of objects`, {
    exchange,
  });
}

const notOffered = (what: string, flag: string, hint?: string): UmaError =>
  new UmaError('config', 'not_offered', `Keycloak does not offer ${what} (${flag})`, { hint, spec: 'UMA Grant 1.4' });
