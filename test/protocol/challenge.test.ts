import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findUmaChallenge, formatUmaChallenge, parseChallenges, quote } from '../../src/protocol/challenge.ts';
import { thrown } from './exchange.ts';

/** Plain objects, so that deepEqual does not look at prototypes. */
const parse = (value: string) =>
  parseChallenges(value).map(({ scheme, params, token68 }) => ({
    scheme,
    params: { ...params },
    ...(token68 === undefined ? {} : { token68 }),
  }));
const UMA = { scheme: 'UMA', params: { as_uri: 'https://as.example', ticket: 't1' } };

describe('parseChallenges reads the grammar of RFC 9110 11.6.1', () => {
  const cases: [string, string, unknown][] = [
    ['one challenge', 'UMA as_uri="https://as.example", ticket="t1"', [UMA]],
    [
      'the example of the specification (GRANT-3.2.1-01)',
      'UMA realm="example", as_uri="https://as.example.com", ticket="016f84e8-f9b9-11e0-bd6f-0021cc6004de"',
      [
        {
          scheme: 'UMA',
          params: {
            realm: 'example',
            as_uri: 'https://as.example.com',
            ticket: '016f84e8-f9b9-11e0-bd6f-0021cc6004de',
          },
        },
      ],
    ],
    [
      'several challenges in one value',
      'Basic realm="a, b", UMA as_uri="https://as.example", ticket="t1", Bearer',
      [{ scheme: 'Basic', params: { realm: 'a, b' } }, UMA, { scheme: 'Bearer', params: {} }],
    ],
    [
      'two schemes without parameters',
      'Negotiate, NTLM',
      [
        { scheme: 'Negotiate', params: {} },
        { scheme: 'NTLM', params: {} },
      ],
    ],
    [
      'token68, with and without padding',
      'Negotiate YWJj/+==, Other abc, UMA as_uri="https://as.example", ticket="t1"',
      [{ scheme: 'Negotiate', params: {}, token68: 'YWJj/+==' }, { scheme: 'Other', params: {}, token68: 'abc' }, UMA],
    ],
    ['a token as a value', 'UMA ticket=t-1.~x', [{ scheme: 'UMA', params: { ticket: 't-1.~x' } }]],
    ['blanks around =', 'UMA as_uri \t=\t"https://as.example" , ticket = t1', [UMA]],
    ['empty list elements', ' ,, UMA as_uri="https://as.example",, ,ticket="t1" , ,', [UMA]],
    ['blanks around the value', '  \tUMA as_uri="https://as.example", ticket="t1" \t', [UMA]],
    ['several blanks after the scheme', 'UMA   as_uri="https://as.example", ticket="t1"', [UMA]],
    [
      'a quoted-pair of any character',
      String.raw`UMA realm="a\"b\\c\d, UMA x=\"", ticket=t`,
      [{ scheme: 'UMA', params: { realm: 'a"b\\cd, UMA x="', ticket: 't' } }],
    ],
    ['an empty quoted string', 'UMA realm="", ticket=t', [{ scheme: 'UMA', params: { realm: '', ticket: 't' } }]],
    ['parameter names without case', 'UMA Ticket="t1", AS_URI="https://as.example"', [UMA]],
    ['the first of a repeated parameter', 'UMA ticket=a, Ticket=b', [{ scheme: 'UMA', params: { ticket: 'a' } }]],
    ['names of Object.prototype', 'UMA constructor=c', [{ scheme: 'UMA', params: { constructor: 'c' } }]],
    ['the empty value', '', []],
    ['blanks and commas alone', ' , ', []],
  ];
  for (const [name, value, expected] of cases) it(name, () => assert.deepEqual(parse(value), expected));

  it('an unasked name is absent, whatever Object.prototype holds', () => {
    assert.equal(parseChallenges('UMA ticket=t')[0]?.params.tostring, undefined);
    assert.equal(parseChallenges('UMA ticket=t')[0]?.params.constructor, undefined);
  });
});

describe('a malformed value is an error with its position', () => {
  for (const [value, position] of [
    ['UMA ticket="t', 5],
    ['UMA ticket="a" as_uri="b"', 5],
    ['UMA ticket=a, realm="b"c', 20],
    ['UMA ticket=a;realm=b', 5],
    ['"UMA"', 1],
    ['=x', 1],
    ['UMA ticket=a, =b', 15],
    [' =x', 2],
    ['a=b', 2],
    ['UMA ticket=a\r\nSet-Cookie: b', 5],
  ] as const) {
    it(JSON.stringify(value), () => {
      const error = thrown(() => parseChallenges(value), 'malformed_challenge');
      assert.equal(error.category, 'peer');
      assert.match(error.message, new RegExp(`from character ${position} on`));
    });
  }

  it('long hostile values are read in linear time', () => {
    const start = performance.now();
    for (const value of [
      `UMA a="${'\\"'.repeat(100_000)}`,
      `UMA${' '.repeat(200_000)}=`,
      `UMA a=b${', '.repeat(100_000)}"`,
    ])
      thrown(() => parseChallenges(value), 'malformed_challenge');
    assert.ok(performance.now() - start < 1500, `took ${performance.now() - start} ms`);
  });
});

describe('findUmaChallenge', () => {
  it('finds the scheme in any case (RFC 9110 11.1)', () => {
    assert.equal(findUmaChallenge('uMa as_uri="https://as.example", ticket="t1"')?.ticket, 't1');
  });

  it('takes the first complete UMA challenge among others', () => {
    assert.deepEqual(
      findUmaChallenge('Bearer error="x", UMA realm="no ticket", UMA as_uri="https://as.example", ticket="t1"'),
      { as_uri: 'https://as.example', ticket: 't1', realm: undefined, error: undefined },
    );
  });

  for (const value of ['Bearer realm="x"', 'UMA as_uri="https://as.example"', 'UMA ticket="t"', '']) {
    it(`has nothing to find in ${JSON.stringify(value)}`, () => assert.equal(findUmaChallenge(value), undefined));
  }

  it('parameters of another scheme are not taken for its own', () => {
    assert.equal(findUmaChallenge('UMA as_uri="https://as.example", Other ticket="t1"'), undefined);
  });
});

describe('formatUmaChallenge', () => {
  it('writes the header of UMA Grant 3.2.1, every value quoted (GRANT-3.2.1-01)', () => {
    assert.equal(
      formatUmaChallenge({ realm: 'photos', as_uri: 'https://as.example', ticket: 't1', error: undefined }),
      'UMA realm="photos", as_uri="https://as.example", ticket="t1"',
    );
  });

  it('ATK-24: quotes and backslashes are escaped, so a value cannot add a parameter', () => {
    const header = formatUmaChallenge({ as_uri: 'https://as.example', ticket: String.raw`t", as_uri="https://evil\ ` });
    assert.equal(findUmaChallenge(header)?.as_uri, 'https://as.example');
    assert.equal(findUmaChallenge(header)?.ticket, String.raw`t", as_uri="https://evil\ `);
  });

  for (const bad of ['\r\nSet-Cookie: a=b', '\n', '\r', '\0', '\x7f', '\x1b[2J', 'ā', '\u2028']) {
    it(`ATK-24: ${JSON.stringify(bad)} is refused wherever it stands`, () => {
      for (const member of ['realm', 'as_uri', 'ticket', 'error']) {
        const error = thrown(
          () => formatUmaChallenge({ as_uri: 'https://as.example', ticket: 't', [member]: `a${bad}` }),
          'unsafe_header_value',
        );
        assert.ok(!error.message.includes(bad), 'the bad value is not repeated in the message');
      }
    });
  }

  const headerText = fc
    .array(
      fc.oneof(fc.constantFrom('"', '\\', ',', '=', ' ', '\t'), fc.integer({ min: 0x20, max: 0xff }).map(fromCode)),
    )
    .map((characters) => characters.filter((c) => c < '\x7f' || c >= '\x80').join(''));

  it('what it writes is read back unchanged, also between other challenges', () => {
    const optional = fc.option(headerText, { nil: undefined });
    fc.assert(
      fc.property(headerText, headerText, optional, optional, (as_uri, ticket, realm, error) => {
        const challenge = { as_uri, ticket, realm, error };
        const header = formatUmaChallenge(challenge);
        assert.deepEqual(findUmaChallenge(header), challenge);
        assert.deepEqual(findUmaChallenge(`Basic realm=${quote(ticket)}, ${header}, Negotiate abc=`), challenge);
      }),
    );
  });

  it('any value at all is either read or refused by a typed error', () => {
    const piece = fc.constantFrom('UMA', ' ', ',', '=', '"', '\\', 'a', 'a=b', 'a="b"', '\t', ';', 'é', '\n');
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (value) => {
          try {
            for (const { scheme } of parseChallenges(value)) assert.match(scheme, /^[!#-'*+\-.0-9A-Z^_`a-z|~]+$/);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'malformed_challenge');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

function fromCode(code: number): string {
  return String.fromCharCode(code);
}
