import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { unguessable } from '../../jws.ts';
import { offers, redirect } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-9700-05', 'SEC-9700-06', 'SEC-9700-08', 'SEC-7636-02'],
  title: 'PKCE is announced and enforced',
  profile: 'security',
  sends:
    'Codes redeemed with a wrong verifier, without one, and with one where no challenge was sent; an unknown challenge method.',
  expects: '400 invalid_grant each; invalid_request for the method; S256 in the metadata.',
  needs: [offers('authorization_endpoint'), redirect('main')],
  async run(t: Probe) {
    const client = t.session.client('main');
    const methods = t.metadata.code_challenge_methods_supported;
    t.expect(
      'SEC-9700-08',
      Array.isArray(methods) && methods.includes('S256'),
      'code_challenge_methods_supported lacks S256',
    );
    const quiet = (raw: Parameters<typeof t.send>[0]) => t.session.send(raw);
    const authorize = (extra: Record<string, string> = {}) =>
      t.session.authorize({ client, person: t.session.party(0), scope: 'openid', extra }, quiet);
    const codeOf = (walk: { returned?: URL }) => walk.returned?.searchParams.get('code') ?? undefined;
    const cases: [string[], string, Record<string, string>, string | undefined][] = [
      [['SEC-9700-05', 'SEC-7636-02'], 'a wrong verifier', {}, unguessable(32)],
      [['SEC-9700-05', 'SEC-7636-02'], 'no verifier', {}, undefined],
      [
        ['SEC-9700-06'],
        'a verifier without an earlier challenge',
        { code_challenge: '', code_challenge_method: '' },
        unguessable(32),
      ],
    ];
    for (const [rows, what, extra, verifier] of cases) {
      const { walk } = await authorize(extra);
      const code = codeOf(walk);
      if (code === undefined) {
        const refused = walk.returned?.searchParams.get('error') ?? null;
        if (rows.includes('SEC-9700-06') && refused === 'invalid_request') t.expect(rows, true, '');
        t.require(
          rows.includes('SEC-9700-06') && refused === 'invalid_request',
          `no code came for "${what}"`,
          walk.answer,
        );
        continue;
      }
      const answer = await t.send(t.session.codeRequest(client, code, verifier));
      t.expect(rows, answer.status === 400 && answer.json.error === 'invalid_grant', `${what} got ${said(answer)}`);
    }
    const { walk } = await authorize({ code_challenge_method: 'no_such_method' });
    const error = walk.returned?.searchParams.get('error');
    t.expect(
      'SEC-7636-02',
      error === 'invalid_request' || walk.answer.status === 400,
      `an unknown method led to ${error ?? walk.answer.status}`,
      walk.answer,
    );
  },
};
