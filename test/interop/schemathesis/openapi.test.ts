/**
 * schemathesis over /openapi.json of a running server: generated requests, with credentials and without, get no 5xx and no answer
 * that the description does not have (status, type, shape, methods).
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CLIENT, start } from '../../server/http/harness.ts';

/** Where .ci/run installs it; UMA_SCHEMATHESIS names another place. */
const INSTALLED = fileURLToPath(new URL('../../../.cache/schemathesis/bin/st', import.meta.url));
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
];
const SEED = '1';

test('no 5xx, and no answer outside the description', { timeout: 600_000 }, async (t) => {
  const program = process.env.UMA_SCHEMATHESIS ?? INSTALLED;
  assert.ok(existsSync(program), `schemathesis is not at ${program}: .ci/run installs it`);
  await using as = await start();
  const pat = await as.pat();
  await as.redeem(await as.ticket(pat, await as.register(pat)), await as.claimToken());
  const words = ['run', `${as.server.issuer}/openapi.json`, '--checks', CHECKS.join(','), '--seed', SEED];
  const child = spawn(program, [...words, '--max-examples', '10', '--workers', '1', '--no-color'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: {
      ...process.env,
      SCHEMATHESIS_HOOKS: 'hooks',
      PYTHONDONTWRITEBYTECODE: '1',
      PAT: pat,
      OWNER_TOKEN: await as.ownerToken(),
      USER_TOKEN: (await as.token('bob', 'openid email', CLIENT)).access_token,
      CLIENT_BASIC: `Basic ${btoa(CLIENT)}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  assert.equal(code, 0, out + err);
  const passed = Number(/generated, (\d+) passed/.exec(out)?.[1] ?? 0);
  assert.ok(passed > 300, `${passed} requests were made\n${out}`);
  assert.deepEqual(as.logged, []);
  console.log(`schemathesis: ${passed} requests, seed ${SEED}`);
});
