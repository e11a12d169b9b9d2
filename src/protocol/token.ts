/** Token answers of RFC 6749 5: what PAT, claim token and owner token requests get. */
import { UmaError } from './errors.ts';
import {
  address,
  type ClientCredentials,
  clientAuthentication,
  formPost,
  type HttpExchange,
  type HttpRequest,
  jsonObject,
  refusal,
} from './http.ts';

export interface TokenAnswer {
  access_token: string;
  token_type: string;
  /** Seconds. A number written as a string is read as the number (user-reported servers send it so). */
  expires_in?: number;
  refresh_token?: string;
  id_token?: string;
  scope?: string;
  [member: string]: unknown;
}

/** Scope that makes an access token a PAT (UMA Federated Authorization 1.3). */
export const PAT_SCOPE = 'uma_protection';

/** @throws UmaError the refusal, or `invalid_token_answer` (category `peer`). */
export function readTokenAnswer(exchange: HttpExchange, what: string): TokenAnswer {
  if (exchange.response.status >= 300) throw refusal(exchange, what, { spec: 'RFC 6749 5.2' });
  const body = jsonObject(exchange);
  if (typeof body.access_token !== 'string' || body.access_token === '') {
    throw new UmaError(
      'peer',
      'invalid_token_answer',
      `${address(exchange)} answered ${exchange.response.status} without a string "access_token"`,
      {
        spec: 'RFC 6749 5.1',
        exchange,
      },
    );
  }
  return tolerantTokenMembers(body);
}

/** `token_type` defaults to Bearer and `expires_in` may be digits in a string; anything else of a wrong type is left out. */
export function tolerantTokenMembers(body: Record<string, unknown>): TokenAnswer {
  const answer: Record<string, unknown> = { ...body };
  answer.token_type = typeof body.token_type === 'string' ? body.token_type : 'Bearer';
  const seconds =
    typeof body.expires_in === 'string' && /^\d+$/.test(body.expires_in) ? Number(body.expires_in) : body.expires_in;
  if (typeof seconds === 'number') answer.expires_in = seconds;
  else delete answer.expires_in;
  for (const member of ['refresh_token', 'id_token', 'scope']) {
    if (typeof answer[member] !== 'string') delete answer[member];
  }
  return answer as TokenAnswer;
}

/** Password grant (RFC 6749 4.3.2), which the walkthroughs use for PAT, claim token and owner token. */
export function buildPasswordGrant(
  endpoint: string,
  client: ClientCredentials,
  request: { username: string; password: string; scope?: string | undefined },
): HttpRequest {
  const { headers, members } = clientAuthentication(client);
  return formPost(endpoint, { ...members, grant_type: 'password', ...request }, headers);
}

/** Client credentials grant (RFC 6749 4.4.2): a PAT of the resource server's own. */
export function buildClientCredentialsGrant(
  endpoint: string,
  client: ClientCredentials,
  request: { scope?: string | undefined },
): HttpRequest {
  const { headers, members } = clientAuthentication(client);
  return formPost(endpoint, { ...members, grant_type: 'client_credentials', ...request }, headers);
}

/** Refresh (RFC 6749 6), for the scope that was granted. */
export function buildRefreshGrant(endpoint: string, client: ClientCredentials, refresh_token: string): HttpRequest {
  const { headers, members } = clientAuthentication(client);
  return formPost(endpoint, { ...members, grant_type: 'refresh_token', refresh_token }, headers);
}

/** Revocation (RFC 7009 2.1) of the client's own token. */
export function buildRevocation(
  endpoint: string,
  client: ClientCredentials,
  token: string,
  token_type_hint: 'access_token' | 'refresh_token',
): HttpRequest {
  const { headers, members } = clientAuthentication(client);
  return formPost(endpoint, { ...members, token, token_type_hint }, headers);
}

/** 200 also for a token that is gone already (RFC 7009 2.2). @throws UmaError the refusal. */
export function readRevocation(exchange: HttpExchange): void {
  if (exchange.response.status >= 300) throw refusal(exchange, 'the token was not revoked', { spec: 'RFC 7009 2.2' });
}
