import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { UmaError } from '../../../src/protocol/errors.ts';
import { walkthroughConfig } from '../../../src/server/config/walkthrough.ts';
import { type StartOptions, startServer } from '../../../src/server/start.ts';
import { authorization, CLIENT, start, testConfig } from './harness.ts';

const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof UmaError, String(error));
  assert.deepEqual([error.category, error.code], ['config', expected]);
  return true;
};

/** A start that should fail; a server that did start would keep the test's process alive. */
const started = async (options: StartOptions) => (await startServer(options)).close();

describe('starting', () => {
  it('a taken port is a clear error', async () => {
    await using as = await start();
    const port = Number(new URL(as.server.url).port);
    await assert.rejects(started({ port }), (error: UmaError) => {
      assert.match(error.message, new RegExp(`${port}`));
      assert.match(error.hint ?? '', /--port/);
      return code('port_taken')(error);
    });
  });

  it('FED-1.3-01 SEC-8414-01 Q19: plain http beyond loopback needs a word, the walkthrough never leaves it', async () => {
    const own = { ...walkthroughConfig(), people: [] };
    await assert.rejects(started({ port: 0, host: '0.0.0.0', config: own }), code('insecure_http'));
    await assert.rejects(started({ port: 0, issuer: 'http://as.example', config: own }), code('insecure_http'));
    await assert.rejects(started({ port: 0, host: '0.0.0.0', insecureHttp: true }), code('walkthrough_not_local'));
    await assert.rejects(started({ port: 0, issuer: 'https://as.example' }), code('walkthrough_not_local'));
    // Each danger has a word of its own, beside the address.
    const demo = { port: 0, host: '0.0.0.0', exposeDemoPeople: true };
    await assert.rejects(started(demo), code('insecure_http'));
    await started({ ...demo, insecureHttp: true });
    for (const issuer of [
      'as.example',
      'https://as.example/',
      'https://as.example/a/',
      'https://as.example?x',
      'https://as.example#x',
      'https://AS.example',
      'ftp://as.example',
    ])
      await assert.rejects(started({ port: 0, issuer, config: own }), code('invalid_issuer'), issuer);
    const behindProxy = await startServer({ port: 0, issuer: 'https://as.example/uma', config: own });
    assert.equal(behindProxy.issuer, 'https://as.example/uma');
    await behindProxy.close();
  });

  it('behind a proxy, every address is the public one and cookies are for https only', async () => {
    const as = await startServer({
      port: 0,
      issuer: 'https://as.example/uma',
      config: { ...walkthroughConfig(), people: [] },
    });
    const ask = (path: string) =>
      new Promise<{ status: number | undefined; headers: Record<string, unknown> }>((resolve, reject) => {
        request(`${as.url}${path}`, { headers: { host: 'as.example' } }, (response) => {
          response.resume();
          response.on('end', () => resolve({ status: response.statusCode, headers: response.headers }));
        })
          .on('error', reject)
          .end();
      });
    const query = `client_id=UmaClient&response_type=code&redirect_uri=${encodeURIComponent('http://127.0.0.1:1/callback')}&scope=openid`;
    for (const path of ['/authorize', '/uma/authorize']) {
      const { headers, status } = await ask(`${path}?${query}`);
      assert.equal(status, 303);
      assert.match(String(headers.location), /^\/uma\/interaction\//);
      assert.match(String(headers['set-cookie']), /secure/i);
    }
    await as.close();
  });

  it('a proxy is believed where it is named: its word on the address counts, on plain http it is refused (SEC-9700-24)', async () => {
    const own = { ...walkthroughConfig(), people: [] };
    for (const proxy of ['', 'proxy.example', '10.0.0.0/0', '10.0.0.0/33', '::1/129', '10.0.0.1/8/8', 'true', '1'])
      await assert.rejects(started({ port: 0, config: own, trustProxy: [proxy] }), code('invalid_proxy'), proxy);
    const issuer = 'https://as.example';
    for (const [trustProxy, proto, status] of [
      [['loopback'], 'https', 200],
      [['127.0.0.0/8', '::1'], 'http', 400],
      [['192.0.2.1'], 'https', 400],
      [undefined, 'http', 200],
    ] as const) {
      const as = await startServer({ port: 0, config: own, issuer, trustProxy });
      const headers = { host: 'as.example', 'x-forwarded-proto': proto };
      const answered = await new Promise((resolve, reject) => {
        request(`${as.url}/jwks`, { headers }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
      assert.equal(answered, status, `${trustProxy} ${proto}`);
      await as.close();
    }
  });

  it('certificates that cannot be read are a configuration error, and nothing keeps listening', async () => {
    await assert.rejects(
      started({ port: 0, tls: { cert: '/nonexistent.pem', key: '/nonexistent.pem' } }),
      code('tls_unusable'),
    );
  });

  it('a form of RPTs that a layout does not know is a usage error', async () => {
    const started = startServer({ port: 0, layout: 'keycloak', rptFormat: 'opaque' });
    await assert.rejects(started, { category: 'usage', code: 'rpt_format_fixed', hint: /leave out --rpt-format/ });
  });

  it('a client that oidc-provider would refuse is a configuration error at the start', async () => {
    const config = testConfig((item) => {
      item.clients[0]!.redirect_uris = ['not a uri'];
    });
    await assert.rejects(started({ port: 0, config }), code('invalid_client'));
  });

  it('close answers what is in flight, refuses what comes later, and may be called twice', async () => {
    const as = await start();
    let closed: Promise<void> | undefined;
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const sent = request(`${as.server.url}/token`, {
        method: 'POST',
        headers: {
          ...authorization(CLIENT),
          'content-type': 'application/x-www-form-urlencoded',
          expect: '100-continue',
        },
      });
      // The server has the request's head and waits for its body.
      sent.on('continue', () => {
        closed = as.server.close();
        sent.end('grant_type=password&username=bob&password=password&scope=openid');
      });
      sent.on('error', reject).on('response', (response) => {
        let body = '';
        response.on('data', (part) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      });
      sent.flushHeaders();
    });
    assert.equal(answer.status, 200, answer.body);
    await closed;
    await as.server.close();
    await assert.rejects(as.send('/health'));
  });

  it('with a data directory, keys, resources, tokens and policies are there after a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'uma-test-'));
    try {
      const first = await start({ dataDir });
      const pat = await first.pat();
      const id = await first.register(pat);
      const policy = await first.allow(id);
      const keys = (await first.send('/jwks')).text;
      await first.server.close();
      await using second = await start({ dataDir });
      assert.equal((await second.send('/jwks')).text, keys);
      assert.equal((await second.json('GET', `/owner/policies/${policy}`, await second.ownerToken())).status, 200);
      await second.allow(id);
      assert.equal((await second.json('GET', `/resource_set/${id}`, pat)).status, 200);
      assert.equal((await second.redeem(await second.ticket(pat, id), await second.claimToken())).status, 200);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it('resources and policies of the configuration are there, once, after every start', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'uma-test-'));
    const config = testConfig((item) => {
      item.resources.push({
        id: 'r1',
        owner: 'alice',
        rs: 'UMA-Resource-Server',
        description: { resource_scopes: ['view'] },
      });
      item.policies.push({
        id: 'p1',
        owner: 'alice',
        resource_id: 'r1',
        effect: 'allow',
        subject: { party: { local_sub: 'bob' } },
      });
    });
    try {
      for (let turn = 0; turn < 2; turn += 1) {
        await using as = await start({ dataDir, config });
        const pat = await as.pat();
        assert.deepEqual((await as.json('GET', '/resource_set', pat)).body, ['r1']);
        assert.equal((await as.redeem(await as.ticket(pat, 'r1'), await as.claimToken())).status, 200);
      }
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
