import type { Check } from '../../check.ts';
import { type Answer, said } from '../../http.ts';
import { dpopProof, newKey, signJws, tamper } from '../../jws.ts';
import { lists, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-9449-01', 'SEC-9449-02', 'SEC-9449-03', 'SEC-9449-05', 'SEC-9700-11', 'ATK-04'],
  title: 'DPoP in the ticket grant: every check of a proof, a bound RPT, no replay',
  profile: 'security',
  sends: 'The grant with a good proof, with one fault in the proof at a time, and with a proof a second time.',
  expects: '200 with token_type DPoP and cnf.jkt in introspection; 400 invalid_dpop_proof for every fault.',
  needs: [lists('dpop_signing_alg_values_supported', 'ES256'), owner('allow')],
  async run(t: Probe) {
    const key = newKey();
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const url = t.metadata.token_endpoint;
    const at = { method: 'POST', url };
    const send = async (dpop: string | string[]) =>
      t.redeem({ ticket: await t.ticket(resource), party: 0, headers: { dpop } });
    const refused = (answer: Answer, ...more: string[]) =>
      answer.status === 400 && ['invalid_dpop_proof', ...more].includes(String(answer.json.error));
    const nonceOf = async (): Promise<object> => {
      const first = await send(dpopProof(key, at));
      const nonce = first.headers['dpop-nonce'];
      if (first.json.error !== 'use_dpop_nonce') return {};
      t.expect('SEC-9449-02', first.status === 400 && nonce !== undefined, 'use_dpop_nonce without a nonce', first);
      return { nonce };
    };
    const nonce = await nonceOf();
    const proof = dpopProof(key, at, nonce);
    const good = await send(proof);
    t.require(good.status === 200, `a good proof got ${said(good)}`, good);
    t.expect('SEC-9449-03', good.json.token_type === 'DPoP', `token_type is ${String(good.json.token_type)}`);
    const seen = await t.introspect(String(good.json.access_token));
    const cnf = seen.json.cnf as { jkt?: unknown } | undefined;
    t.expect(['SEC-9449-03', 'SEC-9700-11', 'ATK-04'], typeof cnf?.jkt === 'string', 'introspection shows no cnf.jkt');
    const replayed = await send(proof);
    t.expect('SEC-9449-05', replayed.status >= 400 && replayed.status < 500, `a replayed proof got ${said(replayed)}`);
    const now = Math.floor(Date.now() / 1000);
    const make = (claims: object, header: object = {}) => dpopProof(key, at, { ...nonce, ...claims }, header);
    const faults: [string, string | string[]][] = [
      ['two DPoP headers', [make({}), make({})]],
      ['text that is no JWT', 'not-a-proof'],
      ['no jti', make({ jti: undefined })],
      ['no htm', make({ htm: undefined })],
      ['no iat', make({ iat: undefined })],
      ['another typ', make({}, { typ: 'JWT' })],
      ['alg none', make({}, { alg: 'none' })],
      ['a symmetric alg', make({}, { alg: 'HS256' })],
      ['a broken signature', tamper(make({}))],
      ['a private key in the header', make({}, { jwk: key.privateJwk })],
      ['no key in the header', make({}, { jwk: undefined })],
      ['another method', make({ htm: 'GET' })],
      ['another URL', make({ htu: 'https://another.example/token' })],
      ['an old time', make({ iat: now - 3600 })],
      ['a time in the future', make({ iat: now + 3600 })],
      [
        'the signature of another key',
        signJws(
          newKey(),
          { jti: 'x', htm: 'POST', htu: url, iat: now, ...nonce },
          { typ: 'dpop+jwt', jwk: key.publicJwk },
        ),
      ],
    ];
    for (const [what, dpop] of faults) {
      const answer = await send(dpop);
      // A server may ask for its nonce where the clocks disagree (RFC 9449 8).
      const others = / time\b/.test(what) ? ['use_dpop_nonce'] : [];
      const got = `a proof with ${what} got ${said(answer)}`;
      t.expect('SEC-9449-01', answer.status >= 400 && answer.status < 500, got);
      t.expect('SEC-9449-02', refused(answer, ...others), got);
    }
    const query = await send(dpopProof(key, { method: 'POST', url: `${url}?a=1#b` }, nonce));
    t.expect('SEC-9449-01', query.status === 200, `query and fragment of htu were not ignored: ${query.status}`);
  },
};
