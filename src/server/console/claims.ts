/**
 * The claims interaction endpoint (UMA Grant 3.3.2, 3.3.3): the requesting party signs in, sees who asks for what, gives the claims
 * that policies ask for, and is sent back with a new ticket. Rules: authorization/claims-interaction.ts.
 */
import cookies from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type ClaimsClient,
  type ClaimsInteraction,
  type ClaimsInteractions,
  type InteractionParams,
  type InteractionView,
  returnAddress,
} from '../authorization/claims-interaction.ts';
import { keyOf } from '../authorization/secrets.ts';
import { readFormBodies } from '../http/body.ts';
import { cookieNames } from '../oauth/browser-session.ts';
import { PATHS } from '../oauth/paths.ts';
import type { People } from '../oauth/people.ts';
import { hidden } from './frame.ts';
import { alert, html, type Markup } from './markup.ts';
import { PAGE_HEADERS, page } from './page.ts';
import { choice, credentials, signedIn } from './sign-in.ts';
import { TEXTS } from './texts.ts';

export interface ClaimsPagesDeps {
  issuer: string;
  interactions: ClaimsInteractions;
  people: People;
  /** Undefined for an unknown client. */
  findClient(id: string): Promise<ClaimsClient | undefined>;
  now: () => number;
}

type Query = Record<string, string | string[] | undefined>;
type Form = Record<string, string>;

const WORDS = TEXTS.claims;

export async function claimsPages(app: FastifyInstance, deps: ClaimsPagesDeps): Promise<void> {
  const { issuer, interactions, people, findClient, now } = deps;
  const { pathname, protocol } = new URL(issuer);
  const base = pathname.replace(/\/$/, '');
  const pages = `${base}${PATHS.claims_interaction}`;
  const cookie = cookieNames(issuer).claims;
  // A browser forgets a cookie with a prefix only where it is told so over TLS, as it was to set it.
  const flags = { path: pages, httpOnly: true, sameSite: 'lax', secure: protocol === 'https:' } as const;
  const schema = { hide: true };
  await app.register(cookies);
  readFormBodies(app);

  app.get<{ Querystring: Query }>(PATHS.claims_interaction, { schema }, async ({ query }, reply) => {
    const repeated = Object.entries(query).find(([, value]) => Array.isArray(value));
    const given = query as Form;
    const client = typeof query.client_id === 'string' ? await findClient(query.client_id) : undefined;
    if (client === undefined) return refuse(reply, WORDS.unknownClient, 'client_id');
    const target = interactions.redirectUri(client, query.claims_redirect_uri?.toString());
    if ('fault' in target) return refuse(reply, WORDS.foreignAddress, target.fault);
    const opened =
      repeated === undefined
        ? await interactions.open(client, target.uri, given as InteractionParams, now())
        : { error: 'invalid_request', error_description: `the parameter "${repeated[0]}" appears more than once` };
    if ('error' in opened) {
      const state = typeof query.state === 'string' ? query.state : undefined;
      return redirect(reply, returnAddress(issuer, { redirect_uri: target.uri, state }, opened));
    }
    reply.setCookie(cookie, opened.id, flags);
    // The ticket is spent, but it stands in the address: what the browser shows and remembers from here on has none.
    return redirect(reply, `${pages}/${nameOf(opened.id)}`);
  });

  app.get<{ Params: { name: string } }>(`${PATHS.claims_interaction}/:name`, { schema }, async (request, reply) => {
    const found = await current(request);
    return found === undefined ? over(reply) : show(reply, found);
  });

  app.post<{ Params: { name: string }; Body: Form | undefined }>(
    `${PATHS.claims_interaction}/:name`,
    { schema },
    async (request, reply) => {
      const found = await current(request);
      const form = request.body ?? {};
      // GRANT-5.1-01: a foreign page knows neither the cookie nor the token that goes with it.
      if (found === undefined || form.csrf !== csrfOf(found.id)) return over(reply);
      const { id, interaction } = found;
      if (form.action === 'cancel') return finish(reply, id, interaction, { agreed: false });
      if (interaction.sub === undefined) {
        const person = await signedIn(people, request.ip, form);
        if ('fault' in person) {
          const { fault, status, headers } = person;
          return show(reply.code(status).headers(headers), found, fault, form.username);
        }
        await interactions.signedIn(id, interaction, person.sub, now());
        return redirect(reply, `${pages}/${nameOf(id)}`);
      }
      if (form.action !== 'agree') return show(reply.code(400), found, WORDS.choose);
      const typed = Object.fromEntries(
        Object.entries(form).flatMap(([name, value]) => (name.startsWith('claim:') ? [[name.slice(6), value]] : [])),
      );
      return finish(reply, id, interaction, { agreed: true, persist: form.persist === 'yes', typed });
    },
  );

  /** The interaction of this browser, if it is the one of the address. */
  async function current(
    request: FastifyRequest<{ Params: { name: string } }>,
  ): Promise<{ id: string; interaction: ClaimsInteraction } | undefined> {
    const id = request.cookies[cookie];
    if (id === undefined || nameOf(id) !== request.params.name) return undefined;
    const interaction = await interactions.find(id, now());
    return interaction === undefined ? undefined : { id, interaction };
  }

  async function finish(
    reply: FastifyReply,
    id: string,
    interaction: ClaimsInteraction,
    answer: Parameters<ClaimsInteractions['finish']>[2],
  ): Promise<FastifyReply> {
    const address = await interactions.finish(id, interaction, answer, now());
    if (address === undefined) return over(reply);
    reply.clearCookie(cookie, flags);
    return redirect(reply, address);
  }

  async function show(
    reply: FastifyReply,
    { id, interaction }: { id: string; interaction: ClaimsInteraction },
    fault?: string,
    username = '',
  ): Promise<FastifyReply> {
    const view = await interactions.view(interaction, now());
    const { sub } = interaction;
    const body = html`${whatFor(view)}${alert(fault)}<form method="post">${hidden('csrf', csrfOf(id))}${
      sub === undefined
        ? html`${credentials(username)}
${choice('sign-in', TEXTS.signIn.submit)}`
        : consent(view, people.bySub(sub)?.name ?? sub)
    }</form>`;
    return reply.headers(PAGE_HEADERS).send(page(sub === undefined ? WORDS.who : WORDS.share, body, base));
  }

  function redirect(reply: FastifyReply, location: string): FastifyReply {
    // 303: the browser must not post a password once more (SEC-9700-20).
    const headers = { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
    return reply.code(303).headers(headers).send();
  }

  function refuse(reply: FastifyReply, words: string, detail: string): FastifyReply {
    const body = html`${alert(words)}<p>${WORDS.forDeveloper(detail)}</p>`;
    return reply
      .code(400)
      .headers(PAGE_HEADERS)
      .send(page(TEXTS.errors.failed.title, body, base));
  }

  function over(reply: FastifyReply): FastifyReply {
    const body = html`<p>${TEXTS.over}</p>`;
    return reply
      .code(400)
      .headers(PAGE_HEADERS)
      .send(page(WORDS.over, body, base));
  }
}

/** The public name of an interaction: what stands in the address. */
const nameOf = (id: string) => keyOf(`name ${id}`).slice(0, 22);
const csrfOf = (id: string) => keyOf(`csrf ${id}`);

function whatFor({ client, resource_server, owner, resources }: InteractionView): Markup {
  const items = resources.map(({ name, scopes }) => html`<li>${WORDS.item(name, scopes)}</li>`);
  return html`<p>${WORDS.asks(client, owner, resource_server)}</p><ul>${items}</ul>`;
}

function consent({ known, asked }: InteractionView, name: string): Markup {
  const told = known.map((claim) => html`<li>${WORDS.known(claim.name, shown(claim.value))}</li>`);
  const fields = asked.map(
    (claim) =>
      html`<label>${claim.friendly_name ?? claim.name} <input name="claim:${claim.name}" maxlength="200" required></label>
`,
  );
  return html`<p>${WORDS.used}</p><ul><li>${WORDS.you(name)}</li>${told}</ul>${fields}
<label><span><input type="checkbox" name="persist" value="yes"> ${WORDS.remember}</span></label>
${choice('agree', WORDS.agree)}`;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
