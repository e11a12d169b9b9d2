/** Who asks for an RPT, and what more there is to say about them when the server wants to know: shared by `uma rpt` and `uma get`. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import type { PipedInput } from '../cli/input.ts';
import type { Connection } from '../client/connection.ts';
import { claimTokenIn, claimTokenOf, type Gathered, type RptAttempts } from '../client/requesting-party.ts';
import type { SignIn } from '../client/sign-in.ts';
import { obtain, renew } from '../client/tokens.ts';
import {
  type ClaimToken,
  describeRequiredClaim,
  encodedClaimToken,
  ID_TOKEN_FORMAT,
  idTokenFormatOf,
  type RequiredClaim,
} from '../protocol/claims.ts';
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials } from '../protocol/http.ts';
import type { NeedInfo } from '../protocol/outcome.ts';
import { interactionOn, VISIT_FLAGS, type VisitOptions } from './claims-visit.ts';
import { type CommonOptions, connect, jsonOf } from './connect.ts';
import { hasBrowser, SIGN_IN_FLAGS, type SignInOptions, signInOn } from './sign-in.ts';

/** Flags that say who asks. */
export interface ClaimOptions extends CommonOptions, SignInOptions, VisitOptions {
  claimTokenFile?: string;
  claimTokenFormat?: string;
  /** `--no-claims` makes it false. */
  claims?: boolean;
  grant?: 'password' | SignIn['grant'];
}

export const CLAIM_FLAGS: readonly FlagSpec[] = [
  {
    flags: '--claim-token-file <file>',
    description: 'file with the claim token, bare or as `uma claims` prints it, - for stdin',
    file: true,
  },
  { flags: '--claim-token-format <uri>', description: 'its format (default: an OpenID Connect ID Token)' },
  { flags: '--no-claims', description: 'push no claim token' },
  {
    flags: '--grant <grant>',
    description:
      'how the party signs in for a claim token: by password here, or at the server in a browser or on another device',
    choices: ['password', 'browser', 'device'],
  },
  ...SIGN_IN_FLAGS,
  ...VISIT_FLAGS,
];

/** What is said about the requesting party: with the first request, and whenever the server asks for more. */
export interface Asking {
  claims?: ClaimToken;
  gather: NonNullable<RptAttempts['gather']>;
}

/** Claims given by file, standard input or environment; else of the party, from the cache or fetched. */
export async function askingParty(
  options: ClaimOptions,
  context: Context,
  connection: Connection,
  client: ClientCredentials,
  piped?: PipedInput,
): Promise<Asking> {
  const own: Own = options.claims === false ? {} : await claimsFor(options, context, connection, client, piped);
  const means: Means[] = [
    ...(own.again === undefined ? [] : [once('again', own.again)]),
    (need) => fromElsewhere(need, options, context),
    (need) => atThePages(need, options, context, connection, client),
    (need) => fromFile(need, context),
  ];
  const used = new Set<string>();
  return {
    ...(own.claims === undefined ? {} : { claims: own.claims }),
    async gather(need) {
      for (const way of means) {
        const found = await way(need);
        // What was given once and did not do is not given again.
        if (found === undefined || used.has(found.key)) continue;
        used.add(found.key);
        const gathered = await found.get();
        if (gathered !== undefined) return gathered;
      }
      return undefined;
    },
  };
}

/** A way to more claims: `key` says which ones, so that none is gone twice; undefined where it does not lead there. */
type Means = (need: NeedInfo) => Promise<{ key: string; get(): Promise<Gathered | undefined> } | undefined>;

const once =
  (key: string, get: (need: NeedInfo) => Promise<Gathered | undefined>): Means =>
  async (need) => ({ key, get: () => get(need) });

interface Own {
  claims?: ClaimToken;
  /** What there is instead, when these do not do. */
  again?: (need: NeedInfo) => Promise<Gathered | undefined>;
}

async function claimsFor(
  options: ClaimOptions,
  context: Context,
  connection: Connection,
  client: ClientCredentials,
  piped: PipedInput | undefined,
): Promise<Own> {
  const { claimTokenFile: path, claimTokenFormat: format } = options;
  const file =
    path === undefined
      ? undefined
      : readClaims(await context.readSecret('--claim-token-file', path), '--claim-token-file', format);
  const given = context.settings.operand('claim_token', file?.claim_token, piped?.text('claim_token'));
  if (given !== undefined) {
    const said = given.origin === 'flag' ? file?.claim_token_format : undefined;
    const pipedFormat = given.origin === 'stdin' ? piped?.text('claim_token_format') : undefined;
    const claim_token_format = said ?? format ?? pipedFormat ?? ID_TOKEN_FORMAT;
    return { claims: { claim_token: encodedClaimToken(given.value), claim_token_format } };
  }
  const source = claimTokenOf(connection, client, context.settings.party(), undefined, () =>
    signInFor(options, context, connection),
  );
  const { answer, kept } = await obtain(connection, source);
  const claims = claimTokenIn(answer);
  const first = { ...claims, claim_token_format: format ?? claims.claim_token_format };
  return {
    claims: first,
    // A token kept from before may lack what the person has by now; and servers may know the format by another name.
    async again({ required_claims }) {
      const wanted = format ?? idTokenFormatOf(required_claims) ?? first.claim_token_format;
      if (!kept && wanted === first.claim_token_format) return undefined;
      return { ...claimTokenIn(await renew(connection, source)), claim_token_format: wanted };
    },
  };
}

/**
 * How the party signs in when nobody said it: by password where the server takes one, else in a browser, or on another device where
 * there is none. Undefined is the password.
 */
async function signInFor(options: ClaimOptions, context: Context, connection: Connection): Promise<SignIn | undefined> {
  const { grant } = options;
  const person = { name: context.settings.party().name };
  if (grant !== undefined) return grant === 'password' ? undefined : signInOn(context, grant, options, person);
  await connection.find('token_endpoint');
  const offered = connection.metadata.grant_types_supported;
  if (offered === undefined || offered.includes('password')) return undefined;
  const { device_authorization_endpoint } = connection.metadata;
  const headless = !context.prompts.possible() || !hasBrowser(context.io);
  return signInOn(
    context,
    headless && device_authorization_endpoint !== undefined ? 'device' : 'browser',
    options,
    person,
  );
}

/** A profile whose server is one that the AS believes has a party, and its ID token says who that is. */
async function fromElsewhere({ required_claims }: NeedInfo, options: ClaimOptions, context: Context) {
  const here = context.settings.issuer().value;
  const issuers = required_claims.filter(takesIdToken).flatMap(({ issuer = [] }) => issuer);
  const { names } = await context.store.list();
  for (const issuer of issuers.filter((one) => one !== here)) {
    for (const name of names) {
      const profile = await context.store.get(name);
      if (profile?.issuer !== issuer || profile.party === undefined) continue;
      const get = async (): Promise<Gathered> => {
        const settings = await context.settingsOf(name);
        const other = { ...context, settings };
        const connection = connect(other, options);
        const source = claimTokenOf(connection, await settings.client(), settings.party(), undefined, () =>
          signInFor(options, other, connection),
        );
        const claims = claimTokenIn((await obtain(connection, source)).answer);
        context.note(`claims of ${settings.party().name} at ${issuer}, from the profile ${name}`);
        return { ...claims, claim_token_format: idTokenFormatOf(required_claims) ?? claims.claim_token_format };
      };
      return { key: JSON.stringify(['elsewhere', issuer]), get };
    }
  }
  return undefined;
}

const takesIdToken = (claim: RequiredClaim): boolean =>
  claim.claim_token_format === undefined || idTokenFormatOf([claim]) !== undefined;

/** The claims interaction endpoint, for whoever sits at this terminal. */
async function atThePages(
  need: NeedInfo,
  options: ClaimOptions,
  context: Context,
  connection: Connection,
  client: ClientCredentials,
) {
  const interaction = interactionOn(context, options);
  if (interaction === undefined) return undefined;
  const { claimsAddress, interact } = await import('../client/claims-interaction.ts');
  const address = await claimsAddress(connection, need);
  if (address === undefined) return undefined;
  return {
    key: JSON.stringify(['pages', address, wanted(need)]),
    get: () => interact(connection, client, address, need.ticket, interaction),
  };
}

/** What only the party has: a file, if there is somebody to ask for it. */
async function fromFile(need: NeedInfo, context: Context) {
  if (need.required_claims.length === 0 || !context.prompts.possible()) return undefined;
  const what = wanted(need);
  const get = async (): Promise<Gathered | undefined> => {
    const question = `the server wants ${what}; a file with a claim token that says it (empty: none):`;
    const path = (await context.prompts.text(question, { flag: '--claim-token-file' })).trim();
    if (path === '') return undefined;
    const [format] = need.required_claims.flatMap(({ claim_token_format = [] }) => claim_token_format);
    const claims = readClaims(await context.readSecret('--claim-token-file', path), path, format);
    return {
      claim_token: encodedClaimToken(claims.claim_token),
      claim_token_format: claims.claim_token_format ?? ID_TOKEN_FORMAT,
    };
  };
  return { key: JSON.stringify(['file', what]), get };
}

const wanted = ({ required_claims }: NeedInfo): string => required_claims.map(describeRequiredClaim).join('; ');

/**
 * A claim token as text or in an object of `uma claims`; with a format of its own, any JSON object is a token.
 * @throws UmaError `unknown_input` (usage) that does not repeat the text.
 */
function readClaims(
  text: string,
  flag: string,
  format: string | undefined,
): { claim_token: string; claim_token_format?: string | undefined } {
  if (!text.startsWith('{')) return { claim_token: text, claim_token_format: format };
  const object = jsonOf(text);
  const found = object?.claim_token ?? object?.id_token;
  if (typeof found === 'string') {
    const said = typeof object?.claim_token_format === 'string' ? object.claim_token_format : undefined;
    return { claim_token: found, claim_token_format: format ?? said };
  }
  if (object !== undefined && format !== undefined && idTokenFormatOf([{ claim_token_format: [format] }]) === undefined)
    return { claim_token: text, claim_token_format: format };
  throw new UmaError('usage', 'unknown_input', `${flag}: the object has no string member claim_token or id_token`, {
    hint: 'a JSON object that is itself the claim token needs --claim-token-format',
  });
}
