/** Which requests `uma approve` and `uma deny` are about, and the deciding itself. */
import type { ArgumentSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import type { OwnerApi, SeenRequest } from '../client/resource-owner.ts';
import { UmaError } from '../protocol/errors.ts';
import { shellWord } from './connect.ts';
import { partyName } from './views.ts';

export interface DecisionOptions {
  id?: string[];
  all?: boolean;
}

export const REQUEST_IDS: ArgumentSpec = {
  name: '[id...]',
  description: 'the requests, from `uma request list`',
  complete: 'requests',
};

/**
 * The ids given, or all that wait. Without either, nothing is guessed: what was not looked at is not decided.
 * @throws UmaError `which_request` (usage) naming what waits.
 */
export async function chosenRequests(
  owner: OwnerApi,
  context: Context,
  options: DecisionOptions,
  verb: string,
): Promise<string[]> {
  const given = options.id ?? [];
  if (given.length > 0 && options.all) {
    throw new UmaError('usage', 'conflicting_flags', 'ids and --all exclude each other');
  }
  if (given.length > 0) return given;
  const pending = await owner.requests({ status: 'pending' });
  if (options.all) return pending.map(({ id }) => id);
  const [first] = pending;
  if (first === undefined) {
    throw new UmaError('usage', 'which_request', `no request waits, so there is nothing to ${verb}`, {
      hint: 'uma request list --all',
    });
  }
  throw new UmaError('usage', 'which_request', `which request? ${inLines(pending, context)} (or --all)`, {
    hint: `uma ${verb} ${shellWord(first.id)}`,
  });
}

/** Where nothing waits. */
export const DECIDED = 'those that were decided: uma request list --all';

/** Decides one after the other; those decided before one fails are told. */
export async function decideEach(
  ids: readonly string[],
  context: Context,
  decide: (id: string) => Promise<SeenRequest>,
): Promise<SeenRequest[]> {
  const decided: SeenRequest[] = [];
  for (const id of ids) {
    try {
      decided.push(await decide(id));
    } catch (error) {
      if (decided.length > 0) context.note(`done before the error: ${inLines(decided, context)}`);
      throw error;
    }
  }
  return decided;
}

/** `7f2c approved (bob, view, Photo Album); ...` */
export function inLines(requests: readonly SeenRequest[], context: Context): string {
  const issuer = context.settings.issuer().value;
  return requests
    .map(({ id, status, party, scopes, granted_scopes, resource_id, resource_name }) => {
      const what = [partyName(party, issuer), (granted_scopes ?? scopes).join(' '), resource_name ?? resource_id];
      return `${id} ${status} (${what.filter((part) => part !== '').join(', ')})`;
    })
    .join('; ');
}
