import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keyOf } from '../../../src/server/authorization/secrets.ts';
import { hashPassword, isPasswordHash, isSecret, verifyPassword } from '../../../src/server/config/passwords.ts';

it('a password is salted, hashed with argon2id and verified', async () => {
  const [first, second] = await Promise.all([hashPassword('pässword'), hashPassword('pässword')]);
  assert.match(first, /^\$argon2id\$v=19\$m=7168,t=5,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(first, second);
  assert.equal(await verifyPassword('pässword', first), true);
  assert.equal(await verifyPassword('password', first), false);
  assert.equal(await verifyPassword('', first), false);
});

it('a hash of the reference implementation is verified with the cost it names', async () => {
  // argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
  const vector = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await verifyPassword('password', vector), true);
  assert.equal(await verifyPassword('differentpassword', vector), false);
});

it('without a hash no password is right, and the same work is done', async () => {
  assert.equal(await verifyPassword('password', undefined), false);
  const hash = await hashPassword('password');
  const time = async (phc: string | undefined) => {
    const times: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const start = performance.now();
      await verifyPassword('other', phc);
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  const [known, unknown] = [await time(hash), await time(undefined)];
  assert.ok(unknown > known / 3, `${unknown} ms without a hash, ${known} ms with one`);
});

it('what is no argon2id hash, or one that costs too much, is none', () => {
  for (const phc of [
    '',
    'password',
    '$2b$12$abcdefghijklmnopqrstuv',
    '$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=999999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFh',
  ]) {
    assert.equal(isPasswordHash(phc), false, phc);
  }
});

it('a secret is compared by its SHA-256', () => {
  assert.equal(isSecret('s3cret', keyOf('s3cret')), true);
  assert.equal(isSecret('other', keyOf('s3cret')), false);
  assert.equal(isSecret('s3cret', 's3cret'), false);
});
