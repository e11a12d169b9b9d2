import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  describeRequiredClaim,
  encodedClaimToken,
  ID_TOKEN_FORMAT,
  ID_TOKEN_FORMAT_HTTPS,
  idTokenFormatOf,
  readRequiredClaims,
} from '../../src/protocol/claims.ts';

describe('readRequiredClaims (GRANT-3.3.6-10)', () => {
  it('keeps the five members and leaves others out (GRANT-1.2-01)', () => {
    const claim = {
      name: 'email23423453ou453',
      friendly_name: 'email',
      claim_type: 'urn:oid:0.9.2342.19200300.100.1.3',
      claim_token_format: [ID_TOKEN_FORMAT],
      issuer: ['https://example.com/idp'],
    };
    assert.deepEqual(readRequiredClaims([{ ...claim, x: 1 }]), [claim]);
  });
  it('a lone string counts as a list of one; wrong types are left out', () => {
    assert.deepEqual(
      readRequiredClaims([
        { name: 1, claim_token_format: 'f', issuer: ['https://a', 2] },
        'email',
        null,
        [{ name: 'email' }],
        {},
      ]),
      [{ claim_token_format: ['f'] }, {}],
    );
  });
  it('what is no array holds no claims', () => {
    for (const value of [undefined, null, 'email', { name: 'email' }, 1])
      assert.deepEqual(readRequiredClaims(value), []);
  });
});

describe('describeRequiredClaim', () => {
  for (const [claim, text] of [
    [{}, 'a claim'],
    [{ name: 'mail', friendly_name: 'E-mail' }, 'E-mail'],
    [{ name: 'mail', claim_token_format: [ID_TOKEN_FORMAT] }, 'mail (ID Token)'],
    [{ name: 'mail', issuer: ['https://a', 'https://b'] }, 'mail (any format from https://a or https://b)'],
    [{ claim_token_format: [ID_TOKEN_FORMAT, 'x'], issuer: ['https://a'] }, 'a claim (ID Token or x from https://a)'],
  ] as const)
    it(text, () => assert.equal(describeRequiredClaim(structuredClone(claim) as never), text));
});

it('GRANT-3.3.1-04: a claim token travels in base64url: a JWT as it is, anything else encoded', () => {
  const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.';
  assert.equal(encodedClaimToken(jwt), jwt);
  assert.equal(encodedClaimToken('b3BhcXVl'), 'b3BhcXVl');
  for (const token of ['{"organization":["acme"]}', '<saml:Assertion/>', 'a b', 'a+b/c==', 'ä']) {
    const sent = encodedClaimToken(token);
    assert.match(sent, /^[\w-]+$/);
    assert.equal(Buffer.from(sent, 'base64url').toString(), token);
  }
});

it('the name of the ID Token format that a server wants', () => {
  assert.equal(idTokenFormatOf([{ name: 'email' }]), undefined);
  assert.equal(idTokenFormatOf([{ claim_token_format: ['urn:x', ID_TOKEN_FORMAT_HTTPS] }]), ID_TOKEN_FORMAT_HTTPS);
  assert.equal(idTokenFormatOf([{ claim_token_format: [ID_TOKEN_FORMAT_HTTPS, ID_TOKEN_FORMAT] }]), ID_TOKEN_FORMAT);
});
