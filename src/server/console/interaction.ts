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
import { PAGE_HEADERS, page, text } from './page.ts';
import { signedIn } from './sign-in.ts';
import { STYLESHEET } from './style.ts';

const SCOPE_WORDS: Record<string, string> = {
  openid: 'know who you are',
  profile: 'see your name',
  email: 'see your e-mail address',
  groups: 'see your groups',
  offline_access: 'keep this access while you are away',
  uma_protection: 'register your resources here and have access to them checked',
  uma_owner: 'decide for you who may use your resources',
};

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
    const fault = error === undefined ? '' : `<p class="error" role="alert">${text(error)}</p>`;
    const buttons = (yes: string) =>
      `<button type="submit" name="action" value="continue">${yes}</button><button type="submit" name="action" value="cancel" formnovalidate>Cancel</button>`;
    if (details.prompt.name === 'consent') {
      const scopes = String(details.params.scope ?? '')
        .split(' ')
        .filter((scope) => scope !== '');
      const wishes = scopes.map((scope) => `<li>${text(SCOPE_WORDS[scope] ?? scope)}</li>`).join('');
      const body = `<p><strong>${text(client)}</strong> wants to:</p><ul>${wishes}</ul><form method="post">${buttons('Allow')}</form>`;
      return reply.headers(PAGE_HEADERS).send(page('Allow access?', body, base));
    }
    const body = `<p>to go on to <strong>${text(client)}</strong></p>${fault}<form method="post">
<label>User name <input name="username" autocomplete="username" required autofocus value="${text(username)}"></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
${buttons('Sign in')}</form>`;
    return reply.headers(PAGE_HEADERS).send(page('Sign in', body, base));
  }

  function gone(reply: FastifyReply): FastifyReply {
    const body =
      '<p>It was finished, took too long, or belongs to another browser. Start again where you came from.</p>';
    return reply
      .code(400)
      .headers(PAGE_HEADERS)
      .send(page('This sign-in is over', body, base));
  }
}
