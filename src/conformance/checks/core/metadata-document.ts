import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

const MEMBERS: Record<string, 'uri' | 'strings'> = {
  authorization_endpoint: 'uri',
  token_endpoint: 'uri',
  jwks_uri: 'uri',
  registration_endpoint: 'uri',
  introspection_endpoint: 'uri',
  revocation_endpoint: 'uri',
  response_types_supported: 'strings',
  scopes_supported: 'strings',
  grant_types_supported: 'strings',
  token_endpoint_auth_methods_supported: 'strings',
  code_challenge_methods_supported: 'strings',
};

const isUri = (value: unknown) => typeof value === 'string' && URL.canParse(value);
const isStrings = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string');

export const check: Check = {
  requirements: [
    'GRANT-2-01',
    'GRANT-2-02',
    'GRANT-2-03',
    'SEC-8414-03',
    'SEC-8414-04',
    'SEC-8414-05',
    'FED-1.5-01',
    'FED-2-01',
    'FED-2-02',
    'FED-2-03',
  ],
  title: 'the discovery document stands where it must and has what it must',
  profile: 'core',
  sends: 'GET {issuer}/.well-known/uma2-configuration.',
  expects: '200, application/json, the members of RFC 8414 and of both UMA documents with their types, no empty array.',
  async run(t: Probe) {
    const { issuer } = t.config;
    const answer = await t.get(`${issuer.replace(/\/$/, '')}/.well-known/uma2-configuration`);
    const { json } = answer;
    const found = answer.status === 200 && Object.keys(json).length > 0;
    t.expect('GRANT-2-01', found, `status ${answer.status} instead of 200 with a JSON object`);
    t.require(found, 'there is no discovery document');
    t.expect('GRANT-2-03', json.issuer === issuer, `"issuer" is ${String(json.issuer)} instead of ${issuer}`);
    const wrong = Object.entries(MEMBERS).find(
      ([name, type]) => json[name] !== undefined && !(type === 'uri' ? isUri : isStrings)(json[name]),
    );
    const missing = ['issuer', 'token_endpoint', 'response_types_supported'].find((name) => json[name] === undefined);
    t.expect('GRANT-2-02', wrong === undefined, `"${wrong?.[0]}" has a wrong type`);
    t.expect('GRANT-2-02', missing === undefined, `"${missing}" is missing`);
    const empty = Object.keys(json).find((name) => Array.isArray(json[name]) && json[name].length === 0);
    t.expect('SEC-8414-03', empty === undefined, `"${empty}" is an empty array`);
    const type = answer.headers['content-type'] ?? 'absent';
    t.expect('SEC-8414-03', /^application\/json\b/i.test(type), `Content-Type is ${type}`);
    const grantTypes = json.grant_types_supported;
    t.expect('SEC-8414-04', isStrings(json.response_types_supported), '"response_types_supported" is missing');
    t.expect(
      'SEC-8414-04',
      Array.isArray(grantTypes) && grantTypes.includes('urn:ietf:params:oauth:grant-type:uma-ticket'),
      '"grant_types_supported" does not name the uma-ticket grant',
    );
    const methods = json.token_endpoint_auth_methods_supported;
    const jwt = Array.isArray(methods) && methods.some((method) => /_jwt$/.test(String(method)));
    const algorithms = json.token_endpoint_auth_signing_alg_values_supported;
    if (!jwt) t.notApplicable('SEC-8414-05', 'the metadata offers no client authentication by JWT');
    else
      t.expect(
        'SEC-8414-05',
        isStrings(algorithms) && !(algorithms as string[]).includes('none'),
        'JWT client authentication is offered without a list of algorithms, or with "none"',
      );
    const endpoints = ['permission_endpoint', 'resource_registration_endpoint', 'introspection_endpoint'];
    const absent = endpoints.filter((name) => !isUri(json[name]));
    t.expect('FED-1.5-01', absent.length === 0, `no absolute URL: ${absent.join(', ')}`);
    t.expect('FED-2-01', isUri(json.permission_endpoint), '"permission_endpoint" is missing');
    t.expect('FED-2-02', isUri(json.resource_registration_endpoint), '"resource_registration_endpoint" is missing');
    t.expect('FED-2-03', isUri(json.introspection_endpoint), '"introspection_endpoint" is missing');
  },
};
