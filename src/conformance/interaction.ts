/** Claims gathering in the browser (UMA Grant 3.3.2, 3.3.3) as the checks of the profile `claims` need it. */

import type { Browser, Walk } from './browser.ts';
import type { ClientRole } from './config.ts';
import type { Resource } from './flow.ts';
import { said } from './http.ts';
import type { Probe } from './probe.ts';
import { homeOf, type Which } from './session.ts';

/** The start of an interaction: the address that need_info gave, with its ticket. */
export interface Start {
  resource: Resource;
  ticket: string;
  /** `redirect_user`, or the static endpoint of the metadata. */
  endpoint: string;
}

/** A resource that party 0 may see, asked for without claims. */
export async function askForInfo(t: Probe, client: ClientRole = 'main', given?: Resource): Promise<Start> {
  const resource = given ?? (await t.resource());
  if (given === undefined) await t.allow(resource, resource.scopes);
  const answer = await t.redeem({ client, ticket: await t.ticket(resource) });
  t.require(
    answer.json.error === 'need_info' && typeof answer.json.ticket === 'string',
    `need_info was expected, not ${said(answer)}`,
    answer,
  );
  const { redirect_user } = answer.json;
  const endpoint =
    typeof redirect_user === 'string' ? redirect_user : t.session.endpoint('claims_interaction_endpoint');
  return { resource, ticket: answer.json.ticket, endpoint };
}

export interface Visit {
  client?: ClientRole;
  party?: Which;
  /** Query members; they win, undefined leaves one out. Default: client_id, ticket, the client's first claims redirect URI. */
  members?: Record<string, string | undefined>;
  agree?: boolean;
  tick?: boolean;
  /** Stop at the page that asks for a decision. */
  pause?: boolean;
  browser?: Browser;
}

export function interactionUrl(t: Probe, start: Start, { client = 'main', members = {} }: Visit): string {
  const { client_id, claims_redirect_uris } = t.session.client(client);
  const url = new URL(start.endpoint);
  const all = { client_id, ticket: start.ticket, claims_redirect_uri: claims_redirect_uris[0], ...members };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

/** The party's walk through the server's pages, until it comes back to the client. */
export function visit(t: Probe, start: Start, options: Visit = {}): Promise<Walk> {
  const { client = 'main', party = 0, members, agree, tick, pause, browser = t.browser() } = options;
  const uri = members?.claims_redirect_uri ?? t.session.client(client).claims_redirect_uris[0] ?? '';
  const person = t.session.party(party);
  return browser.complete(interactionUrl(t, start, options), homeOf(uri), {
    person,
    ...(agree === undefined ? {} : { agree }),
    ...(tick === undefined ? {} : { tick }),
    ...(pause === undefined ? {} : { pause }),
  });
}

/** The new ticket of a walk that came back with one. */
export function returnedTicket(t: Probe, walk: Walk): string {
  const ticket = walk.returned?.searchParams.get('ticket');
  t.require(
    typeof ticket === 'string',
    walk.returned === undefined
      ? `the pages led nowhere: ${walk.answer.status} at ${walk.url.split('?')[0]}`
      : `the return has no ticket: ${walk.returned.search}`,
    walk.answer,
  );
  return ticket;
}
