/** Answers of the house's own endpoints with AM's members and texts. */
import { isObject } from '../../../protocol/http.ts';
import { UMA_TICKET_GRANT } from '../../../protocol/outcome.ts';
import { PAT_SCOPE } from '../../../protocol/token.ts';
import {
  FORGEROCK_INTROSPECTION_MEMBERS,
  FORGEROCK_INTROSPECTION_TOKEN_TYPE,
  FORGEROCK_RPT_MEMBERS,
  FORGEROCK_SHARE_PAGE,
  FORGEROCK_SUBMITTED_MEMBERS,
} from '../../../wire/forgerock.ts';
import { MORE_THAN_PASSWORD, PASSWORD_GRANT } from '../../oauth/grants/password.ts';
import type { Shape } from '../layout.ts';
import { contextOf } from './addresses.ts';

/** Those members of `body` that are there, in the order given. */
function pick(body: Record<string, unknown>, members: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    members.filter((member) => body[member] !== undefined).map((member) => [member, body[member]]),
  );
}

export const tokenShape: Shape = (answer, { form }) => {
  const { status, body } = answer;
  if (!isObject(body)) return answer;
  // 8.1 uma/uma-grant-flow.html: "returns an HTTP 500 Server Error message"; the members of its body are unconfirmed.
  if (body.error === 'invalid_grant' && body.error_description === MORE_THAN_PASSWORD)
    return { status: 500, body: { error_description: MORE_THAN_PASSWORD, error: 'server_error' } };
  if (form.grant_type === PASSWORD_GRANT && form.scope === PAT_SCOPE) {
    // No page has one beside a PAT by password; by code there is one (frdp, which renews its PAT by it).
    const { refresh_token: _none, ...printed } = body;
    return { status, body: printed };
  }
  if (form.grant_type !== UMA_TICKET_GRANT) return answer;
  if (status === 200) return { status, body: pick(body, FORGEROCK_RPT_MEMBERS) };
  return body.error === 'request_submitted' ? { status, body: pick(body, FORGEROCK_SUBMITTED_MEMBERS) } : answer;
};

export const introspectionShape: Shape = (answer) => {
  const { status, body } = answer;
  if (!isObject(body) || body.active !== true || body.permissions === undefined) return answer;
  const typed = { ...body, token_type: FORGEROCK_INTROSPECTION_TOKEN_TYPE };
  return { status, body: pick(typed, FORGEROCK_INTROSPECTION_MEMBERS) };
};

/** `user_access_policy_uri` of the house is `{issuer}/console/resources/{id}`. */
export const registrationShape: Shape = (answer, { method, params }) => {
  const { status, body } = answer;
  if (!isObject(body)) return answer;
  // OpenAM ResourceSetRegistrationEndpoint.java; AM's own wording for UMA 2 is unconfirmed.
  if (status === 404 && params.id !== undefined) {
    const error_description = `Resource set corresponding to id: ${params.id.replace(/[^\w.-]/g, '')} not found`;
    return { status, body: { error: 'not_found', error_description } };
  }
  const { _id, user_access_policy_uri: house } = body;
  if (typeof _id !== 'string' || typeof house !== 'string') return answer;
  const { origin, pathname } = new URL(house);
  const context = contextOf(pathname.slice(0, pathname.indexOf('/console/')));
  const user_access_policy_uri = origin + context + FORGEROCK_SHARE_PAGE + encodeURIComponent(_id);
  const shown = { ...body, user_access_policy_uri };
  return { status, body: method === 'GET' ? { labels: [], ...shown } : shown };
};
