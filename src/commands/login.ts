import { defineCommand } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import type { Connection } from '../client/connection.ts';
import { claimTokenOf } from '../client/requesting-party.ts';
import { ownerTokenOf } from '../client/resource-owner.ts';
import { patOf } from '../client/resource-server.ts';
import type { SignIn } from '../client/sign-in.ts';
import { type FetchedToken, fetchToken } from '../client/tokens.ts';
import { UmaError } from '../protocol/errors.ts';
import { decodeToken } from '../protocol/rpt.ts';
import { type CommonOptions, connect, ownersClient, playing } from './connect.ts';
import type { TokenKind } from './kept-tokens.ts';
import { hasBrowser, SIGN_IN_FLAGS, type SignInOptions, signInOn } from './sign-in.ts';
import { INSECURE_STORAGE } from './storage-flag.ts';
import { inWords } from './views.ts';

interface Options extends CommonOptions, SignInOptions {
  owner?: string;
  party?: string;
  grant?: Grant;
}
type Grant = 'browser' | 'device' | 'password';

/** One token that a sign-in is for. */
interface Wanted {
  role: 'owner' | 'party';
  kind: TokenKind;
  person: string;
  connection: Connection;
  client_id: string;
  source(how: SignIn | undefined): FetchedToken;
}

interface SignedIn {
  role: 'owner' | 'party';
  kind: TokenKind;
  person: string;
  client_id: string;
  /** Seconds; null where the server does not say. */
  expires_in: number | null;
  renewable: boolean;
}

export const command = defineCommand<Options>({
  description:
    "Signs a person in, so that the commands that follow need no password: the owner (her own token, and a PAT where the resource server's client is known), or with --party the requesting party. In a browser where there is one, else with a code for another device. The tokens are renewed by themselves as long as the server lets them.",
  groups: ['as', 'owner', 'party', 'rs', 'client'],
  flags: [
    {
      flags: '--grant <grant>',
      description: 'how: browser, device (a code to type in elsewhere), or password (asked for here)',
      choices: ['browser', 'device', 'password'],
    },
    ...SIGN_IN_FLAGS,
    INSECURE_STORAGE,
  ],
  examples: [
    { comment: 'the owner, in a browser', line: 'uma login --owner alice' },
    { comment: 'the requesting party, over ssh', line: 'uma login --party bob --grant device' },
    { comment: 'in a script', line: 'uma login --owner alice --grant password --owner-password-file password.txt' },
  ],
  fields: ['role', 'kind', 'person', 'client_id', 'expires_in', 'renewable'],
  // A browser or another device comes in between.
  dryRun: false,
  spec: 'RFC 8252, RFC 8628',
  async run(options, context) {
    const owner = options.owner !== undefined || options.party === undefined;
    const wanted = [
      ...(owner ? await ownersTokens(options, context) : []),
      ...(options.party === undefined ? [] : [await partysToken(options, context)]),
    ];
    const seen = new Set<string>();
    const value: SignedIn[] = [];
    for (const token of wanted) {
      const grant = await grantFor(token.connection, options, context);
      // One sign-in for all that is for the same person; another one may be signed in in that browser.
      const person = { name: token.person, again: !seen.has(token.person) };
      seen.add(token.person);
      const how = grant === 'password' ? undefined : signInOn(context, grant, options, person);
      const answer = await fetchToken(token.connection, { ...token.source(how), staysSignedIn: true });
      if (answer.id_token !== undefined) checkPerson(answer.id_token, token.person, context);
      value.push({
        role: token.role,
        kind: token.kind,
        person: token.person,
        client_id: token.client_id,
        expires_in: answer.expires_in ?? null,
        renewable: answer.refresh_token !== undefined,
      });
    }
    const first = value[0];
    const ends = value.filter(({ renewable }) => !renewable);
    const untilWhen =
      ends.length === 0
        ? ''
        : `; the server renews no ${ends.map(({ kind }) => kind).join(', ')} token: sign in again ${
            typeof ends[0]?.expires_in === 'number' ? `after ${inWords(ends[0].expires_in)}` : 'when it ends'
          }`;
    return {
      value,
      view: (paint) =>
        paint.table(
          ['who', 'as', 'token', 'client', ''],
          value.map(({ person, role, kind, client_id, renewable }) => [
            person,
            role,
            kind,
            client_id,
            renewable ? 'renewed by itself' : '',
          ]),
        ),
      note: `signed in at ${context.settings.issuer().value}${untilWhen}; next: ${
        first?.role === 'party' ? 'uma rpt, uma get' : 'uma register, uma request list'
      }`,
    };
  },
});

/** Her own token where the server has an API for it, and a PAT where the resource server's client can be one. */
async function ownersTokens(options: Options, context: Context): Promise<Wanted[]> {
  const { settings } = context;
  const owner = settings.owner();
  const wanted: Wanted[] = [];
  const connection = connect(playing(context, 'owner'), options);
  if ((await connection.find('resource_owner_endpoint')) !== undefined) {
    const app = await ownersClient(context, connection.dialect.owner.signsInWith);
    wanted.push({
      role: 'owner',
      kind: 'owner',
      person: owner.name,
      connection,
      client_id: app.id,
      source: (how) => ownerTokenOf(connection, app, owner, how),
    });
  }
  const rs = await settings.rsClient({ ask: false }).catch((error: unknown) => {
    if (error instanceof UmaError && ['no_rs_client', 'no_secret'].includes(error.code)) return error;
    throw error;
  });
  if (rs instanceof UmaError) {
    if (wanted.length === 0) throw rs;
    return wanted;
  }
  const server = connect(playing(context, 'resource server'), options);
  wanted.push({
    role: 'owner',
    kind: 'pat',
    person: owner.name,
    connection: server,
    client_id: rs.id,
    source: (how) =>
      patOf(server, rs, how === undefined ? { grant: 'password', owner } : { grant: 'sign-in', owner, signIn: how }),
  });
  return wanted;
}

async function partysToken(options: Options, context: Context): Promise<Wanted> {
  const connection = connect(context, options);
  const party = context.settings.party();
  const client = await context.settings.client();
  return {
    role: 'party',
    kind: 'claim',
    person: party.name,
    connection,
    client_id: client.id,
    source: (how) => claimTokenOf(connection, client, party, undefined, how),
  };
}

/** As asked for; else the browser of this screen, else a code where the server has them. */
async function grantFor(connection: Connection, { grant, browser }: Options, { io }: Context): Promise<Grant> {
  if (grant !== undefined) return grant;
  if (browser !== false && hasBrowser(io)) return 'browser';
  return (await connection.find('device_authorization_endpoint')) === undefined ? 'browser' : 'device';
}

/** In a browser somebody else may have signed in. */
function checkPerson(idToken: string, name: string, { warn }: Context): void {
  const { sub, preferred_username, email } = decodeToken(idToken)?.payload ?? {};
  const names = [preferred_username, sub, email].filter((known) => typeof known === 'string');
  if (names.length > 0 && !names.includes(name)) warn(`signed in is ${names[0]}, not ${name}`);
}
