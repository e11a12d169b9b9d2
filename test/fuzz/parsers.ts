/** The parsers that need no server: whatever they are given, they answer or say what is wrong, soon. */

import { readPiped } from '../../src/cli/input.ts';
import { readTarget } from '../../src/gateway/path.ts';
import { parseChallenges } from '../../src/protocol/challenge.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import { parseUniqueJson } from '../../src/protocol/json.ts';
import { decodeToken } from '../../src/protocol/rpt.ts';
import { parseScope } from '../../src/protocol/scopes.ts';
import { maskBody, maskHeader, maskText } from '../../src/protocol/secrets.ts';
import { keyOf } from '../../src/server/authorization/secrets.ts';
import { requestId } from '../../src/server/http/request-id.ts';
import { readBasic } from '../../src/server/oauth/client-authentication.ts';

export interface Parser {
  name: string;
  /** A good input, to be changed. */
  input: string;
  parse(text: string): unknown;
  /** Whether this is how it says that the input is bad. */
  refuses(error: unknown): boolean;
}

const JWT = `${[
  { alg: 'ES256', kid: '1' },
  { iss: 'https://as.example', sub: 'bob', exp: 1 },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.')}.c2ln`;
const never = () => false;
const umaError = (error: unknown) => error instanceof UmaError;

export const PARSERS: readonly Parser[] = [
  {
    name: 'WWW-Authenticate',
    input: 'Basic realm="a", UMA realm="pets", as_uri="https://as.example", ticket="016f84e8-f9b9-11e0-bd6f"',
    parse: parseChallenges,
    refuses: umaError,
  },
  {
    name: 'JSON without repeated members',
    input: '{"name":"Photo","resource_scopes":["view",1e3,null],"x":{"y":"\\u00e9\\""}}',
    parse: parseUniqueJson,
    refuses: (error) => error instanceof SyntaxError,
  },
  { name: 'JWT', input: JWT, parse: decodeToken, refuses: never },
  { name: 'scope', input: 'view download  http://photoz.example/scope/all', parse: parseScope, refuses: never },
  { name: 'Basic', input: `Basic ${btoa('client%3A1:se+cret%20x')}`, parse: readBasic, refuses: never },
  { name: 'request target', input: '/a/b%20c/../d?x=1&y=%2F', parse: readTarget, refuses: umaError },
  {
    name: 'request id',
    input: 'abc-12345678',
    parse: (id) => requestId({ headers: { 'x-request-id': id } } as never),
    refuses: never,
  },
  { name: 'key of a token', input: JWT, parse: keyOf, refuses: never },
  {
    name: 'piped input',
    input: `HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: UMA ticket="abc"\r\n\r\n`,
    parse: readPiped,
    refuses: umaError,
  },
  {
    name: 'mask of a text',
    input: `GET /cb?code=abc&state=1 Bearer ${'x'.repeat(30)} <input name="a" value="b">`,
    parse: (text) => maskText(text),
    refuses: never,
  },
  {
    name: 'mask of a body',
    input: `{"access_token":"${JWT}","a":[{"password":"x"}]}`,
    parse: (text) => maskBody(text, 'application/json'),
    refuses: never,
  },
  {
    name: 'mask of a form',
    input: 'password=abc&client_secret=x%20y&a=b',
    parse: (text) => maskBody(text, 'application/x-www-form-urlencoded'),
    refuses: never,
  },
  {
    name: 'mask of a cookie',
    input: '_session=abc; _session.sig=def; Path=/; HttpOnly',
    parse: (text) => maskHeader('set-cookie', text),
    refuses: never,
  },
];
