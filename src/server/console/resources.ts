/** Resources: what is the owner's, whom each is shared with, until when; share it, change the end, stop. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UmaError } from '../../protocol/errors.ts';
import type { OwnedResource, Party, Policy } from '../../protocol/owner.ts';
import { newId } from '../authorization/secrets.ts';
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
import { ALERT, CLOCK, type ConsolePage, CROSS, hidden, TICK, type Visit } from './frame.ts';
import { html, type Markup } from './markup.ts';
import { listed, TEXTS } from './texts.ts';

const WORDS = TEXTS.resources;
const PAGE_SIZE = 20;
/** How many of those it is shared with a list names. */
const NAMED = 3;

type Id = { Params: { id: string } };
type Posted = Id & { Body: Form };

export function resourcePages(app: FastifyInstance, desk: Desk): void {
  const { service, frame, now } = desk;
  const home = `${frame.home}/resources`;
  const addressOf = (id: string) => `${home}/${encodeURIComponent(id)}`;
  const schema = { hide: true };

  app.get<{ Querystring: Query }>(PATHS.resource_page, { schema }, async (request, reply) => {
    const after = given(request.query, 'after');
    const page = await service.resources(request.visit.owner, { limit: PAGE_SIZE, after });
    const items = await Promise.all(page.items.map((item) => listItem(item, request.visit.owner)));
    const content = html`<h1>${WORDS.title}</h1><p class="lead">${WORDS.intro}</p>
${items.length === 0 ? empty(WORDS.none, WORDS.noneHint) : html`<ul class="cards">${items}</ul>`}
${pager(home, {}, page, after)}`;
    return desk.show(request, reply, { title: WORDS.title, section: 'resources', content });
  });

  app.get<Id & { Querystring: Query }>(`${PATHS.resource_page}/:id`, { schema }, async (request, reply) => {
    const said = given(request.query, 'said');
    const words = said !== undefined && Object.hasOwn(WORDS.said, said) ? (said as keyof typeof WORDS.said) : undefined;
    const quiet = words === 'already' || words === 'none';
    return show(request, reply, words && { tone: quiet ? 'warn' : 'good', words: html`${WORDS.said[words]}` });
  });

  app.post<Posted>(`${PATHS.resource_page}/:id/share`, { schema }, async (request, reply) => {
    const { visit, params, body: form } = request;
    const resource = await service.resource(visit.owner, params.id);
    const username = (form.username ?? '').trim().normalize('NFC');
    const party = service.person(username);
    const fault =
      party === undefined
        ? WORDS.unknown(username)
        : party.sub === visit.owner
          ? WORDS.yourself
          : ticked(form, 'scope:').length === 0 && resource.resource_scopes.length > 0
            ? TEXTS.requests.nothingChosen
            : undefined;
    if (party === undefined || fault !== undefined) return show(request, reply.code(400), undefined, fault, form);
    const { name, warning } = await desk.party(party);
    if (warning !== undefined && form.sure !== 'yes')
      return desk.show(request, reply, {
        title: WORDS.sure,
        section: 'resources',
        content: sure(resource, visit, form, name, warning),
      });
    const said = await shareOnce(visit.owner, resource, party, form);
    return desk.go(reply, pathOf(params.id), { said });
  });

  app.post<Posted>(`${PATHS.resource_page}/:id/change`, { schema }, async ({ visit, params, body: form }, reply) => {
    const policy = await policyOf(visit.owner, params.id, form.policy);
    if (policy === undefined) return desk.go(reply, pathOf(params.id), { said: 'none' });
    const { id, created_at: _made, updated_at: _changed, expires_at: _before, ...description } = policy;
    const expires_at = endOf(form, now());
    await service.policies.update(visit.owner, id, {
      ...description,
      ...(expires_at === undefined ? {} : { expires_at }),
    });
    return desk.go(reply, pathOf(params.id), { said: 'changed' });
  });

  app.post<Posted>(`${PATHS.resource_page}/:id/stop`, { schema }, async ({ visit, params, body: form }, reply) => {
    const policy = await policyOf(visit.owner, params.id, form.policy);
    if (policy !== undefined) await service.policies.delete(visit.owner, policy.id);
    return desk.go(reply, pathOf(params.id), { said: policy === undefined ? 'none' : 'stopped' });
  });

  app.post<Posted>(`${PATHS.resource_page}/:id/stop-all`, { schema }, async ({ visit, params }, reply) => {
    await service.revoke(visit.owner, { resource_id: params.id });
    return desk.go(reply, pathOf(params.id), { said: 'all' });
  });

  const pathOf = (id: string) => `/resources/${encodeURIComponent(id)}`;

  /** Undefined when it has ended: by another tab, a second click, or time. */
  async function policyOf(owner: string, resource_id: string, id = ''): Promise<Policy | undefined> {
    const policy = await service.policies.get(owner, id).catch((error: unknown) => {
      if (error instanceof UmaError && error.code === 'not_found') return undefined;
      throw error;
    });
    return policy?.resource_id === resource_id ? policy : undefined;
  }

  /** The id of the new policy stands in the form: the same form sent again makes no second one. */
  async function shareOnce(
    owner: string,
    resource: OwnedResource,
    party: Party,
    form: Form,
  ): Promise<'shared' | 'already'> {
    const expires_at = endOf(form, now());
    const id = /^[\w-]{22}$/.test(form.id ?? '') ? form.id : undefined;
    try {
      const description = {
        resource_id: resource._id,
        effect: 'allow' as const,
        subject: { party },
        scopes: ticked(form, 'scope:'),
        ...(form.client ? { clients: [form.client] } : {}),
        ...(expires_at === undefined ? {} : { expires_at }),
      };
      await service.policies.create(owner, description, id);
      return 'shared';
    } catch (error) {
      if (error instanceof UmaError && error.code === 'conflict') return 'already';
      throw error;
    }
  }

  async function show(
    request: FastifyRequest<Id>,
    reply: FastifyReply,
    notice: ConsolePage['notice'],
    fault?: string,
    form: Form = {},
  ): Promise<FastifyReply> {
    const { visit, params } = request;
    const after = given(request.query as Query, 'after');
    const resource = await service.resource(visit.owner, params.id);
    const page = await service.policies.list(visit.owner, { resource_id: params.id }, { limit: PAGE_SIZE, after });
    const shares = await Promise.all(page.items.map((policy) => shareCard(resource, policy, visit)));
    const title = nameOf(resource);
    const content = html`<p><a href="${home}">${WORDS.back}</a></p>
<div class="head">${face(title, 'square')}<div><h1>${title}</h1><p class="meta">${facts(resource)}</p></div></div>
${resource.description === undefined ? '' : html`<p>${resource.description}</p>`}
${resource.resource_scopes.length === 0 ? '' : html`<ul class="pills" aria-label="${WORDS.permissions}">${resource.resource_scopes.map((scope) => html`<li>${scope}</li>`)}</ul>`}
<section class="section" aria-labelledby="who"><h2 id="who">${WORDS.who}</h2>
${shares.length === 0 ? empty(WORDS.nobody, WORDS.nobodyHint) : html`<ul class="cards">${shares}</ul>`}
${pager(addressOf(params.id), {}, page, after)}</section>
<section class="section" aria-labelledby="share"><h2 id="share">${WORDS.share}</h2>${shareForm(resource, visit, fault, form)}</section>
${
  shares.length === 0
    ? ''
    : html`<section class="section"><details><summary>${WORDS.stopAll}</summary><p>${WORDS.stopAllHint}</p>
<form method="post" action="${addressOf(params.id)}/stop-all">${hidden('csrf', visit.csrf)}<button class="danger" type="submit">${WORDS.stopAllYes}</button></form></details></section>`
}`;
    return desk.show(request, reply, { title, section: 'resources', notice, content });
  }

  function facts(resource: OwnedResource): Markup {
    return html`${resource.type === undefined ? '' : `${resource.type} · `}${WORDS.at(desk.client(resource.client_id))} · ${WORDS.since} ${moment(resource.created_at, now())}`;
  }

  async function listItem(resource: OwnedResource, owner: string): Promise<Markup> {
    const { items, next } = await service.policies.list(owner, { resource_id: resource._id }, { limit: PAGE_SIZE });
    const live = items.filter((policy) => policy.effect === 'allow' && !isOver(policy));
    const names = await Promise.all(live.slice(0, NAMED).map(async (policy) => (await subject(policy)).name));
    const more = live.length - names.length;
    const people = listed(more > 0 ? [...names, WORDS.othersToo(`${more}${next === undefined ? '' : '+'}`)] : names);
    const title = nameOf(resource);
    return html`<li><article class="card"><div class="head">${face(title, 'square')}<div><h2><a href="${addressOf(resource._id)}">${title}</a></h2>
<p class="meta">${facts(resource)}</p></div>
<span class="status ${live.length === 0 ? 'off' : 'good'}">${live.length === 0 ? WORDS.private : WORDS.sharedWith(people)}</span></div></article></li>`;
  }

  const isOver = ({ expires_at }: Policy): boolean => expires_at !== undefined && expires_at <= now();

  async function subject({
    subject: about,
  }: Policy): Promise<{ name: string; detail: string; warning?: Markup | undefined }> {
    if ('party' in about) return desk.party(about.party);
    if ('email' in about) return { name: about.email, detail: WORDS.emailHint };
    if ('group' in about) return { name: WORDS.group(about.group), detail: WORDS.groupHint };
    return { name: WORDS.anyone, detail: WORDS.anyoneHint };
  }

  async function shareCard(resource: OwnedResource, policy: Policy, visit: Visit): Promise<Markup> {
    const { name, detail, warning } = await subject(policy);
    const action = addressOf(resource._id);
    const inForm = html`${hidden('csrf', visit.csrf)}${hidden('policy', policy.id)}`;
    const allows = policy.effect === 'allow';
    const conditions = [
      detail,
      ...(policy.clients === undefined ? [] : [WORDS.only(listed(policy.clients.map(desk.client)))]),
      ...(policy.claims === undefined
        ? []
        : [WORDS.claims(listed(policy.claims.map((claim) => claim.friendly_name ?? claim.name)))]),
    ].join(' · ');
    const end =
      policy.expires_at === undefined
        ? html`${WORDS.noEnd}`
        : html`${isOver(policy) ? WORDS.ended : WORDS.ends} ${moment(policy.expires_at, now())}`;
    const [tone, icon, word] = isOver(policy)
      ? ['off', CLOCK, WORDS.ended]
      : allows
        ? ['good', TICK, WORDS.allowed]
        : ['bad', CROSS, WORDS.blocked];
    return html`<li><article class="card"><div class="head">${face(name)}<div><h3>${name}</h3><p class="meta">${conditions} · ${end}</p></div><span class="status ${tone}">${icon}${word}</span></div>
${warning === undefined ? '' : html`<p class="notice warn">${ALERT}<span>${warning}</span></p>`}
<ul class="pills">${(policy.scopes ?? [WORDS.everything]).map((scope) => html`<li>${scope}</li>`)}</ul>
<div class="actions"><form method="post" action="${action}/stop">${inForm}<button class="danger" type="submit">${allows ? WORDS.stop : WORDS.unblock}<span class="sr"> ${name}</span></button></form>
<details><summary>${WORDS.change}<span class="sr"> ${name}</span></summary><form method="post" action="${action}/change">${inForm}<p class="hint">${WORDS.changeHint}</p><div class="fields">${durations()}</div><button type="submit">${WORDS.save}<span class="sr"> ${name}</span></button></form></details></div></article></li>`;
  }

  function shareForm(resource: OwnedResource, visit: Visit, fault: string | undefined, form: Form): Markup {
    const error = fault === undefined ? '' : html`<p class="error" id="fault" role="alert">${fault}</p>`;
    const boxes = resource.resource_scopes.map(
      (scope) =>
        html`<label class="choice"><input type="checkbox" name="scope:${scope}" value="yes"${`scope:${scope}` in form ? CHECKED : ''}>${scope}</label>`,
    );
    return html`<form class="card form" method="post" action="${addressOf(resource._id)}/share">${hidden('csrf', visit.csrf)}${hidden('id', newId())}${error}
<div class="fields"><label>${WORDS.username}<input name="username" required autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="200" value="${form.username ?? ''}" aria-describedby="username-hint${fault === undefined ? '' : ' fault'}"><span class="hint" id="username-hint">${WORDS.usernameHint}</span></label>
${durations()}
<label>${WORDS.through}<select name="client"><option value="">${WORDS.any}</option>${desk.clients.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}</select></label></div>
${boxes.length === 0 ? '' : html`<fieldset><legend>${WORDS.may}</legend><div class="choices">${boxes}</div></fieldset>`}
<div class="actions"><button class="primary" type="submit">${WORDS.give}</button></div></form>`;
  }

  /** Asked once more, with both names, where one can be taken for another. */
  function sure(resource: OwnedResource, visit: Visit, form: Form, who: string, warning: Markup): Markup {
    const again = Object.entries(form).flatMap(([name, value]) => (name === 'csrf' ? [] : [hidden(name, value)]));
    return html`<h1>${WORDS.sure}</h1><p class="notice warn">${ALERT}<span>${warning}</span></p>
<form class="actions" method="post" action="${addressOf(resource._id)}/share">${hidden('csrf', visit.csrf)}${again}${hidden('sure', 'yes')}
<button class="primary" type="submit">${WORDS.sureYes(`${who} (${form.username?.trim() ?? ''})`)}</button><a class="button" href="${addressOf(resource._id)}">${WORDS.cancel}</a></form>`;
  }
}

const CHECKED: Markup = { markup: ' checked' };
const nameOf = ({ name }: OwnedResource): string => name ?? TEXTS.unnamed;
