import type { Check } from '../../check.ts';
import { unguessable } from '../../jws.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-3.2-06', 'FED-3.2-07'],
  title: 'a resource that is not there is 404 on every verb',
  profile: 'core',
  sends: 'GET, PUT and DELETE of a random id and of a deleted one.',
  expects: '404, and not_found if the body names an error.',
  async run(t: Probe) {
    const pat = await t.pat();
    const resource = await t.resource();
    await t.protection('DELETE', t.resourceUrl(resource.id), pat);
    for (const id of [unguessable(), resource.id]) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const body = method === 'PUT' ? { resource_scopes: t.config.scopes } : undefined;
        const answer = await t.protection(method, t.resourceUrl(id), pat, body);
        t.expect('FED-3.2-06', answer.status === 404, `${method} of an unknown id got ${answer.status}`);
        const { error } = answer.json;
        t.expect('FED-3.2-07', error === undefined || error === 'not_found', `the 404 names ${String(error)}`);
      }
    }
  },
};
