/** Good requests to be changed, one for each place that bytes of a peer are read from, in every layout. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Harness } from '../server/http/harness.ts';
import { CLIENT, ID_TOKEN, RS } from '../server/http/harness.ts';
import { type Chance, mutated } from './bytes.ts';

export interface Place {
  name: string;
  /** A whole request, as it goes over the wire. */
  make(chance: Chance): Buffer;
}

type Parts = { method?: string; target: string; headers?: Record<string, string | Buffer>; body?: string | Buffer };

/** Length and end are right, so that what was changed is reached. */
function request({ method = 'POST', target, headers = {}, body = '' }: Parts, host: string, address: string): Buffer {
  const bytes = Buffer.from(body);
  const lines = {
    host,
    connection: 'close',
    'x-forwarded-for': address,
    ...headers,
    'content-length': String(bytes.length),
  };
  const head = Object.entries(lines).map(([name, value]) =>
    Buffer.concat([Buffer.from(`${name}: `), Buffer.from(value as string), Buffer.from('\r\n')]),
  );
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n`), ...head, Buffer.from('\r\n'), bytes]);
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
const basic = (pair: string) => ({ authorization: `Basic ${btoa(pair)}` });
/** Where the field itself ends, so that it stays a field. */
const line = (bytes: Buffer) => Buffer.from(bytes.filter((byte) => byte !== 0x0d && byte !== 0x0a));

export async function placesOf(as: Harness): Promise<Place[]> {
  const host = new URL(as.server.issuer).host;
  const pat = await as.pat();
  const owner = await as.ownerToken();
  const id = await as.register(pat);
  const claims = await as.claimToken();
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const proof = await new SignJWT({ htm: 'POST', htu: `${as.server.issuer}/token`, jti: 'one' })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey);
  const grant = `grant_type=${encodeURIComponent('urn:ietf:params:oauth:grant-type:uma-ticket')}`;
  const redeeming = `${grant}&ticket=abc&claim_token_format=${encodeURIComponent(ID_TOKEN)}&claim_token=`;
  const policy = JSON.stringify({
    resource_id: id,
    effect: 'allow',
    scopes: ['view'],
    subject: { party: { iss: 'https://x.example', sub: 'y' } },
  });
  const bearer = { authorization: `Bearer ${pat}` };
  const owners = { authorization: `Bearer ${owner}` };

  const place = (name: string, parts: (chance: Chance, change: (text: string | Buffer) => Buffer) => Parts): Place => ({
    name,
    make: (chance) => {
      // Attempts are counted for each network: each input comes from one of its own.
      const address = `10.${chance.below(256)}.${chance.below(256)}.${chance.below(256)}`;
      return request(
        parts(chance, (text) => mutated(Buffer.from(text), chance)),
        host,
        address,
      );
    },
  });
  const targets = [
    '/resource_set/',
    '/owner/policies/',
    '/owner/history?limit=2&after=',
    '/owner/requests?status=pending&after=',
  ];
  const authorize =
    '/authorize?response_type=code&client_id=uma-cli&scope=openid&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&code_challenge=x&code_challenge_method=S256';
  const places = [
    place('header Authorization: Bearer', (_chance, change) => ({
      target: '/permission',
      headers: { ...JSON_TYPE, authorization: line(change(`Bearer ${pat}`)) },
      body: '{}',
    })),
    place('header Authorization: Basic', (_chance, change) => ({
      target: '/token',
      headers: { ...FORM, authorization: line(change(basic(CLIENT).authorization)) },
      body: `${grant}&ticket=x`,
    })),
    place('header DPoP', (_chance, change) => ({
      target: '/token',
      headers: { ...FORM, ...basic(CLIENT), dpop: line(change(proof)) },
      body: `${grant}&ticket=x`,
    })),
    place('header Cookie', (chance, change) => ({
      method: 'GET',
      target: chance.pick(['/console', '/interaction/abc', authorize]),
      headers: { cookie: line(change('_session=abc; _session.sig=def; _interaction=x')) },
    })),
    place('any other header', (_chance, change) => ({
      target: '/introspect',
      headers: {
        ...FORM,
        ...bearer,
        [['accept', 'content-type', 'origin', 'x-forwarded-for', 'x-request-id'][_chance.below(5)]!]: line(
          change('application/json; charset=utf-8'),
        ),
      },
      body: 'token=x',
    })),
    place('form of the token endpoint', (_chance, change) => ({
      target: '/token',
      headers: { ...FORM, ...basic(CLIENT) },
      body: change(`${redeeming}${claims}&scope=view&pct=x&rpt=y`),
    })),
    place('form of introspection', (_chance, change) => ({
      target: '/introspect',
      headers: { ...FORM, ...bearer },
      body: change('token=abc&token_type_hint=pat'),
    })),
    place('form of revocation', (_chance, change) => ({
      target: '/revoke',
      headers: { ...FORM, ...basic(RS) },
      body: change('token=abc&token_type_hint=access_token'),
    })),
    place('form of a page', (_chance, change) => ({
      target: _chance.pick(['/interaction/abc', '/claims', '/console', '/device']),
      headers: FORM,
      body: change('username=a&password=b&csrf=c&user_code=ABCD-EFGH'),
    })),
    place('JSON of a resource', (_chance, change) => ({
      target: '/resource_set',
      headers: { ...JSON_TYPE, ...bearer },
      body: change(
        '{"name":"Photo","resource_scopes":["view","download"],"icon_uri":"https://x.example/i","type":"t"}',
      ),
    })),
    place('JSON of a permission request', (_chance, change) => ({
      target: '/permission',
      headers: { ...JSON_TYPE, ...bearer },
      body: change(`[{"resource_id":"${id}","resource_scopes":["view"]}]`),
    })),
    place('JSON of a policy', (_chance, change) => ({
      target: '/owner/policies',
      headers: { ...JSON_TYPE, ...owners },
      body: change(policy),
    })),
    place('claim token, signature kept', (_chance, change) => {
      const [header = '', payload = '', signature = ''] = claims.split('.');
      const part = (text: string) => change(Buffer.from(text, 'base64url')).toString('base64url');
      const token =
        _chance.below(2) === 0 ? `${part(header)}.${payload}.${signature}` : `${header}.${part(payload)}.${signature}`;
      return { target: '/token', headers: { ...FORM, ...basic(CLIENT) }, body: redeeming + token };
    }),
    place('claim token, bytes', (_chance, change) => ({
      target: '/token',
      headers: { ...FORM, ...basic(CLIENT) },
      body: redeeming + encodeURIComponent(change(claims).toString('latin1')),
    })),
    place('path', (_chance, change) => ({
      method: _chance.pick(['GET', 'PUT', 'DELETE', 'POST']),
      target: `/${line(change('resource_set/abc')).toString('latin1')}`,
      headers: { ...JSON_TYPE, ...bearer },
      body: '{"resource_scopes":["view"]}',
    })),
    place('query', (_chance, change) => ({
      method: 'GET',
      target: _chance.pick(targets) + line(change('abc%20')).toString('latin1'),
      headers: _chance.below(2) === 0 ? owners : bearer,
    })),
    place('authorization request', (_chance, change) => ({
      method: 'GET',
      target: line(change(authorize)).toString('latin1'),
    })),
    place('layouts: form of the token endpoint', (_chance, change) => ({
      target: _chance.pick(['/realms/photoz/protocol/openid-connect/token', '/am/oauth2/access_token']),
      headers: { ...FORM, ...basic(CLIENT) },
      body: change(`${redeeming}${claims}&audience=x&permission=a%23view`),
    })),
    place('layouts: path and query', (_chance, change) => ({
      method: _chance.pick(['GET', 'POST', 'PUT', 'DELETE']),
      target: line(
        change(
          _chance.pick([
            '/realms/photoz/authz/protection/resource_set?name=x&exactName=true',
            '/am/json/realms/root/users/alice/uma/policies?_queryFilter=true',
            '/realms/photoz/authz/protection/permission/ticket?granted=false',
          ]),
        ),
      ).toString('latin1'),
      headers: { ...JSON_TYPE, ...bearer },
      body: '{}',
    })),
    place('layouts: JSON', (_chance, change) => ({
      method: _chance.pick(['POST', 'PUT']),
      target: _chance.pick([
        '/realms/photoz/authz/protection/resource_set',
        '/realms/photoz/authz/protection/permission',
        '/am/uma/realms/root/resource_set',
        '/am/json/realms/root/authenticate',
      ]),
      headers: { ...JSON_TYPE, ...bearer },
      body: change(`[{"resource_id":"${id}","resource_scopes":["view"]}]`),
    })),
  ];
  const whole: Place = {
    name: 'whole request',
    make: (chance) => mutated(chance.pick(places).make(chance), chance),
  };
  return [...places, whole];
}
