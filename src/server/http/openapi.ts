/** `/openapi.json`: made from the routes' schemas, plus a fragment for the endpoints that oidc-provider answers. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';
import { PATHS } from '../oauth/paths.ts';

/** Must be called before the routes that it describes are added. */
export async function openApi(app: FastifyInstance, options: { issuer: string; version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'UMA 2.0 authorization server', version: options.version },
      servers: [{ url: options.issuer }],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'A PAT (scope uma_protection), or an owner token (uma_owner) at the owner API',
          },
          basic: { type: 'http', scheme: 'basic', description: 'Client id and secret' },
        },
      },
    },
  });
  let document: string | undefined;
  app.get(PATHS.openapi, { schema: { hide: true } }, (_request, reply) => {
    if (document === undefined) {
      const made = app.swagger() as { paths: Record<string, unknown> };
      document = JSON.stringify({ ...made, paths: { ...made.paths, ...OAUTH_PATHS } });
    }
    return reply.header('access-control-allow-origin', '*').type('application/json').send(document);
  });
}

const form = (properties: Record<string, object>, required: string[]) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties, required } } },
});
const string = { type: 'string' };
const object = (description: string, type = 'application/json') => ({
  description,
  content: { [type]: { schema: { type: 'object', additionalProperties: true } } },
});
const security = [{ basic: [] }, {}];
const tags = ['oauth'];

const OAUTH_PATHS = {
  [PATHS.token]: {
    post: {
      tags,
      security,
      summary: 'Token endpoint (RFC 6749 3.2, UMA Grant 3.3.1)',
      requestBody: form(
        {
          grant_type: { type: 'string', examples: [UMA_TICKET_GRANT] },
          ticket: string,
          claim_token: string,
          claim_token_format: string,
          pct: string,
          rpt: string,
          scope: string,
          resource: string,
          username: string,
          password: string,
          code: string,
          code_verifier: string,
          redirect_uri: string,
          refresh_token: string,
          device_code: string,
          client_id: string,
          client_secret: string,
        },
        ['grant_type'],
      ),
      responses: {
        200: object('A token'),
        403: object('need_info, request_submitted, request_denied'),
        '4XX': object('invalid_client, invalid_grant, invalid_scope, invalid_request, unauthorized_client, ...'),
      },
    },
  },
  [PATHS.revocation]: {
    post: {
      tags,
      security,
      summary: 'Revocation (RFC 7009, UMA Grant 3.7)',
      requestBody: form({ token: string, token_type_hint: string }, ['token']),
      responses: { 200: { description: 'Revoked, or not known' }, '4XX': object('invalid_client, invalid_request') },
    },
  },
  [PATHS.device_authorization]: {
    post: {
      tags,
      security,
      summary: 'Device authorization (RFC 8628)',
      requestBody: form({ client_id: string, scope: string }, ['client_id']),
      responses: { 200: object('Device code and user code'), '4XX': object('invalid_client, invalid_request') },
    },
  },
  [PATHS.authorization]: {
    get: {
      tags,
      summary: 'Authorization endpoint (RFC 6749 3.1), for browsers',
      parameters: [
        'response_type',
        'client_id',
        'redirect_uri',
        'scope',
        'state',
        'code_challenge',
        'code_challenge_method',
      ].map((name) => ({ name, in: 'query', schema: string })),
      responses: {
        303: { description: 'To the sign-in or back to the client' },
        '4XX': {
          description: 'A page, where it cannot go back to the client',
          content: { 'text/html': { schema: string } },
        },
      },
    },
  },
  [PATHS.userinfo]: {
    get: {
      tags,
      security: [{ bearer: [] }],
      summary: 'Claims of the signed-in person',
      responses: { 200: object('Claims'), '4XX': object('invalid_token, insufficient_scope') },
    },
  },
  [PATHS.jwks]: {
    get: { tags, summary: 'Public keys (RFC 7517)', responses: { 200: object('JWK set', 'application/jwk-set+json') } },
  },
};
