import type { Check } from '../../check.ts';
import { unguessable } from '../../jws.ts';
import { offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const seconds = (value: unknown) => value === undefined || (Number.isInteger(value) && Number(value) < 1e11);

export const check: Check = {
  requirements: [
    'FED-1.3-03',
    'FED-5-02',
    'FED-5-03',
    'FED-5.1.1-01',
    'FED-5.1.1-02',
    'FED-5.1.1-03',
    'FED-5.1.1-04',
    'FED-5.1.1-05',
    'FED-5.1.1-06',
    'SEC-7662-03',
    'SEC-7662-05',
  ],
  title: 'introspection shows permissions where both documents put them',
  profile: 'core',
  sends: 'Introspection with a PAT of an RPT, of a random token, of the RPT with another type as hint, of a PAT.',
  expects: 'active with permissions and no scope; exactly {"active":false}; active whatever the hint says.',
  needs: [offers('introspection_endpoint'), owner('allow')],
  async run(t: Probe) {
    const { rpt, resource } = await t.grant({ scopes: t.config.scopes.slice(0, 2) });
    const pat = await t.pat();
    const withPat = await t.introspect(rpt, pat);
    t.expect('FED-1.3-03', withPat.status === 200, `introspection with the PAT as Bearer got ${withPat.status}`);
    // Where the PAT is refused, the rest can still be seen in the server's own way.
    const by = withPat.status === 200 ? pat : undefined;
    const answer = by === undefined ? await t.introspect(rpt) : withPat;
    const { json } = answer;
    t.expect(
      'FED-5.1.1-01',
      answer.status === 200 && json.active === true,
      `an RPT is ${answer.status}, active ${String(json.active)}`,
    );
    t.expect('FED-5.1.1-02', !('scope' in json), '"scope" is in the answer about an RPT');
    const { permissions } = json;
    t.expect(['FED-5-02', 'FED-5.1.1-03'], Array.isArray(permissions), 'there is no top-level array "permissions"');
    const list = Array.isArray(permissions) ? (permissions as Record<string, unknown>[]) : [];
    t.expect(
      'FED-5.1.1-04',
      list.length === 1 && list[0]?.resource_id === resource.id,
      `resource_id is ${String(list[0]?.resource_id)}`,
    );
    const scopes = list[0]?.resource_scopes;
    t.expect(
      'FED-5.1.1-05',
      Array.isArray(scopes) && scopes.every((scope) => resource.scopes.includes(scope)),
      `resource_scopes is ${JSON.stringify(scopes)}`,
    );
    const times = ['exp', 'iat', 'nbf'].filter((name) => !seconds(list[0]?.[name]) || !seconds(json[name]));
    t.expect('FED-5.1.1-06', times.length === 0, `not whole seconds: ${times.join(', ')}`);
    const unknown = await t.introspect(unguessable(32), by);
    t.expect(
      'FED-5.1.1-01',
      unknown.status === 200 && unknown.json.active === false,
      `a random token is ${unknown.status}`,
    );
    t.expect(
      'SEC-7662-03',
      Object.keys(unknown.json).join() === 'active',
      `an inactive answer has ${Object.keys(unknown.json).join(', ')}`,
    );
    for (const hint of ['refresh_token', 'no_such_hint']) {
      const hinted = await t.introspect(rpt, by, { token_type_hint: hint });
      t.expect(
        'SEC-7662-05',
        hinted.status === 200 && hinted.json.active === true,
        `with the hint ${hint}: ${hinted.status}, active ${String(hinted.json.active)}`,
      );
    }
    const plain = await t.introspect(pat, by);
    t.expect(
      'FED-5-03',
      plain.status === 200 && typeof plain.json.active === 'boolean',
      `an ordinary token got ${plain.status}`,
    );
  },
};
