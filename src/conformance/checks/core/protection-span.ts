import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-3-01'],
  title: 'protection starts at registration and ends at deregistration',
  profile: 'core',
  sends: 'A permission request before, during and after a registration.',
  expects: '400 invalid_resource_id, 201, 400 invalid_resource_id.',
  async run(t: Probe) {
    const pat = await t.pat();
    const [scope] = t.config.scopes;
    const ask = (resource_id: string) => t.askTicket({ resource_id, resource_scopes: [scope] }, pat);
    const refused = (answer: { status: number; json: Record<string, unknown> }) =>
      answer.status === 400 && answer.json.error === 'invalid_resource_id';
    const before = await ask('not-registered-yet');
    t.expect('FED-3-01', refused(before), `before: ${said(before)}`);
    const resource = await t.resource();
    const during = await ask(resource.id);
    t.expect('FED-3-01', during.status === 201, `while registered: ${said(during)}`);
    await t.protection('DELETE', t.resourceUrl(resource.id), pat);
    const after = await ask(resource.id);
    t.expect('FED-3-01', refused(after), `after: ${said(after)}`);
  },
};
