/** What the console's pages have in common: who looks, the frame around a page, words for people, resources and moments. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';
import type { Party } from '../../protocol/owner.ts';
import type { Directory } from '../authorization/deps.ts';
import type { ConfiguredClient } from '../config/config.ts';
import type { OwnerService } from '../owner/service.ts';
import type { ConsolePage, Frame, Visit } from './frame.ts';
import { html, type Markup } from './markup.ts';
import { listed, once, TEXTS } from './texts.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of the console. */
    visit: Visit;
  }
}

export type Form = Record<string, string>;
export type Query = Record<string, string | string[] | undefined>;

export interface Desk {
  service: OwnerService;
  frame: Frame;
  /** Seconds since the epoch. */
  now: () => number;
  show(request: FastifyRequest, reply: FastifyReply, page: ConsolePage): Promise<FastifyReply>;
  /** To another page of the console, by GET: what was posted is not posted once more. */
  go(reply: FastifyReply, path: string, query?: Record<string, string | undefined>): FastifyReply;
  party(party: Party): Promise<PartyWords>;
  /** Name of a client, its id where it has none. */
  client(id: string): string;
  /** Clients that can get RPTs. */
  clients: readonly { id: string; name: string }[];
  /** How many requests wait, as text; empty = none. */
  waiting(owner: string): Promise<string>;
}

/** Somebody in words; `detail` tells those of one name apart. */
export interface PartyWords {
  name: string;
  detail: string;
  /** Warning, when the name can be taken for another. */
  warning: Markup | undefined;
}

export interface DeskDeps {
  issuer: string;
  service: OwnerService;
  directory: Directory;
  clients: readonly Pick<ConfiguredClient, 'client_id' | 'name' | 'grant_types'>[];
  now: () => number;
}

export function consoleDesk({ issuer, service, directory, clients, now }: DeskDeps, frame: Frame): Desk {
  const waiting = async (owner: string) => {
    const { count, more } = await service.requests.waiting(owner);
    return count === 0 ? '' : `${count}${more ? '+' : ''}`;
  };
  return {
    service,
    frame,
    now,
    waiting,
    client: (id) => directory.clientName(id) ?? id,
    clients: clients
      .filter(({ grant_types }) => grant_types.includes(UMA_TICKET_GRANT))
      .map(({ client_id, name }) => ({ id: client_id, name: name ?? client_id })),
    show: async (request, reply, page) => frame.send(reply, request.visit, await waiting(request.visit.owner), page),
    go(reply, path, query = {}) {
      const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
      return reply
        .code(303)
        .headers({
          location: frame.home + path + search,
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
        })
        .send();
    },
    async party(party) {
      const person = party.iss === issuer ? directory.bySub(party.sub) : undefined;
      // What somebody from elsewhere calls himself proves nothing, so his issuer stands beside it.
      if (person === undefined) {
        const host = URL.parse(party.iss)?.host ?? party.iss;
        return { name: party.name ?? party.sub, detail: `${party.sub} at ${host}`, warning: undefined };
      }
      const others = await service.lookAlikes(person.username);
      return {
        name: person.name ?? person.username,
        detail: person.username,
        warning: others.length === 0 ? undefined : TEXTS.lookAlike(person.username, listedPeople(others)),
      };
    },
  };
}

const listedPeople = (people: readonly { username: string; name?: string | undefined }[]): string =>
  listed(people.map(({ username, name }) => (name === undefined ? username : `${username} (${name})`)));

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
/** Made when a page asks for it: a server starts without the language data. */
const formats = once(() => ({
  relative: new Intl.RelativeTimeFormat('en', { numeric: 'auto' }),
  absolute: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }),
}));

/** `3 minutes ago`, with the moment itself for whoever wants it. Seconds since the epoch. */
export function moment(at: number, now: number): Markup {
  const { relative, absolute } = formats();
  const iso = new Date(at * 1000).toISOString();
  const distance = at - now;
  const [unit, size] = UNITS.find(([, seconds]) => Math.abs(distance) >= seconds) ?? [];
  const words = unit === undefined ? TEXTS.justNow : relative.format(Math.trunc(distance / size!), unit);
  return html`<time datetime="${iso}" title="${TEXTS.utc(absolute.format(at * 1000))}">${words}</time>`;
}

/** The first letter of a name, as a picture of it. */
export const face = (name: string, shape = ''): Markup =>
  html`<span class="face ${shape}" aria-hidden="true">${[...name.trim()][0] ?? '?'}</span>`;

/** A member of a query that was given once. */
export const given = (query: Query, name: string): string | undefined => {
  const value = query[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Names of the boxes that were ticked: `scope:view` -> `view`. */
export const ticked = (form: Form, prefix: string): string[] =>
  Object.keys(form).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));

const SECONDS: Record<string, number> = {
  '1h': 3600,
  '1d': 86_400,
  '7d': 7 * 86_400,
  '30d': 30 * 86_400,
  '365d': 365 * 86_400,
};
/** The end that a choice of {@link durations} means; undefined = none. */
export const endOf = (form: Form, now: number): number | undefined => {
  const seconds = Object.hasOwn(SECONDS, form.until ?? '') ? SECONDS[form.until!] : undefined;
  return seconds === undefined ? undefined : now + seconds;
};
export const durations = (): Markup =>
  html`<label>${TEXTS.requests.until} <select name="until">${Object.entries(TEXTS.duration).map(
    ([value, words]) => html`<option value="${value}">${words}</option>`,
  )}</select></label>`;

/** Links to further pages; nothing where there are none. @param address without `after`. */
export function pager(
  address: string,
  query: Record<string, string | undefined>,
  page: { next?: string },
  after: string | undefined,
): Markup {
  const link = (more: Record<string, string>) => {
    const all = Object.entries({ ...query, ...more }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return all.length === 0 ? address : `${address}?${new URLSearchParams(all)}`;
  };
  if (after === undefined && page.next === undefined) return html``;
  return html`<nav class="pager" aria-label="${TEXTS.pages}">${after === undefined ? '' : html`<a href="${link({})}">${TEXTS.first}</a>`}${
    page.next === undefined ? '' : html`<a class="button" href="${link({ after: page.next })}">${TEXTS.next}</a>`
  }</nav>`;
}

/** What a list shows when it is empty. */
export const empty = (title: string, hint: string): Markup =>
  html`<div class="empty"><h2>${title}</h2><p>${hint}</p></div>`;
