/** `uma serve` as a process: what it keeps when it is killed, how it stops, what it says when it cannot start. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ended, openStage, type Stage } from './processes.ts';
import { basic, endpointsOf, form, json } from './wire.ts';

const person = { grant_type: 'password', username: 'alice', password: 'password' };

describe('uma serve as a process', () => {
  let stage: Stage;
  before(() => {
    stage = openStage();
  });
  after(() => stage.close());

  test('kill -9 after an acknowledged registration and approval: both are there on restart (decision 8)', async () => {
    const data = join(stage.directory, 'data');
    const first = await stage.serve('--data', data);
    const env = { UMA_ISSUER: first.issuer };
    const asked = await stage.shell(
      'uma register --name Photo --scope view >registered.json && uma ticket --resource Photo --scope view | uma rpt --party bob',
      env,
    );
    assert.equal(asked.code, 7, asked.err);
    const at = await endpointsOf(first.issuer);
    const token = async (members: Record<string, string>, client?: string) =>
      (await form(at.token_endpoint, client, { ...person, ...members })).body.access_token as string;
    const pat = await token({ scope: 'uma_protection' }, basic('UMA-Resource-Server', 'password'));
    const owner = await token({ scope: 'uma_owner', client_id: 'uma-cli' });
    const [request] = (await json(`${at.resource_owner_endpoint}/requests`, 'GET', owner)).body.requests;
    const acknowledged = await Promise.all([
      json(at.resource_registration_endpoint, 'POST', pat, { name: 'Last', resource_scopes: ['view'] }),
      json(`${at.resource_owner_endpoint}/requests/${request.id}/approve`, 'POST', owner, {}),
    ]);
    assert.equal(await first.stop('SIGKILL'), null);
    assert.deepEqual(
      acknowledged.map(({ status }) => status),
      [201, 200],
    );

    const second = await stage.serve('--data', data, '--port', new URL(first.issuer).port);
    assert.equal(second.issuer, first.issuer);
    const names = (await stage.shell('uma resource list --json name', env)).json();
    assert.deepEqual(names.map(({ name }: { name: string }) => name).sort(), ['Last', 'Photo']);
    const granted = await stage.shell('uma ticket --resource Photo --scope view | uma rpt --party bob', env);
    assert.equal(granted.code, 0, granted.err);
    assert.equal(await second.stop(), 0);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} with a request in flight: it is answered, then the process ends with 0`, async () => {
      const server = await stage.serve();
      const { port } = new URL(server.issuer);
      const body = new URLSearchParams({ ...person, scope: 'uma_owner', client_id: 'uma-cli' }).toString();
      const socket = connect(Number(port), '127.0.0.1');
      let answer = '';
      socket.setEncoding('utf8').on('data', (text) => {
        answer += text;
      });
      // "100 Continue" says that the server has the request and waits for its body.
      socket.write(
        `POST /token HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
          `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
      );
      await once(socket, 'data');
      assert.match(answer, /^HTTP\/1\.1 100 /);
      const stopped = server.stop(signal);
      await refusing(Number(port));
      socket.write(body);
      await once(socket, 'close');
      assert.match(answer, /HTTP\/1\.1 200 OK[\s\S]*"access_token":"/);
      assert.equal(await stopped, 0);
    });
  }

  test('a taken port: exit 3, which port, and what to do', async () => {
    const first = await stage.serve();
    const { port } = new URL(first.issuer);
    const { code, out, err } = await ended(stage.start(['serve', '--port', port]));
    assert.deepEqual([code, out], [3, '']);
    assert.match(err, new RegExp(`port ${port} of 127\\.0\\.0\\.1 is in use`));
    assert.match(err, /^Try: .*--port/m);
    assert.equal(await first.stop(), 0);
  });

  test('a stopped server: exit 8 with the address tried', async () => {
    const server = await stage.serve();
    await server.stop();
    const { code, out, err } = await stage.shell('uma ticket --resource Photo --scope view', {
      UMA_ISSUER: server.issuer,
    });
    assert.deepEqual([code, out], [8, '']);
    assert.ok(err.includes(server.issuer), err);
    const piped = await stage.shell('uma ticket --resource Photo --scope view -o json', { UMA_ISSUER: server.issuer });
    assert.equal(JSON.parse(piped.err).error.code, 'connection_refused');
  });
});

/** Done as soon as the port takes no more connections. */
async function refusing(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const refused = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false));
      socket.once('error', () => resolve(true));
    });
    socket.destroy();
    if (refused) return;
  }
}
