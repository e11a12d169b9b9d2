import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ended, openStage, type Stage } from '../walkthrough/processes.ts';
import { runUma, startUma, type Uma } from './uma.ts';

const STEPS = 'discover pat register ask claims submitted approve ticket rpt serve revoke refused'.split(' ');

interface Report {
  story: string;
  issuer: string;
  ok: boolean;
  failed?: string;
  steps: { step: string; ok: boolean; exchanges: { label: string; from: string; to: string; status?: number }[] }[];
}

/** Against the server of the suite. */
const smoke = (uma: Uma, words: string[] = [], env: Record<string, string> = {}) =>
  uma.run(['demo', '--issuer', uma.server.issuer, ...words], { env });

async function nothingLeft(uma: Uma): Promise<void> {
  assert.deepEqual((await uma.run(['resource', 'list', '--owner', 'alice'])).json(), []);
  assert.deepEqual((await uma.run(['request', 'list', '--owner', 'alice', '--all'])).json(), []);
  assert.deepEqual((await uma.run(['policy', 'list', '--owner', 'alice'])).json(), []);
}

describe('uma demo', () => {
  let uma: Uma;
  before(async () => {
    uma = await startUma();
  });
  after(() => uma.close());

  test('plays the flow on a server of its own, in the order of the labels', async () => {
    const { code, out, err } = await runUma(['demo'], {}, uma.directory);
    assert.equal(code, 0, err);
    const report = JSON.parse(out) as Report;
    assert.equal(report.ok, true);
    assert.deepEqual(
      report.steps.map(({ step }) => step),
      STEPS,
    );
    const labels = report.steps.flatMap(({ exchanges }) => exchanges.map(({ label }) => label)).filter(Boolean);
    assert.deepEqual(labels, ['2', '3', '5', '6', '2', '3', '6', '9', '10', '9', '10', '3', '6']);
    assert.ok(!err.includes('password=password') && !/access_token":"[^"…]{20}/.test(err), 'secrets are cut short');
  });

  test('--story photoz: the people, album and scope of the Keycloak story', async () => {
    const { code, out, err } = await runUma(['demo', '--story', 'photoz'], {}, uma.directory);
    assert.equal(code, 0, err);
    assert.deepEqual(
      JSON.parse(out).steps.map(({ step }: { step: string }) => step),
      STEPS,
    );
    assert.match(err, /jdoe may album:view from now on/);
    assert.match(err, /"name":"a4".*"album:view","album:delete"/);
  });

  test('--issuer: the smoke check of a running server leaves nothing behind', async () => {
    const { code, err, json } = await smoke(uma);
    assert.equal(code, 0, err);
    assert.equal(json<Report>().issuer, uma.server.issuer);
    await nothingLeft(uma);
  });

  test('a wrong client secret: exit 22, and the report names the step pat', async () => {
    const { code, err, json } = await smoke(uma, [], { UMA_RS_CLIENT_SECRET: 'wrong' });
    assert.equal(code, 22);
    assert.equal(json<Report>().failed, 'pat');
    assert.match(err, /invalid_client/);
    await nothingLeft(uma);
  });

  test('a failure late in the play removes what was registered, too', async () => {
    const { code, json } = await smoke(uma, [], { UMA_CLIENT_SECRET: 'wrong' });
    assert.equal(code, 25);
    assert.equal(json<Report>().failed, 'claims');
    await nothingLeft(uma);
  });

  test('a stopped server: exit 21, with the address tried', async () => {
    const port = await freePort();
    const { code, err, json } = await runUma(['demo', '--issuer', `http://127.0.0.1:${port}`], {}, uma.directory);
    assert.equal(code, 21);
    assert.equal(json<Report>().failed, 'discover');
    assert.match(err, new RegExp(`http://127\\.0\\.0\\.1:${port}`));
  });

  test('--quiet leaves the reason of a failure, and nothing else, on standard error', async () => {
    const { code, out, err } = await runUma(
      ['demo', '--issuer', `http://127.0.0.1:${await freePort()}`, '--quiet', '--field', 'failed'],
      {},
      uma.directory,
    );
    assert.deepEqual([code, out], [21, 'discover\n']);
    assert.match(err, /^uma: step 1 \(discover\): GET .*nobody listens at .*\nTry: .*\n$/);
  });

  test('--report junit: one case a step; after a failure the rest is skipped', async () => {
    const good = readXml((await smoke(uma, ['--report', 'junit'])).out);
    assert.equal(good.filter(({ name }) => name === 'testcase').length, STEPS.length);
    assert.deepEqual(good.find(({ name }) => name === 'testsuite')?.attributes.failures, '0');

    const bad = readXml((await smoke(uma, ['--report', 'junit'], { UMA_RS_CLIENT_SECRET: '<&">' })).out);
    const suite = bad.find(({ name }) => name === 'testsuite')?.attributes;
    assert.deepEqual([suite?.tests, suite?.failures, suite?.skipped], ['12', '1', '10']);
    assert.match(bad.find(({ name }) => name === 'failure')?.attributes.message ?? '', /invalid_client/);
  });
});

describe('uma demo, interrupted (conventions 30)', () => {
  let uma: Uma;
  let stage: Stage;
  before(async () => {
    stage = openStage();
  });
  after(async () => {
    await uma.close();
    await stage.close();
  });

  test('Ctrl-C in the middle removes what was registered at another server, and ends with 130', async (t) => {
    const gate = await openGate();
    t.after(gate.close);
    uma = await startUma({ issuer: gate.origin });
    gate.forwardTo(uma.server.url);
    const demo = stage.start(['demo', '--issuer', gate.origin]);
    const end = ended(demo);
    await gate.reached;
    assert.equal((await uma.run(['resource', 'list', '--issuer', uma.server.issuer])).json<[]>().length, 1);
    demo.kill('SIGINT');
    const { code, out, err } = await end;
    assert.equal(code, 130, err);
    assert.equal(out, '');
    assert.doesNotMatch(err, /warning/);
    await nothingLeft(uma);
  });
});

/** A proxy before the server that never answers the client's request for an RPT: the middle of the play, for as long as it takes. */
async function openGate() {
  let target = '';
  let reach: () => void;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const http = createServer(async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (body.includes('uma-ticket')) return reach();
    const { method, url, headers } = incoming;
    const inner = httpRequest(target + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    inner.end(body);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    reached,
    forwardTo(origin: string) {
      target = origin;
    },
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface Element {
  name: string;
  attributes: Record<string, string>;
}

/** The elements of a document of tags and attributes. @throws when it is not well-formed. */
function readXml(text: string): Element[] {
  const elements: Element[] = [];
  const open: string[] = [];
  const tag = /\s*(?:<\?xml [^?]*\?>|<\/(\w+)>|<(\w+)((?: [\w.]+="[^"<]*")*)(\/?)>)/y;
  for (let at = 0; text.slice(at).trim() !== ''; at = tag.lastIndex) {
    tag.lastIndex = at;
    const found = tag.exec(text);
    assert.ok(found, `not XML at ${text.slice(at, at + 60)}`);
    const [, closed, opened, attributes = '', empty] = found;
    if (closed !== undefined) assert.equal(open.pop(), closed);
    if (opened === undefined) continue;
    if (empty === '') open.push(opened);
    for (const [, value] of attributes.matchAll(/="([^"]*)"/g))
      assert.doesNotMatch(value ?? '', /&(?!(amp|lt|gt|quot);)/);
    elements.push({
      name: opened,
      attributes: Object.fromEntries(
        [...attributes.matchAll(/([\w.]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
      ),
    });
  }
  assert.deepEqual(open, []);
  return elements;
}
