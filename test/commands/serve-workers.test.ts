import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { start, temporaryDirectory, uma } from '../cli/uma.ts';
import { Harness } from '../server/http/harness.ts';

async function workers(t: TestContext): Promise<{ as: Harness; child: ChildProcess; said: AsyncIterator<string> }> {
  const child = start(['serve', '--port', '0', '--workers', '2', '--data', temporaryDirectory()]);
  t.after(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const said = createInterface({ input: child.stderr! })[Symbol.asyncIterator]();
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  const { issuer, pid } = JSON.parse(line.toString()) as { issuer: string; pid: number };
  assert.equal(pid, child.pid);
  const as = new Harness({ issuer, url: issuer, switches: [], notes: [], close: async () => {} }, []);
  return { as, child, said };
}

test('two workers on one port are one server: of 100 parallel redemptions one wins (ATK-21); SIGTERM ends all with 0', async (t) => {
  const { as, child } = await workers(t);
  const pat = await as.pat();
  const id = await as.register(pat);
  await as.allow(id);
  const [claims, ticket] = [await as.claimToken(), await as.ticket(pat, id)];
  const answers = await Promise.all(Array.from({ length: 100 }, () => as.redeem(ticket, claims)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ body }) => body.error === 'invalid_grant').length, 99);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  await assert.rejects(fetch(as.server.issuer), 'nobody is left');
});

const childrenOf = ({ pid }: ChildProcess): number[] =>
  spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .filter(Boolean)
    .map(Number);

test('a worker that is killed is replaced, and its sibling answers meanwhile; without the first process none stays', async (t) => {
  const { as, child, said } = await workers(t);
  await said.next();
  const [killed = 0, sibling] = childrenOf(child);
  process.kill(killed, 'SIGKILL');
  assert.match((await said.next()).value as string, /a worker ended \(SIGKILL\); another one takes its place/);
  assert.equal((await as.send('/health')).status, 200);
  let now = childrenOf(child);
  while (now.length < 2) now = childrenOf(child);
  assert.deepEqual([now.includes(killed), now.includes(sibling ?? 0)], [false, true]);
  child.kill('SIGKILL');
  const gone = async () =>
    fetch(`${as.server.issuer}/health`).then(
      () => false,
      () => true,
    );
  while (!(await gone()));
});

test('refused: without a store (2), a number that is none (2), a taken port (3, as without workers)', async () => {
  const data = temporaryDirectory();
  const none = await uma(['serve', '--port', '0', '--workers', '2']);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /--data/);
  assert.equal((await uma(['serve', '--workers', '0', '--data', data])).code, 2);
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = await uma(['serve', '--port', String(port), '--workers', '2', '--data', data]);
  taken.close();
  assert.deepEqual([code, /--port/.test(stderr)], [3, true], stderr);
});
