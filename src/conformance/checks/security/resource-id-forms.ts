import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-18'],
  title: 'resource_id is an id, never a name, a type or an expression',
  profile: 'security',
  sends:
    'Permission requests and reads with the name, the type, `type:...`, a prefix, a wildcard and a list of ids as resource_id.',
  expects: '400 invalid_resource_id each, 404 on read.',
  async run(t: Probe) {
    const name = `album ${Date.now()}`;
    const type = 'urn:example:conformance-type';
    const resource = await t.resource({ description: { name, type } });
    const pat = await t.pat();
    const forms = [
      name,
      type,
      `type:${type}`,
      `${resource.id.slice(0, -1)}*`,
      '*',
      `${resource.id},${resource.id}`,
      ` ${resource.id}`,
      `name:${name}`,
    ];
    for (const form of forms) {
      const asked = await t.askTicket({ resource_id: form, resource_scopes: resource.scopes.slice(0, 1) }, pat);
      t.expect(
        'ATK-18',
        asked.status === 400 && asked.json.error === 'invalid_resource_id',
        `a permission request for "${form.replace(resource.id, '{id}')}" got ${said(asked)}`,
      );
    }
    const read = await t.protection('GET', t.resourceUrl(name), pat);
    t.expect('ATK-18', read.status === 404, `reading by name got ${read.status}`);
  },
};
