/** From settings and flags to the roles of client/: what the commands that talk to an authorization server share. */

import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { Connection } from '../client/connection.ts';
import { type OwnerApi, ownerApi, ownerTokenOf } from '../client/resource-owner.ts';
import { patOf, ResourceServer } from '../client/resource-server.ts';
import type { Actor } from '../protocol/actors.ts';
import { UmaError } from '../protocol/errors.ts';
import { type ClientCredentials, isObject } from '../protocol/http.ts';

/** Options that every command gets from the frame. */
export interface CommonOptions {
  verbose?: number;
}

/** The context of one who plays this part, so that a trace names it. */
export const playing = (context: Context, actor: Actor): Context => ({ ...context, ...context.sendAs(actor) });

/** The server in use. Nothing is sent yet. @throws UmaError `no_issuer` (config). */
export function connect(
  context: Context,
  options: CommonOptions,
  issuer = context.settings.issuer().value,
  endpoints = context.settings.endpoints(),
): Connection {
  return new Connection({
    issuer,
    send: context.send,
    endpoints,
    dialect: context.settings.dialect().value,
    cache: context.cache,
    now: () => context.clock.now(),
    note: (deviation) => {
      if (options.verbose !== undefined) context.note(`not conformant, accepted: ${deviation}`);
    },
  });
}

export interface PatOptions extends CommonOptions {
  patFile?: string;
}

export const PAT_FILE: FlagSpec = {
  flags: '--pat-file <file>',
  description: 'file with the PAT to use, - for stdin; without it, one is fetched',
  file: true,
};

/** The resource server's role: with the PAT given by --pat-file or UMA_PAT, else with one of its own (password grant, cached). */
export async function asResourceServer(context: Context, options: PatOptions): Promise<ResourceServer> {
  const connection = connect(playing(context, 'resource server'), options);
  const client = await context.settings.rsClient();
  const fromFile =
    options.patFile === undefined
      ? undefined
      : await tokenFile(context, '--pat-file', options.patFile, ['access_token']);
  const given = context.settings.operand('pat', fromFile);
  if (given !== undefined) {
    return new ResourceServer(connection, client, { given: given.value }, `the given PAT (from ${given.origin})`);
  }
  const owner = context.settings.owner();
  const pat = patOf(connection, client, { grant: 'password', owner });
  return new ResourceServer(connection, client, pat, `${owner.name}'s PAT (client ${client.id})`);
}

/** The owner's role, with UMA_OWNER_TOKEN or a token of its own (cached). @throws UmaError `no_owner_api` (config). */
export async function asOwner(context: Context, options: CommonOptions): Promise<OwnerApi> {
  const connection = connect(playing(context, 'owner'), options);
  const given = context.settings.operand('owner_token', undefined);
  if (given !== undefined) return ownerApi(connection, { given: given.value });
  // Which client she signs in with is a matter of the dialect, which shows in the metadata.
  await connection.find('resource_owner_endpoint');
  const app = await ownersClient(context, connection.dialect.owner.signsInWith);
  return ownerApi(connection, ownerTokenOf(connection, app, context.settings.owner()));
}

/** The client that the owner signs in with. @throws UmaError `no_app`, `no_rs_client`. */
export async function ownersClient(
  { settings }: Context,
  who: Connection['dialect']['owner']['signsInWith'],
): Promise<ClientCredentials> {
  if (who === 'nobody') return { id: '', method: 'none' };
  return who === 'rs' ? settings.rsClient() : settings.app();
}

/**
 * The token in the file that a flag names: bare, or the first of `members` in a JSON object, as a command in a pipe prints it.
 * @throws UmaError `unknown_input` (usage) that does not repeat the text; as `context.readSecret`.
 */
export async function tokenFile(
  context: Context,
  flag: string,
  path: string,
  members: readonly string[],
): Promise<string> {
  const text = await context.readSecret(flag, path);
  if (!text.startsWith('{')) return text;
  const value = jsonOf(text);
  const found = members.map((member) => value?.[member]).find((member) => typeof member === 'string');
  if (typeof found === 'string') return found;
  throw new UmaError('usage', 'unknown_input', `${flag}: the object has no string member ${members.join(' or ')}`);
}

/** The JSON object, or undefined when it is none. */
export function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Scopes of flag, environment, project file or profile. */
export function scopesOf(context: Context, flag: readonly string[] | undefined): string[] | undefined {
  if (flag !== undefined) return [...flag];
  return context.settings
    .operand('scope', undefined)
    ?.value.split(/[ ,]+/)
    .filter((scope) => scope !== '');
}

/** `value` as one word of a shell line. */
export function shellWord(value: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
