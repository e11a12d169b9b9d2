/** Keycloak's protection API as both sides of its dialect read it: resources, and refusals that name a wrong set-up. */
import { UmaError } from '../../../protocol/errors.ts';
import { address, type HttpExchange, isObject, refusal } from '../../../protocol/http.ts';
import type { RegisteredResource } from '../../../protocol/resource.ts';
import { decodeToken } from '../../../protocol/rpt.ts';
import { KEYCLOAK_PAT_ROLE, type KeycloakScope } from '../../../wire/keycloak.ts';

export function wireErrorOf(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) && typeof value.error === 'string' ? value.error : undefined;
  } catch {
    return undefined;
  }
}

/** The resource with its scopes by name, and the description that {@link KEYCLOAK_DEVIATIONS} says where to find. @throws UmaError `invalid_resource` (peer). */
export function keycloakResource(value: unknown, exchange: HttpExchange): RegisteredResource {
  if (!isObject(value) || typeof value._id !== 'string') {
    throw new UmaError('peer', 'invalid_resource', `${address(exchange)} answered a resource without a string "_id"`, {
      spec: 'UMA Federated Authorization 3.2.2',
      exchange,
    });
  }
  const { scopes, resource_scopes = scopes, attributes, ...rest } = value;
  const { description, ...others } = isObject(attributes) ? attributes : {};
  const text = Array.isArray(description) ? description[0] : undefined;
  return {
    ...rest,
    resource_scopes: scopeNames(resource_scopes),
    ...(Object.keys(others).length === 0 ? {} : { attributes: others }),
    ...(typeof text === 'string' ? { description: text } : {}),
  } as RegisteredResource;
}

const scopeNames = (scopes: unknown): string[] =>
  (Array.isArray(scopes) ? (scopes as (KeycloakScope | string)[]) : []).map((scope) =>
    typeof scope === 'string' ? scope : scope.name,
  );

/** The refusal, in words of what is set up wrongly where Keycloak's code means that. */
export function refusedByProtection(exchange: HttpExchange, what: string): UmaError {
  const { status, body } = exchange.response;
  const error = wireErrorOf(body);
  const first = refusal(exchange, what, { spec: 'UMA Federated Authorization 1.3' });
  const fault = (category: UmaError['category'], code: string, why: string, hint: string) =>
    new UmaError(category, code, `${first.message}; ${why}`, {
      spec: first.spec,
      status,
      wire: first.wire,
      exchange,
      hint,
    });
  const { azp, preferred_username: who } = decodeToken(tokenOf(exchange))?.payload ?? {};
  const person = typeof who === 'string' ? who : 'the person of the token';
  if (error === 'invalid_bearer_token')
    return fault('authentication', 'invalid_token', 'the token is not valid (any more)', 'get a new one: uma pat');
  if (error === 'invalid_clientId') {
    const why = `the token was issued to ${typeof azp === 'string' ? azp : 'another client'}, which is no resource server`;
    return fault(
      'config',
      'pat_of_wrong_client',
      why,
      'use a token of the resource server: --rs-client ID, or uma pat',
    );
  }
  if (error === 'invalid_scope' && status === 403) {
    const why = `${person} has not the role ${KEYCLOAK_PAT_ROLE} of ${typeof azp === 'string' ? azp : 'the resource server'}`;
    return fault(
      'config',
      'pat_lacks_role',
      why,
      `give ${person} that client role in Keycloak, or name another --owner`,
    );
  }
  if (error === 'forbidden')
    return fault('refused', 'not_owned', `it is not ${person}'s`, "use its owner's PAT: --owner NAME");
  const field = /Unrecognized field "([^"]+)"/.exec(error ?? '')?.[1];
  if (field !== undefined) {
    const why = `Keycloak knows no "${field}" of a resource`;
    return fault('refused', 'unrecognized_field', why, `leave "${field}" out, or put it into "attributes"`);
  }
  return refusal(exchange, what);
}

const tokenOf = ({ request }: HttpExchange): string => (request.headers.authorization ?? '').replace(/^Bearer /, '');
