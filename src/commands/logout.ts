import { defineCommand } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import type { Connection } from '../client/connection.ts';
import { UmaError } from '../protocol/errors.ts';
import { type ClientCredentials, isObject } from '../protocol/http.ts';
import { buildRevocation, readRevocation } from '../protocol/token.ts';
import { type CommonOptions, connect } from './connect.ts';
import { forget, type Keeping, keptTokens } from './kept-tokens.ts';

interface Options extends CommonOptions {
  owner?: string;
  party?: string;
}

export const command = defineCommand<Options>({
  description:
    'Signs out: tokens of the owner and of the requesting party (or of the one that a flag names) that are kept for this server are revoked there and forgotten here. They are forgotten also when the server does not answer.',
  groups: ['as', 'owner', 'party', 'rs', 'client'],
  examples: [
    { comment: 'everybody of this profile', line: 'uma logout' },
    { comment: 'the requesting party', line: 'uma logout --party bob' },
  ],
  fields: ['forgotten', 'revoked'],
  dryRun: false,
  spec: 'RFC 7009',
  async run(options, context) {
    const { settings, cache } = context;
    const issuer = settings.issuer().value;
    const both = options.owner === undefined && options.party === undefined;
    const owner = both || options.owner !== undefined ? nameOf(() => settings.owner().name) : undefined;
    const party = both || options.party !== undefined ? nameOf(() => settings.party().name) : undefined;
    const mine = (await keptTokens(cache)).filter(({ kind, person, issuer: of }) => {
      const who = kind === 'owner' || kind === 'pat' ? owner : party;
      return of === issuer && who !== undefined && person === who;
    });
    const connection = connect(context, options);
    const clients = mine.length === 0 ? [] : await knownClients(context);
    let revoked = 0;
    let failure: unknown;
    for (const keeping of mine) {
      const client = clients.find(({ id }) => id === keeping.client_id);
      try {
        if (client !== undefined && failure === undefined)
          revoked += await revoke(connection, client, keeping, context);
      } catch (error) {
        failure = error;
      }
      await forget(cache, keeping);
    }
    if (failure !== undefined) {
      if (!(failure instanceof UmaError)) throw failure;
      const { category, code, message, status, spec } = failure;
      throw new UmaError(category, code, `${mine.length} forgotten here, but not revoked at the server: ${message}`, {
        hint: 'end the session on the pages of the authorization server',
        status,
        spec,
      });
    }
    return {
      value: { forgotten: mine.length, revoked },
      told: `${mine.length} forgotten, ${revoked} revoked`,
      note:
        mine.length === 0
          ? `nobody was signed in at ${issuer}`
          : 'a profile may still keep passwords, which sign in by themselves: uma profile show',
    };
  },
});

/** Undefined where nobody is named. */
function nameOf(name: () => string): string | undefined {
  try {
    return name();
  } catch (error) {
    if (error instanceof UmaError && /^no_(owner|party)$/.test(error.code)) return undefined;
    throw error;
  }
}

/** Clients whose secret need not be asked for: only its own client can revoke a token. */
async function knownClients({ settings }: Context): Promise<ClientCredentials[]> {
  const known = [
    () => settings.rsClient({ ask: false }),
    () => settings.client({ ask: false }),
    async () => settings.app(),
  ];
  const found = await Promise.all(
    known.map((client) =>
      client().catch((error: unknown) => {
        if (error instanceof UmaError && error.category === 'config') return [];
        throw error;
      }),
    ),
  );
  return found.flat();
}

/** How many tokens the server has revoked: with the refresh token go the tokens that it got, at most servers. */
async function revoke(
  connection: Connection,
  client: ClientCredentials,
  { access, refresh }: Keeping,
  { cache }: Context,
): Promise<number> {
  const endpoint = await connection.find('revocation_endpoint');
  if (endpoint === undefined) return 0;
  let revoked = 0;
  for (const [token, member, hint] of [
    [refresh, 'refresh_token', 'refresh_token'],
    [access, 'access_token', 'access_token'],
  ] as const) {
    const value = token === undefined ? undefined : await cache.get(token.key);
    const text = isObject(value) ? value[member] : value;
    if (typeof text !== 'string') continue;
    readRevocation(await connection.exchange(buildRevocation(endpoint, client, text, hint)));
    revoked += 1;
  }
  return revoked;
}
