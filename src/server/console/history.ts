/** History: what happened to the owner's resources, by kind, by person, by resource. */
import type { FastifyInstance } from 'fastify';
import { HISTORY_TYPES, type HistoryEntry } from '../../protocol/owner.ts';
import { PATHS } from '../oauth/paths.ts';
import { type Desk, empty, given, moment, pager, type Query } from './desk.ts';
import { html, type Markup } from './markup.ts';
import { HISTORY_WORDS, TEXTS } from './texts.ts';

const WORDS = TEXTS.history;
const PAGE_SIZE = 50;

export function historyPages(app: FastifyInstance, desk: Desk): void {
  const { service, frame, now } = desk;
  const home = `${frame.home}/history`;

  app.get<{ Querystring: Query }>(`${PATHS.console}/history`, { schema: { hide: true } }, async (request, reply) => {
    const { query, visit } = request;
    const [asked, username, resource_id, after] = ['type', 'by', 'resource', 'after'].map((name) => given(query, name));
    const type = HISTORY_TYPES.find((item) => item === asked);
    const party = username === undefined ? undefined : service.person(username.trim());
    const unknown = username !== undefined && party === undefined;
    const page = unknown
      ? { items: [] }
      : await service.history(visit.owner, { type, resource_id, party }, { limit: PAGE_SIZE, after });
    const filtered = type !== undefined || username !== undefined || resource_id !== undefined;
    const entries = await Promise.all(page.items.map(line));
    const content = html`<h1>${WORDS.title}</h1><p class="lead">${WORDS.intro}</p>
<form class="filter" method="get" action="${home}"><label>${WORDS.type}<select name="type"><option value="">${WORDS.all}</option>${HISTORY_TYPES.map(
      (item) => html`<option value="${item}"${item === type ? SELECTED : ''}>${HISTORY_WORDS[item].kind}</option>`,
    )}</select></label>
<label>${WORDS.by} <span class="hint">${WORDS.byHint}</span><input name="by" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="200" value="${username ?? ''}"></label>
${resource_id === undefined ? '' : html`<input type="hidden" name="resource" value="${resource_id}">`}
<button type="submit">${WORDS.filter}</button>${filtered ? html`<a class="button" href="${home}">${WORDS.clear}</a>` : ''}</form>
${unknown ? html`<p class="error" role="alert">${WORDS.unknown(username)}</p>` : ''}
${entries.length > 0 ? html`<ul class="log">${entries}</ul>` : filtered ? empty(WORDS.noneMatching, WORDS.noneMatchingHint) : empty(WORDS.none, WORDS.noneHint)}
${pager(home, { type: asked, by: username, resource: resource_id }, page, after)}`;
    return desk.show(request, reply, { title: WORDS.title, section: 'history', content });
  });

  async function line(entry: HistoryEntry): Promise<Markup> {
    const { kind, tells } = HISTORY_WORDS[entry.type];
    const told = {
      who: entry.party === undefined ? '' : (await desk.party(entry.party)).name,
      what: entry.resource_name ?? (entry.resource_id === undefined ? TEXTS.unnamed : TEXTS.gone),
      scopes: entry.scopes ?? [],
      through: entry.client_id === undefined ? '' : desk.client(entry.client_id),
    };
    return html`<li>${moment(entry.at, now())}<span>${tells(told)}</span><span class="status ${TONES[entry.type] ?? 'off'}">${kind}</span></li>`;
  }
}

const SELECTED: Markup = { markup: ' selected' };
const TONES: Partial<Record<HistoryEntry['type'], string>> = {
  request_submitted: 'wait',
  request_approved: 'good',
  policy_created: 'good',
  request_denied: 'bad',
  access_revoked: 'bad',
  policy_deleted: 'bad',
};
