import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { askForInfo, returnedTicket, visit } from '../../interaction.ts';
import { dpopProof, newKey, type SigningKey } from '../../jws.ts';
import { claimsRedirect, client, lists, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-5.2-05', 'GRANT-5.2-07', 'GRANT-3.7-02', 'ATK-10'],
  title: 'a PCT works for its client, with its key, until it is revoked',
  profile: 'claims',
  sends:
    'A PCT by another client; one that came with a DPoP proof, with another key and without; one that was revoked with token_type_hint=pct.',
  expects: 'need_info, as without any PCT.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow')],
  async run(t: Probe) {
    const url = t.metadata.token_endpoint;
    const proofs = (key: SigningKey | undefined) =>
      key === undefined ? {} : { headers: { dpop: dpopProof(key, { method: 'POST', url }) } };
    const pctOf = async (key?: SigningKey) => {
      const ticket = returnedTicket(t, await visit(t, await askForInfo(t), { tick: true }));
      const answer = await t.redeem({ ticket, ...proofs(key) });
      t.require(answer.status === 200, `the gathered claims got ${said(answer)}`);
      return answer.json.pct;
    };
    const pct = await pctOf();
    if (typeof pct !== 'string')
      return t.notApplicable(['GRANT-5.2-05', 'GRANT-5.2-07', 'GRANT-3.7-02', 'ATK-10'], 'the server issues no PCT');
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const use = async (token: string, role: 'main' | 'other' = 'main', key?: SigningKey) =>
      t.redeem({ client: role, ticket: await t.ticket(resource), pct: token, ...proofs(key) });
    const works = await use(pct);
    t.require(works.status === 200, `the PCT got ${said(works)}`);
    const missing = client('other')(t.metadata, t.config);
    if (missing !== undefined) t.notApplicable('GRANT-5.2-05', missing);
    else {
      const foreign = await use(pct, 'other');
      t.expect('GRANT-5.2-05', foreign.json.error === 'need_info', `another client got ${said(foreign)} with it`);
    }
    const plain = lists('dpop_signing_alg_values_supported', 'ES256')(t.metadata, t.config);
    if (plain !== undefined) t.notApplicable('ATK-10', plain);
    else {
      const key = newKey();
      const bound = String(await pctOf(key));
      const own = await use(bound, 'main', key);
      t.require(own.status === 200, `the bound PCT with its key got ${said(own)}`);
      for (const [what, other] of [
        ['another key', newKey()],
        ['no key', undefined],
      ] as const) {
        const stolen = await use(bound, 'main', other);
        t.expect('ATK-10', stolen.json.error === 'need_info', `a bound PCT with ${what} got ${said(stolen)}`);
      }
    }
    const revocation = offers('revocation_endpoint')(t.metadata, t.config);
    if (revocation !== undefined) return t.notApplicable(['GRANT-5.2-07', 'GRANT-3.7-02'], revocation);
    const main = t.session.client('main');
    const revoked = await t.send(
      t.session.tokenRequest(
        main,
        { token: pct, token_type_hint: 'pct' },
        {},
        t.session.endpoint('revocation_endpoint'),
      ),
    );
    t.expect('GRANT-3.7-02', revoked.status === 200, `revoking a PCT got ${said(revoked)}`);
    const dead = await use(pct);
    t.expect(['GRANT-3.7-02', 'GRANT-5.2-07'], dead.json.error === 'need_info', `the revoked PCT got ${said(dead)}`);
  },
};
