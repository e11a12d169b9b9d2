import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { newDpopKey, proofOf } from '../../src/client/dpop.ts';
import { Proofs } from '../../src/gateway/proofs.ts';
import { parseChallenges } from '../../src/protocol/challenge.ts';
import { bearer, type Gate, ROUTES, startGate } from './harness.ts';

const now = () => Date.now() / 1000;

describe('SEC-9449-04: an RPT that is bound to a key', () => {
  let gate: Gate;
  let rpt: string;
  const state: { cnf: object | undefined } = { cnf: undefined };
  const mine = newDpopKey();
  before(async () => {
    gate = await startGate({
      routes: { ...ROUTES, limits: { tickets_per_minute: 1000 } },
      wrap: (send) => async (request) => {
        const answer = await send(request);
        if (!request.url.endsWith('/introspect') || state.cnf === undefined) return answer;
        return { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), cnf: state.cnf }) };
      },
    });
    rpt = await gate.rpt('/photos/a.png');
    state.cnf = { jkt: await calculateJwkThumbprint(await mine) };
  });
  after(() => gate[Symbol.asyncDispose]());

  const proof = async (path = '/photos/a.png', method: 'GET' | 'PUT' = 'GET') =>
    proofOf(await mine, { method, url: gate.gateway.url + path }, { now: now(), token: rpt });
  const show = (dpop: string | undefined, path = '/photos/a.png', scheme = 'DPoP') =>
    gate.fetch(path, { headers: { authorization: `${scheme} ${rpt}`, ...(dpop === undefined ? {} : { dpop }) } });
  /** 401 with a fresh ticket, and what is wrong for DPoP. */
  const refused = async (answer: Response, error: string, why: RegExp): Promise<void> => {
    assert.equal(answer.status, 401);
    const [uma, dpop] = parseChallenges(answer.headers.get('www-authenticate') ?? '');
    assert.deepEqual([uma?.scheme, uma?.params.error, dpop?.scheme], ['UMA', 'invalid_token', 'DPoP']);
    assert.ok(uma?.params.ticket);
    assert.equal(dpop?.params.error, error);
    assert.match(dpop?.params.error_description ?? '', why);
    assert.match(dpop?.params.algs ?? '', /ES256/);
  };

  it('passes with a proof for this request; neither RPT nor proof goes on', async () => {
    const answer = await show(await proof(), '/photos/a.png?x=1');
    assert.equal(answer.status, 200);
    const { headers } = gate.upstream.seen.at(-1)!;
    assert.deepEqual([headers.authorization, headers.dpop, headers['x-uma-subject']], [undefined, undefined, 'bob']);
  });

  it('as a bearer token, without a proof, or with two it is refused', async () => {
    await refused(await show(await proof(), undefined, 'Bearer'), 'invalid_token', /bound to a key/);
    await refused(await show(undefined), 'invalid_dpop_proof', /one DPoP header/);
    await refused(await show(`${await proof()}, ${await proof()}`), 'invalid_dpop_proof', /one DPoP header/);
  });

  it('ATK-04: a proof for another resource server, path or method, or one that was used, is no good', async () => {
    const elsewhere = await proofOf(
      await mine,
      { method: 'GET', url: 'https://rs1.example/photos/a.png' },
      { now: now(), token: rpt },
    );
    await refused(await show(elsewhere), 'invalid_dpop_proof', /another address/);
    await refused(await show(await proof('/photos/b.png')), 'invalid_dpop_proof', /another address/);
    await refused(await show(await proof('/photos/a.png', 'PUT')), 'invalid_dpop_proof', /another method/);
    const once = await proof();
    assert.equal((await show(once)).status, 200);
    await refused(await show(once), 'invalid_dpop_proof', /used before/);
  });

  it('the address is compared in one spelling', async () => {
    const spelled = await proofOf(
      await mine,
      { method: 'GET', url: `${gate.gateway.url}/%70hotos/caf%c3%a9.png` },
      { now: now(), token: rpt },
    );
    assert.equal((await show(spelled, '/photos/caf%C3%A9.png')).status, 200);
  });

  it('a key of somebody else, a certificate in place of a key, an RPT that is not bound', async () => {
    const theirs = await proofOf(
      await newDpopKey(),
      { method: 'GET', url: `${gate.gateway.url}/photos/a.png` },
      { now: now(), token: rpt },
    );
    await refused(await show(theirs), 'invalid_dpop_proof', /another key/);
    const { cnf } = state;
    await using other = await startGate({
      wrap: (send) => async (request) => {
        const answer = await send(request);
        if (!request.url.endsWith('/introspect')) return answer;
        return { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), cnf: { 'x5t#S256': 'x' } }) };
      },
    });
    const certified = await other.rpt('/photos/a.png');
    assert.equal((await other.challenge('/photos/a.png', { headers: bearer(certified) })).error, 'invalid_token');
    await using plain = await startGate();
    const unbound = await plain.rpt('/photos/a.png');
    const answer = await plain.fetch('/photos/a.png', { headers: { authorization: `DPoP ${unbound}` } });
    await refused(answer, 'invalid_token', /not bound/);
    assert.ok(cnf);
  });
});

describe('SEC-9449-01: the checks of a proof', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const jkt = await calculateJwkThumbprint(jwk);
  const token = 'token';
  const url = 'https://rs.example/photo';
  const base: JWTPayload = {
    jti: '1',
    htm: 'GET',
    htu: url,
    iat: 1000,
    ath: createHash('sha256').update(token).digest('base64url'),
  };
  const sign = (claims: JWTPayload, header: object = {}, key: Parameters<SignJWT['sign']>[0] = privateKey) =>
    new SignJWT(claims).setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header }).sign(key);
  const faultOf = async (proof: string | string[] | undefined, seconds = 1000) =>
    new Proofs(() => seconds).fault({ method: 'GET', url: `${url}?q#f`, proof, token, jkt });

  it('a good one has no fault', async () => assert.equal(await faultOf(await sign(base)), undefined));

  const cases: [string, () => Promise<string | string[] | undefined>, number?][] = [
    ['none', async () => undefined],
    ['two', async () => [await sign(base), await sign(base)]],
    ['no JWT', async () => 'x'],
    ['typ', () => sign(base, { typ: 'JWT' })],
    ['no jti', () => sign({ ...base, jti: '' })],
    ['no iat', () => sign({ ...base, iat: undefined as never })],
    ['too old', () => sign(base), 1061],
    ['from the future', () => sign(base), 939],
    ['htm', () => sign({ ...base, htm: 'POST' })],
    ['htu', () => sign({ ...base, htu: 'https://rs2.example/photo' })],
    ['htu that is no address', () => sign({ ...base, htu: 'photo' })],
    ['no ath', () => sign({ ...base, ath: undefined })],
    ['ath of another token', () => sign({ ...base, ath: 'x' })],
    ['a private key in it', async () => sign(base, { jwk: await exportJWK(privateKey) })],
    ['a symmetric signature', () => sign(base, { alg: 'HS256' }, new TextEncoder().encode(JSON.stringify(jwk)))],
    ['a signature of another key', async () => sign(base, {}, (await generateKeyPair('ES256')).privateKey)],
    [
      'the key of somebody else',
      async () => {
        const other = await generateKeyPair('ES256');
        return sign(base, { jwk: await exportJWK(other.publicKey) }, other.privateKey);
      },
    ],
  ];
  for (const [what, make, seconds] of cases)
    it(`${what}: refused`, async () => assert.equal(typeof (await faultOf(await make(), seconds)), 'string'));

  it('SEC-9449-05: good once, and remembered no longer than it could be used', async () => {
    let clock = 1000;
    const proofs = new Proofs(() => clock);
    const shown = async (claims: JWTPayload) =>
      proofs.fault({ method: 'GET', url, proof: await sign(claims), token, jkt });
    assert.equal(await shown(base), undefined);
    assert.match((await shown(base)) ?? '', /used before/);
    clock = 2000;
    assert.equal(await shown({ ...base, iat: 2000 }), undefined);
  });
});
