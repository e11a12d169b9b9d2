/** Shares > Requests: who asks, for what; allow all or part of it, or deny. */
import type { FastifyInstance } from 'fastify';
import { UmaError } from '../../protocol/errors.ts';
import type { AccessRequest, RequestStatus } from '../../protocol/owner.ts';
import { PATHS } from '../oauth/paths.ts';
import {
  type Desk,
  durations,
  empty,
  endOf,
  type Form,
  face,
  given,
  moment,
  pager,
  type Query,
  ticked,
} from './desk.ts';
import { CLOCK, type ConsolePage, CROSS, hidden, TICK, type Visit } from './frame.ts';
import { html, type Markup } from './markup.ts';
import { listed, TEXTS } from './texts.ts';

const WORDS = TEXTS.requests;
const STATUSES = Object.keys(WORDS.status) as RequestStatus[];
const PAGE_SIZE = 20;

export function requestPages(app: FastifyInstance, desk: Desk): void {
  const { service, frame, now } = desk;
  const at = `${PATHS.console}/requests`;
  const schema = { hide: true };

  app.get<{ Querystring: Query }>(at, { schema }, async (request, reply) => {
    const { query, visit } = request;
    const asked = given(query, 'status');
    const status = STATUSES.find((item) => item === asked) ?? 'pending';
    const after = given(query, 'after');
    const page = await service.requests.list(visit.owner, { status }, { limit: PAGE_SIZE, after });
    const notice = await said(visit.owner, query);
    const content = html`<h1>${WORDS.title}</h1><p class="lead">${WORDS.intro}</p>
<ul class="tabs" aria-label="${WORDS.show}">${STATUSES.map((item) => tab(item, status))}</ul>
<div id="live" ${status === 'pending' && after === undefined ? LIVE(`${frame.home}/requests/waiting`) : ''}>${await cards(page.items, status, visit)}</div>
<p id="arrived" class="sr" role="status"></p>
${pager(`${frame.home}/requests`, { status: asked }, page, after)}`;
    return desk.show(request, reply, { title: WORDS.title, section: 'requests', notice, content });
  });

  /** The first page of what waits, without a frame: for the script, which asks again and again. */
  app.get(`${at}/waiting`, { schema, config: { fragment: true } }, async ({ visit }, reply) => {
    const page = await service.requests.list(visit.owner, { status: 'pending' }, { limit: PAGE_SIZE });
    const count = await desk.waiting(visit.owner);
    return reply
      .headers({ 'cache-control': 'no-store', 'x-waiting': count })
      .type('text/html; charset=utf-8')
      .send((await cards(page.items, 'pending', visit)).markup);
  });

  app.get<{ Params: { id: string } }>(`${at}/:id`, { schema }, async (request, reply) => {
    const { visit, params } = request;
    const found = await service.requests.get(visit.owner, params.id);
    const title = WORDS.detail;
    const content = html`<p><a href="${frame.home}/requests">${WORDS.back}</a></p><h1>${title}</h1>
<ul class="cards"><li>${await card(found, visit)}</li></ul>`;
    return desk.show(request, reply, { title, section: 'requests', content });
  });

  app.post<{ Params: { id: string }; Body: Form }>(`${at}/:id`, { schema }, async (request, reply) => {
    const { visit, params, body: form } = request;
    const { id } = params;
    const message = form.message?.trim() || undefined;
    const expected = STATUSES.find((item) => item === form.status) ?? 'pending';
    const wish = form.action === 'deny' ? 'denied' : 'approved';
    try {
      if (wish === 'denied') await service.requests.deny(visit.owner, id, { message });
      else {
        const scopes = ticked(form, 'scope:');
        // Boxes that stood there and none is ticked: an empty list would share the resource without a permission.
        if (scopes.length === 0 && form.whole === undefined) return desk.go(reply, '/requests', { said: 'nothing' });
        await service.requests.approve(visit.owner, id, {
          scopes,
          expires_at: endOf(form, now()),
          message,
          from: [expected],
        });
      }
    } catch (error) {
      // A second click, another tab, the way back: the decision stands already, and the list says which.
      if (!(error instanceof UmaError) || error.code !== 'conflict') throw error;
      const { status } = await service.requests.get(visit.owner, id);
      return desk.go(reply, '/requests', { said: status === wish ? wish : 'late', request: id });
    }
    return desk.go(reply, '/requests', { said: wish, request: id });
  });

  /** What the last decision has come to, read from the request as it is now. */
  async function said(owner: string, query: Query): Promise<ConsolePage['notice']> {
    const [words, id] = [given(query, 'said'), given(query, 'request')];
    if (words === 'nothing') return { tone: 'warn', words: html`${WORDS.nothingChosen}` };
    if (words === undefined || id === undefined) return undefined;
    const found = await service.requests.get(owner, id).catch(ifGone);
    if (found === undefined) return { tone: 'warn', words: html`${WORDS.notSeen}` };
    const [{ name: who }, what] = [await desk.party(found.party), nameOf(found)];
    if (words === 'late' || found.status === 'pending')
      return { tone: 'warn', words: WORDS.said.late(who, what, WORDS.status[found.status]) };
    if (found.status === 'denied') return { tone: 'good', words: WORDS.said.denied(who, what) };
    return { tone: 'good', words: WORDS.said.allowed(who, listed(found.granted_scopes ?? []), what) };
  }

  async function cards(items: readonly AccessRequest[], status: RequestStatus, visit: Visit): Promise<Markup> {
    if (items.length === 0) return empty(WORDS.none[status], WORDS.noneHint);
    const shown = items.map(async (item) => html`<li data-id="${item.id}">${await card(item, visit)}</li>`);
    return html`<ul class="cards">${await Promise.all(shown)}</ul>`;
  }

  async function card(item: AccessRequest, visit: Visit): Promise<Markup> {
    const who = await desk.party(item.party);
    const what = nameOf(item);
    const meta = [
      html`${who.detail}`,
      html`${WORDS.through(item.client_name ?? item.client_id)}`,
      html`${WORDS.asked} ${moment(item.created_at, now())}`,
    ].map((part, index) => html`${index === 0 ? '' : ' · '}${part}`);
    return html`<article class="card" aria-labelledby="t-${item.id}">
<div class="head">${face(who.name)}<div><h2 id="t-${item.id}">${WORDS.asks(who.name, what)}</h2><p class="meta">${meta}</p></div>${item.status === 'pending' ? '' : statusOf(item.status)}</div>
${who.warning === undefined ? '' : html`<p class="notice warn"><span>${who.warning}</span></p>`}
${item.status === 'pending' ? decision(item, visit, `${who.name}: ${what}`) : outcome(item, visit, `${who.name}: ${what}`)}
</article>`;
  }

  function decision(item: AccessRequest, visit: Visit, whose: string): Markup {
    const boxes =
      item.scopes.length === 0
        ? html`<p>${WORDS.noScopes}</p>${hidden('whole', 'yes')}`
        : html`<fieldset><legend>${WORDS.may}</legend><div class="choices">${item.scopes.map(
            (scope) =>
              html`<label class="choice"><input type="checkbox" name="scope:${scope}" value="yes" checked>${scope}</label>`,
          )}</div></fieldset>`;
    return html`<form method="post" action="${frame.home}/requests/${encodeURIComponent(item.id)}">${hidden('csrf', visit.csrf)}${hidden('status', item.status)}
${boxes}
<details><summary>${WORDS.more}</summary><div class="fields">${durations()}<label>${WORDS.message} <span class="hint">${WORDS.messageHint}</span><textarea name="message" rows="2" maxlength="2000"></textarea></label></div></details>
<div class="actions"><button class="primary" type="submit" name="action" value="allow">${TICK}${WORDS.allow}<span class="sr"> ${whose}</span></button>
<button class="danger" type="submit" name="action" value="deny">${CROSS}${WORDS.deny}<span class="sr"> ${whose}</span></button></div></form>`;
  }

  function outcome(item: AccessRequest, visit: Visit, whose: string): Markup {
    const pills = (scopes: readonly string[]) =>
      html`<ul class="pills">${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>`;
    const facts = html`<dl class="facts"><dt>${WORDS.wanted}</dt><dd>${pills(item.scopes)}</dd>
${item.granted_scopes === undefined ? '' : html`<dt>${WORDS.given}</dt><dd>${pills(item.granted_scopes)}</dd>`}
${item.decided_at === undefined ? '' : html`<dt>${WORDS.decided}</dt><dd>${moment(item.decided_at, now())}</dd>`}
${item.message === undefined ? '' : html`<dt>${WORDS.message}</dt><dd>${item.message}</dd>`}</dl>`;
    const link = html`<a class="button" href="${frame.home}/resources/${encodeURIComponent(item.resource_id)}">${WORDS.manage}</a>`;
    if (item.status === 'approved') return html`${facts}<div class="actions">${link}</div>`;
    const scopes = item.scopes.map((scope) => hidden(`scope:${scope}`, 'yes'));
    return html`${facts}<form class="actions" method="post" action="${frame.home}/requests/${encodeURIComponent(item.id)}">${hidden('csrf', visit.csrf)}${hidden('status', item.status)}${scopes}${hidden('whole', 'yes')}
<button type="submit" name="action" value="allow">${TICK}${WORDS.allow}<span class="sr"> ${whose}</span></button>${link}</form>`;
  }

  function tab(item: RequestStatus, current: RequestStatus): Markup {
    const address = frame.home + (item === 'pending' ? '/requests' : `/requests?status=${item}`);
    return html`<li><a href="${address}"${item === current ? CURRENT : ''}>${WORDS.status[item]}</a></li>`;
  }
}

const CURRENT: Markup = { markup: ' aria-current="true"' };
const LIVE = (address: string): Markup => html`data-live="${address}"`;
const nameOf = ({ resource_name }: AccessRequest): string => resource_name ?? TEXTS.unnamed;

const STATUS_LOOK: Record<RequestStatus, { tone: string; icon: Markup }> = {
  pending: { tone: 'wait', icon: CLOCK },
  approved: { tone: 'good', icon: TICK },
  denied: { tone: 'bad', icon: CROSS },
};
const statusOf = (status: RequestStatus): Markup =>
  html`<span class="status ${STATUS_LOOK[status].tone}">${STATUS_LOOK[status].icon}${WORDS.status[status]}</span>`;

const ifGone = (error: unknown): undefined => {
  if (error instanceof UmaError && error.code === 'not_found') return undefined;
  throw error;
};
