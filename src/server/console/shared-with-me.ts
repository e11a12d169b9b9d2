/** Shared with me: what others let the person use, and giving it up. */
import type { FastifyInstance } from 'fastify';
import { UmaError } from '../../protocol/errors.ts';
import type { SharedResource } from '../../protocol/owner.ts';
import { PATHS } from '../oauth/paths.ts';
import { type Desk, empty, type Form, face, given, moment, pager, type Query } from './desk.ts';
import { hidden, type Visit } from './frame.ts';
import { html, type Markup } from './markup.ts';
import { listed, TEXTS } from './texts.ts';

const WORDS = TEXTS.shared;
const PAGE_SIZE = 50;

export function sharedPages(app: FastifyInstance, desk: Desk): void {
  const { service, frame, now } = desk;
  const at = `${PATHS.console}/shared`;
  const schema = { hide: true };

  app.get<{ Querystring: Query }>(at, { schema }, async (request, reply) => {
    const { query, visit } = request;
    const after = given(query, 'after');
    const page = await service.sharedWith.list(visit.owner, { limit: PAGE_SIZE, after });
    const said = given(query, 'said');
    const notice =
      said === 'given' || said === 'none'
        ? { tone: said === 'given' ? ('good' as const) : ('warn' as const), words: html`${WORDS.said[said]}` }
        : undefined;
    const content = html`<h1>${WORDS.title}</h1><p class="lead">${WORDS.intro}</p>
${page.items.length === 0 && page.next === undefined ? empty(WORDS.none, WORDS.noneHint) : html`<ul class="cards">${page.items.map((item) => html`<li>${card(item, visit)}</li>`)}</ul>`}
${pager(`${frame.home}/shared`, {}, page, after)}`;
    return desk.show(request, reply, { title: WORDS.title, section: 'shared', notice, content });
  });

  app.post<{ Body: Form }>(`${at}/give-up`, { schema }, async ({ visit, body: form }, reply) => {
    try {
      await service.sharedWith.giveUp(visit.owner, form.resource ?? '');
    } catch (error) {
      if (error instanceof UmaError && error.code === 'not_found') return desk.go(reply, '/shared', { said: 'none' });
      throw error;
    }
    return desk.go(reply, '/shared', { said: 'given' });
  });

  function card(item: SharedResource, visit: Visit): Markup {
    const name = item.name ?? TEXTS.unnamed;
    const words = TEXTS.resources;
    const end = item.expires_at === undefined ? '' : html` · ${words.ends} ${moment(item.expires_at, now())}`;
    const conditions = [
      WORDS.from(item.owner_name ?? item.owner),
      words.at(desk.client(item.client_id)),
      ...(item.clients === undefined ? [] : [words.only(listed(item.clients.map(desk.client)))]),
      ...(item.needs_claims === undefined ? [] : [words.claims(listed(item.needs_claims))]),
      ...(item.via === 'party' ? [] : [WORDS.via[item.via]]),
    ].join(' · ');
    const out =
      item.via === 'party'
        ? html`<form method="post" action="${frame.home}/shared/give-up">${hidden('csrf', visit.csrf)}${hidden('resource', item.resource_id)}<button class="danger" type="submit">${WORDS.giveUp}<span class="sr"> ${name}</span></button></form>`
        : html`<p class="hint">${WORDS.viaHint}</p>`;
    return html`<article class="card"><div class="head">${face(name, 'square')}<div><h2><strong>${name}</strong></h2><p class="meta">${conditions}${end}</p></div></div>
<ul class="pills">${item.scopes.map((scope) => html`<li>${scope}</li>`)}</ul><div class="actions">${out}</div></article>`;
  }
}
