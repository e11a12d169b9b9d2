/** The resource owner's role: sign-in for her own token, and the owner's API of the dialect (UMA Grant 1.4 leaves this to servers). */
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials } from '../protocol/http.ts';
import { OWNER_SCOPE } from '../protocol/owner.ts';
import type { Connection } from './connection.ts';
import type { OwnerApi } from './dialects/dialect.ts';
import type { Person } from './resource-server.ts';
import { type FetchedToken, sendWithToken, type TokenSource } from './tokens.ts';

export type { OwnerApi, SeenPolicy, SeenRequest, SeenResource } from './dialects/dialect.ts';

/** The owner's own token, through `app`: the public client that stands for her (DESIGN decision 13 of the house: never a PAT). */
export function ownerTokenOf(connection: Connection, app: ClientCredentials, owner: Person): FetchedToken {
  return {
    key: ['owner', app.id, owner.name, OWNER_SCOPE],
    async fetch() {
      const token_endpoint = await connection.endpoint('token_endpoint');
      const { owner: dialect } = connection.dialect;
      const person = { username: owner.name, password: await owner.password() };
      const request = dialect.buildSignIn({ ...connection.metadata, token_endpoint }, app, person);
      return dialect.readSignIn(await connection.exchange(request), connection.note);
    },
  };
}

/**
 * The owner's API of the server, used with her token.
 * @throws UmaError `no_owner_api` (config) where the server has none, saying what can be done instead.
 */
export async function ownerApi(connection: Connection, token: TokenSource): Promise<OwnerApi> {
  await connection.find('resource_owner_endpoint');
  const api = connection.dialect.owner.api(connection.metadata, (build) => sendWithToken(connection, token, build));
  if (api !== undefined) return api;
  throw new UmaError(
    'config',
    'no_owner_api',
    `${connection.issuer} names no "resource_owner_endpoint": UMA leaves requests, policies and revoking to each server's own pages or API`,
    {
      spec: 'UMA Grant 1.4',
      hint: "let the owner decide in the server's own console, or, if it has this API, name it: --resource-owner-endpoint URL",
    },
  );
}
