import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { unguessable } from '../../jws.ts';
import { secondOwner, secondServer } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-1.3-05', 'ATK-13', 'ATK-14', 'ATK-15'],
  title: 'a PAT reaches the resources of its owner and its resource server, on no verb any other',
  profile: 'security',
  sends:
    'Read, update, delete and permission on one resource with the PAT of another owner, of another resource server, and of both.',
  expects:
    '404 (400 invalid_resource_id at the permission endpoint), the same answer as for an id that never was; the resource unharmed.',
  needs: [secondOwner, secondServer],
  async run(t: Probe) {
    const untouched = `untouched ${unguessable(8)}`;
    const resource = await t.resource({ description: { name: untouched } });
    const [scope] = resource.scopes;
    const strangers: [string, string][] = [
      ["another owner's PAT", await t.pat(1, 0)],
      ["another resource server's PAT", await t.pat(0, 1)],
      ['the PAT of another owner at another resource server', await t.pat(1, 1)],
    ];
    for (const [whose, pat] of strangers) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const body = method === 'PUT' ? { resource_scopes: ['taken_over'] } : undefined;
        const foreign = await t.protection(method, t.resourceUrl(resource.id), pat, body);
        t.expect(
          ['FED-1.3-05', 'ATK-14'],
          [403, 404].includes(foreign.status),
          `${method} with ${whose} got ${foreign.status}`,
        );
        const unknown = await t.protection(method, t.resourceUrl('b3f1c2d4e5a69788'), pat, body);
        const strip = (text: string, id: string) => text.replaceAll(id, '');
        t.expect(
          'ATK-15',
          foreign.status === unknown.status &&
            strip(foreign.response.body, resource.id) === strip(unknown.response.body, 'b3f1c2d4e5a69788'),
          `${method} with ${whose} tells a foreign id from an unknown one`,
          [foreign, unknown],
        );
      }
      const list = await t.protection('GET', t.resourceUrl(), pat);
      const listed = Array.isArray(list.value) && list.value.includes(resource.id);
      t.expect('FED-1.3-05', !listed, `the list with ${whose} shows the resource`);
      for (const body of [
        { resource_id: resource.id, resource_scopes: [scope] },
        [{ resource_id: resource.id, resource_scopes: [] }],
      ]) {
        const asked = await t.askTicket(body, pat);
        t.expect(
          ['FED-1.3-05', 'ATK-13'],
          asked.status === 400 && asked.json.error === 'invalid_resource_id' && asked.json.ticket === undefined,
          `a permission request with ${whose} got ${said(asked)}`,
        );
      }
    }
    const after = await t.protection('GET', t.resourceUrl(resource.id), await t.pat());
    t.expect(
      ['FED-1.3-05', 'ATK-14'],
      after.status === 200 && after.json.name === untouched,
      'a refused update or delete had an effect',
    );
  },
};
