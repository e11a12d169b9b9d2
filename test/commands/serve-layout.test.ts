import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { start, temporaryDirectory, uma } from '../cli/uma.ts';

/** `uma serve --layout forgerock` of its own process, and what it said. */
async function serveForgerock(...words: string[]) {
  const child = start(['serve', '--port', '0', '--layout', 'forgerock', ...words]);
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  const { issuer, url } = JSON.parse(line.toString()) as { issuer: string; url: string };
  return {
    issuer,
    url,
    said: () => said,
    async stop() {
      child.kill('SIGTERM');
      return (await once(child, 'exit'))[0] as number;
    },
  };
}

test('--layout forgerock: the issuer has its path, and each weaker behaviour is told with its reason', async () => {
  const served = await serveForgerock();
  assert.equal(served.issuer, `${served.url}/openam/oauth2`);
  assert.equal(await served.stop(), 0);
  assert.match(served.said(), /uma serve listens on .* \(people of the forgerock manual\)/);
  assert.match(served.said(), /layout forgerock, switch introspection-get: .*access logs/);
  assert.match(served.said(), /layout forgerock, switch sso-token: .*json\/authenticate/);
});

test('--layout with --data: the people’s labels and policies are there after a restart, and the manual’s tokens again', async () => {
  const data = temporaryDirectory();
  const headers = { 'accept-api-version': 'resource=1.0' };
  const RESOURCE = 'ef4d750e-3831-483b-b395-c6f059b5e15d0';
  const first = await serveForgerock('--data', data);
  const signedIn = await fetch(`${first.url}/openam/json/authenticate`, {
    method: 'POST',
    headers: { 'x-openam-username': 'alice', 'x-openam-password': 'Ch4ng31t' },
  });
  const { tokenId } = (await signedIn.json()) as { tokenId: string };
  const session = { ...headers, iplanetdirectorypro: tokenId };
  const policy = { policyId: RESOURCE, permissions: [{ subject: 'bob', scopes: ['view'] }] };
  const made = await fetch(`${first.url}/openam/json/users/alice/uma/policies/${RESOURCE}`, {
    method: 'PUT',
    headers: session,
    body: JSON.stringify(policy),
  });
  assert.equal(made.status, 201);
  const label = await fetch(`${first.url}/openam/json/users/alice/oauth2/resources/labels`, {
    method: 'POST',
    headers: session,
    body: JSON.stringify({ name: 'Kept' }),
  });
  assert.equal(label.status, 201);
  await first.stop();

  // The same address: people are named by the issuer, too.
  const second = await serveForgerock('--data', data, '--port', new URL(first.url).port);
  const read = async (path: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
    (await fetch(`${second.url}/openam${path}`, { headers: session })).json() as Promise<any>;
  const kept = await read(`/json/users/alice/uma/policies/${RESOURCE}`);
  assert.deepEqual(kept.permissions, policy.permissions);
  const labels = await read('/json/users/alice/oauth2/resources/labels?_queryFilter=type eq "USER"');
  assert.equal(labels.result[0].name, 'Kept');
  const active = await fetch(`${second.url}/openam/oauth2/introspect?token=Aw4a92ZoKsjadWKw2d4Rmcjv7DM`, {
    headers: { authorization: 'Bearer 057ad16f-7dba-4049-9f34-e609d230d43a' },
  });
  assert.equal(((await active.json()) as { active: boolean }).active, true);
  await second.stop();
});

test('a layout that there is not: exit 2, naming those that are', async () => {
  const { code, stderr } = await uma(['serve', '--layout', 'openldap']);
  assert.equal(code, 2);
  assert.match(stderr, /forgerock/);
});
