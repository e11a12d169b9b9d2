/** The resource owner's role: sign-in for her own token, and the owner's API of the dialect (UMA Grant 1.4 leaves this to servers). */
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials, HttpExchange } from '../protocol/http.ts';
import { OWNER_SCOPE } from '../protocol/owner.ts';
import type { Connection } from './connection.ts';
import type { OwnerApi } from './dialects/dialect.ts';
import type { Person } from './resource-server.ts';
import type { SignIn } from './sign-in.ts';
import { type FetchedToken, sendWithToken, type TokenSource } from './tokens.ts';

export type { OwnerApi, SeenPolicy, SeenRequest, SeenResource } from './dialects/dialect.ts';

/**
 * The owner's own token, through `app`: the public client that stands for her (DESIGN decision 13 of the house: never a PAT). By her
 * password, or with `how` by her own sign-in. @throws UmaError `no_browser_sign_in` (config) where only name and password are taken.
 */
export function ownerTokenOf(
  connection: Connection,
  app: ClientCredentials,
  owner: Person,
  how?: SignIn,
): FetchedToken {
  return {
    key: ['owner', app.id, owner.name, OWNER_SCOPE],
    client: app,
    ...(owner.insists === true ? { anew: true } : {}),
    ...(how === undefined ? {} : { staysSignedIn: true }),
    async fetch() {
      const { owner: dialect } = connection.dialect;
      const exchange =
        how === undefined ? await byPassword(connection, app, owner) : await byItself(connection, app, how);
      return dialect.readSignIn(exchange, connection.note);
    },
  };
}

async function byPassword(connection: Connection, app: ClientCredentials, owner: Person): Promise<HttpExchange> {
  const token_endpoint = await connection.endpoint('token_endpoint');
  const person = { username: owner.name, password: await owner.password() };
  return connection.exchange(
    connection.dialect.owner.buildSignIn({ ...connection.metadata, token_endpoint }, app, person),
  );
}

async function byItself(connection: Connection, app: ClientCredentials, how: SignIn): Promise<HttpExchange> {
  const { signsInWith, signInScope } = connection.dialect.owner;
  if (signsInWith !== 'nobody') return (await import('./sign-in.ts')).signIn(connection, app, signInScope, how);
  throw new UmaError('config', 'no_browser_sign_in', `${connection.issuer} takes its owners' name and password only`, {
    hint: 'uma login --grant password, or UMA_OWNER_TOKEN with a session of the browser',
  });
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
