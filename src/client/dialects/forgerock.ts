/**
 * ForgeRock AM 7 and PingAM 8. No such server could be recorded: facts are those of the public documents that wire/forgerock.ts names,
 * run against the forgerock layout of this project, which was written from the same documents. Unconfirmed, because no document prints it:
 * introspection by POST with the PAT as bearer (the page sends GET), `If-Match: *` on updates and deletions of resources (OpenAM wants
 * it), and whether an RPT outlives the policy it was granted by.
 */
import { UmaError } from '../../protocol/errors.ts';
import { buildPermissionRequest } from '../../protocol/permission.ts';
import { FORGEROCK_OAUTH2_PATHS, FORGEROCK_REALM, FORGEROCK_UMA_PATHS } from '../../wire/forgerock.ts';
import type { Dialect } from './dialect.ts';
import { FORGEROCK_DEVIATIONS } from './forgerock/deviations.ts';
import { forgerockOwner } from './forgerock/owner.ts';
import { standard } from './standard.ts';

const TOKEN_ENDPOINT = new RegExp(`^(.*)/oauth2(${FORGEROCK_REALM})${FORGEROCK_OAUTH2_PATHS.token}$`);
const ISSUER = new RegExp(`^(.*)/oauth2(${FORGEROCK_REALM})$`);

/** The deployment's base address and the realm in it: of the token endpoint where one is known, else of the issuer. */
function placeOf(metadata: { issuer: string; token_endpoint?: string | undefined }): { base: string; realm: string } {
  const found = TOKEN_ENDPOINT.exec(metadata.token_endpoint ?? '') ?? ISSUER.exec(metadata.issuer);
  return { base: found?.[1] ?? metadata.issuer.replace(/\/$/, ''), realm: found?.[2] ?? '' };
}

export const forgerock: Dialect = {
  name: 'forgerock',
  vendor: 'ForgeRock AM or PingAM',
  recognises: ({ token_endpoint }) =>
    token_endpoint !== undefined && TOKEN_ENDPOINT.test(token_endpoint)
      ? 'the token endpoint has the path of AM: oauth2, realm, access_token'
      : undefined,
  deviations: FORGEROCK_DEVIATIONS,
  // AM's UMA document stands beneath /uma, where no issuer points; what it would say follows from the issuer (8.1 uma/endpoint-configuration.html).
  complete(metadata) {
    const { base, realm } = placeOf(metadata);
    const oauth2 = (path: string) => `${base}/oauth2${realm}${path}`;
    const uma = (path: string) => `${base}/uma${realm}${path}`;
    return {
      token_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.token),
      introspection_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.introspection),
      authorization_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.authorization),
      revocation_endpoint: oauth2(FORGEROCK_OAUTH2_PATHS.revocation),
      jwks_uri: oauth2(FORGEROCK_OAUTH2_PATHS.jwks),
      permission_endpoint: uma(FORGEROCK_UMA_PATHS.permission),
      resource_registration_endpoint: uma(FORGEROCK_UMA_PATHS.resource_registration),
      resource_owner_endpoint: `${base}/json${realm}`,
      ...metadata,
    };
  },
  tokens: {
    ...standard.tokens,
    // The manual's client has `openid` and no `email` (8.1 uma/uma-grant-flow.html).
    claimScope: 'openid',
    readToken(exchange, what, note) {
      const { status } = exchange.response;
      const password = new URLSearchParams(exchange.request.body).get('grant_type') === 'password';
      if (status !== 500 || !password) return standard.tokens.readToken(exchange, what, note);
      throw new UmaError(
        'authentication',
        'more_than_password',
        `${what}: AM answered 500 at the password grant, as it does where the sign-in of this realm or person asks for more than user name and password (a second factor, a consent), which this grant cannot ask for`,
        {
          spec: 'RFC 6749 4.3',
          hint: 'let the person sign in in a browser: uma login --grant browser, or device (with --party for the requesting party); or give a token that you have: UMA_PAT or --pat-file, --claim-token-file; or have the realm offer a tree of user name and password alone',
          status,
          exchange,
        },
      );
    },
  },
  protection: {
    ...standard.protection,
    buildUpdate(endpoint, pat, id, description) {
      const request = standard.protection.buildUpdate(endpoint, pat, id, description);
      return { ...request, headers: { ...request.headers, 'if-match': '*' } };
    },
    buildDelete(endpoint, pat, id) {
      const request = standard.protection.buildDelete(endpoint, pat, id);
      return { ...request, headers: { ...request.headers, 'if-match': '*' } };
    },
    // 8.1 uma/endpoint-permission_request.html knows the array only.
    buildTicket: (endpoint, pat, permissions) => buildPermissionRequest(endpoint, pat, permissions, { asArray: true }),
  },
  grant: standard.grant,
  owner: forgerockOwner,
};
