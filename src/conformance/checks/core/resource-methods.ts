import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-3.2-08', 'FED-3.2-09'],
  title: 'a method that the registration endpoint does not have is 405',
  profile: 'core',
  sends: 'PATCH and POST of one resource, PUT and DELETE of the list.',
  expects: '405 with Allow, and unsupported_method_type if the body names an error.',
  async run(t: Probe) {
    const pat = await t.pat();
    const resource = await t.resource();
    const cases: [string, string][] = [
      ['PATCH', t.resourceUrl(resource.id)],
      ['POST', t.resourceUrl(resource.id)],
      ['PUT', t.resourceUrl()],
      ['DELETE', t.resourceUrl()],
    ];
    for (const [method, url] of cases) {
      const answer = await t.protection(method, url, pat, method === 'DELETE' ? undefined : { resource_scopes: [] });
      t.expect('FED-3.2-08', answer.status === 405, `${method} ${url} got ${answer.status}`);
      if (answer.status !== 405) continue;
      t.expect('FED-3.2-08', answer.headers.allow !== undefined, `the 405 of ${method} has no Allow`);
      const { error } = answer.json;
      t.expect(
        'FED-3.2-09',
        error === undefined || error === 'unsupported_method_type',
        `the 405 names ${String(error)}`,
      );
    }
  },
};
