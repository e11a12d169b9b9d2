/** The page behind `user_access_policy_uri` (FED-3.2-05): where an owner sets policy for a resource. */
import type { FastifyInstance } from 'fastify';
import { PATHS } from '../oauth/paths.ts';
import { PAGE_HEADERS, page, text } from './page.ts';

/** Says nothing of the resource, not even whether it exists: the commands it names ask for the owner's sign-in. */
export function resourcePage(app: FastifyInstance, base: string): void {
  app.get<{ Params: { id: string } }>(`${PATHS.resource_page}/:id`, { schema: { hide: true } }, (request, reply) => {
    // What a shell would read is left out, so that the lines can be copied.
    const id = text(request.params.id.replace(/[^\w-]/g, ''));
    const body = `<p>The owner of this resource decides with these commands:</p>
<pre>uma policy list --resource ${id}
uma policy add --resource ${id} --party NAME --scope SCOPE
uma request list
uma approve</pre>`;
    return reply.headers(PAGE_HEADERS).send(page('Who may use this resource', body, base));
  });
}
