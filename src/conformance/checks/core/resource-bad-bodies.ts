import type { Check } from '../../check.ts';
import { unguessable } from '../../jws.ts';
import type { Probe } from '../../probe.ts';

const BODIES: readonly (readonly [what: string, body: string])[] = [
  ['no resource_scopes', '{"name":"x"}'],
  ['an empty object', '{}'],
  ['resource_scopes as a string', '{"resource_scopes":"view"}'],
  ['resource_scopes of numbers', '{"resource_scopes":[1,2]}'],
  ['a member named twice', '{"resource_scopes":["view"],"name":"a","name":"b"}'],
  ['truncated JSON', '{"resource_scopes":["view"]'],
  ['an array', '[{"resource_scopes":["view"]}]'],
  ['name as a number', '{"resource_scopes":["view"],"name":7}'],
  ['another case of the member', '{"Resource_Scopes":["view"]}'],
];

export const check: Check = {
  requirements: ['FED-3.2-10', 'FED-3.2-11', 'FED-6-01', 'GRANT-1.1-01'],
  title: 'a bad description is 400',
  profile: 'core',
  sends:
    'Create and update with a missing, mistyped or repeated member, broken JSON, a JSON array, another media type.',
  expects: '400 for each, and invalid_request if the body names an error.',
  async run(t: Probe) {
    const pat = await t.pat();
    const resource = await t.resource();
    for (const [method, url] of [
      ['POST', t.resourceUrl()],
      ['PUT', t.resourceUrl(resource.id)],
    ] as const) {
      for (const [what, body] of BODIES) {
        const answer = await t.protection(method, url, pat, body.replace('"x"', JSON.stringify(unguessable())));
        t.adopt(answer);
        t.expect('FED-3.2-10', answer.status === 400, `${method} with ${what} got ${answer.status}`);
        if (what.startsWith('another case'))
          t.expect('GRANT-1.1-01', answer.status === 400, `${method} with ${what} got ${answer.status}`);
        if (answer.status !== 400) continue;
        const { error } = answer.json;
        t.expect('FED-3.2-11', error === undefined || error === 'invalid_request', `the 400 names ${String(error)}`);
        t.expect('FED-6-01', typeof error === 'string', 'the 400 has no JSON body with a string "error"');
      }
      const good = JSON.stringify({ resource_scopes: t.config.scopes });
      const answer = await t.protection(method, url, pat, good, { 'content-type': 'text/plain' });
      t.adopt(answer);
      t.expect('FED-3.2-10', answer.status === 400, `${method} as text/plain got ${answer.status}`);
    }
  },
};
