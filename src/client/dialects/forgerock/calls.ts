/** Calls of AM's JSON side with the owner's session (8.1 uma/uma-policies.html; OpenAM UI for serverinfo and idFromSession). */
import { type HttpExchange, type HttpRequest, isObject, jsonRequest } from '../../../protocol/http.ts';
import { FORGEROCK_API, FORGEROCK_JSON_PATHS } from '../../../wire/forgerock.ts';
import type { WithToken } from '../dialect.ts';
import { invalid, jsonAnswer, refusedByAm } from './refusals.ts';

export interface OwnerCalls {
  /** @param path beneath `json{realm}`. @throws UmaError the refusal in AM's words. */
  call(
    method: HttpRequest['method'],
    what: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string>; version?: string },
  ): Promise<HttpExchange>;
  /** Login name of the session's person. */
  user(): Promise<string>;
  /** The owner's address of a template of wire/forgerock.ts, and what follows it. */
  at(template: string, rest?: string): Promise<string>;
}

/** The path of one item. */
export const one = (id: string): string => `/${encodeURIComponent(id)}`;
/** The query of a list. */
export const filtered = (filter: string, more: Record<string, string> = {}): string =>
  `?${new URLSearchParams({ _queryFilter: filter, ...more })}`;

/** @param base `{context}/json{realm}`. Cookie name and login name are asked for once. */
export function ownerCalls(base: string, asOwner: WithToken): OwnerCalls {
  let cookie: Promise<string> | undefined;
  let name: Promise<string> | undefined;

  /** The session's header has the name of the server's cookie, which the server tells. */
  const cookieName = () => {
    cookie ??= asOwner(() => jsonRequest('GET', base + FORGEROCK_JSON_PATHS.serverinfo)).then((exchange) => {
      const info = jsonAnswer(exchange, "the server did not tell its cookie's name");
      if (isObject(info) && typeof info.cookieName === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(info.cookieName))
        return info.cookieName.toLowerCase();
      throw invalid(exchange, 'must answer a "cookieName"');
    });
    return cookie;
  };

  const call: OwnerCalls['call'] = async (
    method,
    what,
    path,
    { body, headers = {}, version = FORGEROCK_API.owner } = {},
  ) => {
    const header = await cookieName();
    const exchange = await asOwner((token) =>
      jsonRequest(method, base + path, body, {
        'accept-api-version': version,
        [header]: headerText(token),
        ...headers,
      }),
    );
    if (exchange.response.status >= 300) throw refusedByAm(exchange, what);
    return exchange;
  };

  /** Login name of the session's person. */
  const user = () => {
    name ??= call('POST', 'the owner is not known', `${FORGEROCK_JSON_PATHS.users}?_action=idFromSession`).then(
      (exchange) => {
        const body = jsonAnswer(exchange, 'the owner is not known');
        if (isObject(body) && typeof body.id === 'string') return body.id;
        throw invalid(exchange, 'must answer the "id" of the session');
      },
    );
    return name;
  };
  const at = async (template: string, rest = '') => template.replace('{user}', encodeURIComponent(await user())) + rest;
  return { call, user, at };
}

/** Session tokens are bytes to a header: a text beyond Latin-1 is sent as UTF-8. */
const headerText = (token: string): string =>
  /^[\x20-\x7e]*$/.test(token) ? token : String.fromCharCode(...new TextEncoder().encode(token));
