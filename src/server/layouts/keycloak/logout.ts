/**
 * Sign-out in a browser (OpenID Connect RP-Initiated Logout 1.0): ends the sign-in at this server and what clients got by it, and goes
 * back to an address of the client's. Without an ID Token of whoever is signed in, a page asks first: anybody can send a browser here.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { KEYCLOAK_PATHS } from '../../../wire/keycloak.ts';
import { keyOf } from '../../authorization/secrets.ts';
import { hidden } from '../../console/frame.ts';
import { alert, html, type Markup } from '../../console/markup.ts';
import { PAGE_HEADERS, page } from '../../console/page.ts';
import { TEXTS } from '../../console/texts.ts';
import type { BrowserSession } from '../../oauth/browser-session.ts';
import { fits } from './redirects.ts';
import type { ProtectionDeps } from './resources.ts';

const WORDS = TEXTS.logout;

type SignOut = (form: URLSearchParams, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

export function signOut({ provider, sessions, stores, tokens, people, realm, issuer }: ProtectionDeps): SignOut {
  const base = new URL(issuer).pathname;
  const show = (reply: FastifyReply, title: string, body: Markup) =>
    reply.headers(PAGE_HEADERS).send(page(title, body, base));

  const refuse = (reply: FastifyReply, words: string) =>
    show(reply.code(400), TEXTS.errors.failed.title, html`${alert(words)}<p>${WORDS.mistake}</p>`);

  return async (form, request, reply) => {
    const member = (name: string) => form.get(name) || undefined;
    const twice = [...new Set(form.keys())].find((name) => form.getAll(name).length > 1);
    if (twice !== undefined) return refuse(reply, `Invalid parameter: ${twice}`);
    const hint = member('id_token_hint');
    // Also one that has ended (RP-Initiated Logout 2).
    const known = hint === undefined ? undefined : tokens.signed(hint);
    const named = known?.typ === 'ID' ? String(known.azp) : undefined;
    if (hint !== undefined && named === undefined) return refuse(reply, 'Invalid parameter: id_token_hint');
    if (named !== undefined && (member('client_id') ?? named) !== named)
      return refuse(reply, 'Invalid parameter: client_id');
    const client_id = named ?? member('client_id');
    const client = client_id === undefined ? undefined : await provider.Client.find(client_id);
    const to = member('post_logout_redirect_uri');
    if (to !== undefined && client === undefined) return refuse(reply, 'Missing parameters: id_token_hint');
    if (to !== undefined && !mayReturn(client!, to)) return refuse(reply, 'Invalid redirect uri');

    const session = await sessions.find(request);
    if (session !== undefined && known?.sub !== session.sub && member('csrf') !== csrfOf(session))
      return ask(reply, session, { client_id, post_logout_redirect_uri: to, state: member('state') });
    if (session !== undefined) await end(session, request, reply);
    if (to === undefined) return show(reply, WORDS.done, html`<p role="status">${WORDS.close}</p>`);
    const back = new URL(to);
    const state = member('state');
    if (state !== undefined) back.searchParams.set('state', state);
    return reply.code(302).headers({ location: back.href, 'cache-control': 'no-store' }).send();
  };

  /** The sign-in, and for every client that used it the tokens of this person. */
  async function end({ sub, grants }: BrowserSession, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    for (const [client_id, grant] of grants) {
      const filter = { client_id, party: { iss: issuer, sub } };
      await stores.artifacts.deleteByGrant(grant);
      await stores.refreshes.revoke(filter);
      await stores.rpts.revoke(filter);
    }
    await sessions.end(request, reply);
  }

  function mayReturn(client: { clientId: string; redirectUriAllowed(uri: string): boolean }, uri: string): boolean {
    const after = realm.clients.get(client.clientId)?.afterLogout;
    if (!URL.canParse(uri)) return false;
    if ((after === undefined || after.others) && client.redirectUriAllowed(uri)) return true;
    return after !== undefined && (after.whole.includes(uri) || after.beginnings.some((start) => fits(start, uri)));
  }

  function ask(
    reply: FastifyReply,
    session: BrowserSession,
    members: Record<string, string | undefined>,
  ): FastifyReply {
    const name = people.bySub(session.sub)?.name ?? people.bySub(session.sub)?.username ?? session.sub;
    const fields = Object.entries({ ...members, csrf: csrfOf(session) })
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .map(([field, value]) => hidden(field, value));
    const form = html`<form method="post" action="${base}${KEYCLOAK_PATHS.endSession}">${fields}<button type="submit">${WORDS.submit}</button></form>`;
    return show(reply, WORDS.title, html`<p>${WORDS.who(name)}</p>${form}`);
  }
}

/** Another site's form does not know it (SEC-9700-21). */
const csrfOf = ({ secret }: BrowserSession): string => keyOf(`logout ${secret}`);
