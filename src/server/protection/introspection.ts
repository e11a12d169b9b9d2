/** Token introspection: UMA Federated Authorization 5, RFC 7662. */
import type { FastifyInstance } from 'fastify';
import type Provider from 'oidc-provider';
import { OWNER_SCOPE } from '../../protocol/owner.ts';
import { PAT_SCOPE } from '../../protocol/token.ts';
import type { Authority } from '../authorization/authority.ts';
import { FORM_BODY, readFormBodies } from '../http/body.ts';
import { jsonText } from '../http/json.ts';
import { bearerRefusal, Refusal } from '../http/refusal.ts';
import { type Asked, hotRoute, type ShortWay } from '../http/short-way.ts';
import { readAccessToken } from '../oauth/access-tokens.ts';
import type { Attempts } from '../oauth/attempts.ts';
import { authenticateClient } from '../oauth/client-authentication.ts';
import { PATHS } from '../oauth/paths.ts';
import { type GuardDeps, requirePat } from './pat.ts';
import { bearerSecurity, IntrospectionAnswer, IntrospectionRequest, refusals } from './schemas.ts';

export interface IntrospectionDeps extends GuardDeps {
  provider: Provider;
  attempts: Attempts;
  authority: Authority;
  /** Also answers GET with the token in the query, as older deployments ask; the token then stands in access logs. */
  allowGet: boolean;
  short: ShortWay | undefined;
}

/** Whose question it is: a PAT's owner and resource server, or a client for itself. */
interface Caller {
  rs: string;
  owner?: string | undefined;
}

/** What is frozen is given again, and writing it is dear. */
const texts = new WeakMap<object, string>();

function textOf(body: object): string {
  const known = texts.get(body);
  if (known !== undefined) return known;
  const text = JSON.stringify(body);
  if (Object.isFrozen(body)) texts.set(body, text);
  return text;
}

const INACTIVE = '{"active":false}';

export function introspectionRoutes(app: FastifyInstance, deps: IntrospectionDeps): void {
  const { issuer, artifacts, now, authority } = deps;
  readFormBodies(app);
  const schema = {
    security: [...bearerSecurity, { basic: [] }],
    tags: ['introspection'],
    summary: 'Ask whether a token is active and what it permits',
    response: { 200: IntrospectionAnswer, ...refusals },
  };

  hotRoute(
    app,
    deps.short,
    {
      path: PATHS.introspection,
      reader: FORM_BODY,
      async answer(asked, body) {
        const form = body() ?? {};
        return { status: 200, text: await answer(await identify(asked, form), form.token) };
      },
    },
    {
      schema: { ...schema, body: IntrospectionRequest, consumes: ['application/x-www-form-urlencoded'] },
      validatorCompiler: () => () => true,
    },
  );
  if (deps.allowGet) {
    app.get<{ Querystring: Record<string, string | string[]> }>(
      PATHS.introspection,
      { schema: { ...schema, querystring: IntrospectionRequest }, validatorCompiler: () => () => true },
      async (request, reply) => {
        const caller = await requirePat(deps, request, 401);
        const { token } = request.query;
        const text = await answer(caller, typeof token === 'string' ? token : undefined);
        return jsonText(reply, text);
      },
    );
  }

  function identify(request: Asked, form: Record<string, string>): Promise<Caller> {
    const { authorization } = request.headers;
    const asClient = authorization === undefined ? form.client_secret !== undefined : /^basic /i.test(authorization);
    if (asClient)
      return authenticateClient(deps, { authorization, form, address: request.ip }).then(({ clientId }) => ({
        rs: clientId,
      }));
    if (authorization === undefined)
      throw bearerRefusal(401, issuer, { description: 'a PAT or client credentials are needed', scope: PAT_SCOPE });
    return requirePat(deps, request, 401);
  }

  async function answer(caller: Caller, token: string | undefined): Promise<string> {
    if (token === undefined || token === '') throw new Refusal(400, 'invalid_request', '"token" is required, once');
    const body = (await authority.introspect(token, caller, now())) ?? (await plain(token, caller));
    return body === undefined || body.active === false ? INACTIVE : textOf(body);
  }

  /** An access token that is no RPT (FED-5-03); one that opens an API of this server is shown to its own client only. */
  async function plain(token: string, { rs }: Caller): Promise<Record<string, unknown> | undefined> {
    const facts = await readAccessToken(artifacts, token, now());
    if (facts === undefined) return undefined;
    const { client_id, sub, scopes, exp, iat, jkt } = facts;
    const ours = scopes.includes(PAT_SCOPE) || scopes.includes(OWNER_SCOPE);
    if (ours && client_id !== rs) return undefined;
    return {
      active: true,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      client_id,
      sub,
      exp,
      iat,
      iss: issuer,
      token_type: jkt === undefined ? 'Bearer' : 'DPoP',
      ...(jkt === undefined ? {} : { cnf: { jkt } }),
    };
  }
}
