/** Sign-in and consent (OpenID Connect Core 3.1.2): the pages behind oidc-provider's interactions. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import type { InteractionResults } from 'oidc-provider';
import { readFormBodies } from '../http/body.ts';
import type { Present } from '../http/host.ts';
import { isOutage } from '../http/refusal.ts';
import { PATHS } from '../oauth/paths.ts';
import type { People } from '../oauth/people.ts';
import { FORM_POST_SCRIPT } from './form-post.ts';
import { alert, html } from './markup.ts';
import { PAGE_HEADERS, page } from './page.ts';
import { choice, credentials, signedIn } from './sign-in.ts';
import { STYLESHEET } from './style.ts';
import { TEXTS } from './texts.ts';

export interface InteractionDeps {
  provider: Provider;
  people: People;
  present: Present;
  /** Path of the issuer. */
  base: string;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * The interaction is named by its cookie (HttpOnly, SameSite=Lax) and must be the one of the address: a foreign page knows
 * neither, so it can post nothing here.
 */
export function interactionPages(app: FastifyInstance, { provider, people, present, base }: InteractionDeps): void {
  readFormBodies(app);
  const schema = { hide: true };
  app.get(PATHS.stylesheet, { schema }, (_request, reply) =>
    reply.type('text/css').header('cache-control', 'max-age=3600').send(STYLESHEET),
  );
  app.get(PATHS.form_post_script, { schema }, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'max-age=3600').send(FORM_POST_SCRIPT),
  );

  app.get<{ Params: { uid: string } }>(`${PATHS.interaction}/:uid`, { schema }, async (request, reply) => {
    const details = await current(request);
    return details === undefined ? gone(reply) : show(reply, details, await describe(details));
  });

  app.post<{ Params: { uid: string }; Body: Record<string, string> | undefined }>(
    `${PATHS.interaction}/:uid`,
    { schema },
    async (request, reply) => {
      const details = await current(request);
      if (details === undefined) return gone(reply);
      const form = request.body ?? {};
      if (form.action === 'cancel')
        return finish(request, reply, { error: 'access_denied', error_description: 'the person said no' });
      if (details.prompt.name === 'consent')
        return finish(request, reply, { consent: { grantId: await consent(details) } });
      const person = await signedIn(people, request.ip, form);
      if ('fault' in person) {
        const { fault, status, headers } = person;
        return show(reply.code(status).headers(headers), details, await describe(details), fault, form.username);
      }
      await leave(details, person.sub);
      return finish(request, reply, { login: { accountId: person.sub } });
    },
  );

  async function current(request: FastifyRequest<{ Params: { uid: string } }>): Promise<Interaction | undefined> {
    present(request.raw, request.ip);
    try {
      const details = await provider.interactionDetails(request.raw, request.raw as never);
      return details.uid === request.params.uid ? details : undefined;
    } catch (error) {
      if (isOutage(error)) throw error;
      return undefined;
    }
  }

  /**
   * Somebody else who was signed in in this browser is not any more. The library would see to it by a page with a script in it, and by an
   * address of its own that is not served here.
   */
  async function leave(details: Interaction, sub: string): Promise<void> {
    const { session } = details;
    if (session === undefined || session.accountId === sub) return;
    await (await provider.Session.findByUid(session.uid))?.destroy();
    // Else the interaction is taken for one of another browser.
    delete details.session;
    await details.persist();
  }

  async function describe({ params }: Interaction): Promise<string> {
    const id = String(params.client_id);
    return (await provider.Client.find(id))?.clientName ?? id;
  }

  async function consent(details: Interaction): Promise<string> {
    const { grantId, prompt, session, params } = details;
    const grant =
      (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
      new provider.Grant({ accountId: session!.accountId, clientId: String(params.client_id) });
    const { missingOIDCScope, missingOIDCClaims } = prompt.details as { [name: string]: string[] | undefined };
    if (missingOIDCScope !== undefined) grant.addOIDCScope(missingOIDCScope.join(' '));
    if (missingOIDCClaims !== undefined) grant.addOIDCClaims(missingOIDCClaims);
    return grant.save();
  }

  async function finish(
    request: FastifyRequest,
    reply: FastifyReply,
    result: InteractionResults,
  ): Promise<FastifyReply> {
    const back = await provider.interactionResult(request.raw, reply.raw, result);
    // 303: the browser must not post the password once more (SEC-9700-20).
    return reply.code(303).header('cache-control', 'no-store').header('location', back).send();
  }

  function show(
    reply: FastifyReply,
    details: Interaction,
    client: string,
    error?: string,
    username = '',
  ): FastifyReply {
    if (details.prompt.name === 'consent') {
      const { title, wants, allow, scopes } = TEXTS.consent;
      const wishes = String(details.params.scope ?? '')
        .split(' ')
        .filter((scope) => scope !== '')
        .map((scope) => html`<li>${Object.hasOwn(scopes, scope) ? scopes[scope] : scope}</li>`);
      const body = html`<p>${wants(client)}</p><ul>${wishes}</ul><form method="post">${choice('continue', allow)}</form>`;
      return reply.headers(PAGE_HEADERS).send(page(title, body, base));
    }
    const { title, to, submit } = TEXTS.signIn;
    const body = html`<p>${to(client)}</p>${alert(error)}<form method="post">
${credentials(username)}
${choice('continue', submit)}</form>`;
    return reply.headers(PAGE_HEADERS).send(page(title, body, base));
  }

  function gone(reply: FastifyReply): FastifyReply {
    return reply
      .code(400)
      .headers(PAGE_HEADERS)
      .send(page(TEXTS.signIn.over, html`<p>${TEXTS.over}</p>`, base));
  }
}
