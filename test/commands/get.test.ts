import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { httpSend } from '../../src/adapters/http.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/start.ts';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { RS_CLIENT } from '../gateway/harness.ts';
import { startUma, type Uma } from './uma.ts';

const listen = async (handler: RequestListener): Promise<{ url: string; server: Server }> => {
  const server = createServer(handler);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

describe('uma get at a gateway', () => {
  let uma: Uma;
  let gateway: RunningGateway;
  let files: Awaited<ReturnType<typeof listen>>;
  const seen: { method: string; body: string; headers: Record<string, unknown> }[] = [];
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255]);
  before(async () => {
    uma = await startUma();
    files = await listen((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        seen.push({ method: request.method ?? '', body, headers: request.headers });
        if (request.url === '/missing.txt') response.writeHead(404).end('no such file\n');
        else if (request.url === '/photo.png') response.setHeader('content-type', 'image/png').end(bytes);
        else response.setHeader('content-type', 'text/plain').end('the file\n');
      });
    });
    const pat = await uma.run(['pat', '--owner', 'alice', '--field', 'access_token']);
    gateway = await startGateway({
      upstream: files.url,
      routes: { default: 'deny', owner: 'alice', routes: [{ path: '/*', scopes: ['view'], resource: 'Files' }] },
      issuer: uma.server.issuer,
      client: RS_CLIENT,
      send: httpSend({ timeout: 5, insecure: false }),
      port: 0,
      pat: { mode: 'given', pat: pat.out.trim(), owner: 'alice' },
    });
  });
  after(async () => {
    await gateway.close();
    files.server.closeAllConnections();
    files.server.close();
    await uma.close();
  });

  it('GRANT-3.1-01: first, without a token, exit 7 with the outcome on standard output; after approval the file; then with the kept RPT and nothing else', async () => {
    const asked = await uma.run(['get', `${gateway.url}/a.txt`, '--party', 'bob']);
    assert.equal(asked.code, 7, asked.err);
    assert.equal(asked.json().error, 'request_submitted');
    assert.equal(seen.length, 0);
    assert.equal((await uma.run(['approve', '--all', '--owner', 'alice'])).code, 0);
    const got = await uma.run(['get', `${gateway.url}/a.txt`, '--party', 'bob']);
    assert.deepEqual([got.code, got.out], [0, 'the file\n'], got.err);
    const again = await uma.run(['get', `${gateway.url}/b.txt`, '--party', 'bob', '-v']);
    assert.deepEqual([again.code, again.out], [0, 'the file\n']);
    assert.doesNotMatch(again.err, /\/token|401/);
    assert.match(again.err, /GET \/b\.txt -> 200/);
  });

  it('another party has RPTs of its own', async () => {
    assert.equal((await uma.run(['get', `${gateway.url}/a.txt`, '--party', 'chris'])).code, 7);
  });

  it('-X, -d @FILE and -H @FILE go through; bytes come out as they are with -o', async () => {
    const data = uma.file('new.txt', 'line 1\nline 2');
    const headers = uma.file('headers.txt', 'X-Note: hello\ncontent-type: text/plain\n');
    const put = await uma.run([
      'get',
      `${gateway.url}/a.txt`,
      '-X',
      'PUT',
      '-d',
      `@${data}`,
      '-H',
      `@${headers}`,
      '--party',
      'bob',
    ]);
    assert.equal(put.code, 0, put.err);
    const { method, body, headers: sent } = seen.at(-1)!;
    assert.deepEqual(
      [method, body, sent['x-note'], sent['content-type']],
      ['PUT', 'line 1\nline 2', 'hello', 'text/plain'],
    );
    const out = uma.file('photo.png', '');
    assert.equal((await uma.run(['get', `${gateway.url}/photo.png`, '-o', out, '--party', 'bob'])).code, 0);
    assert.deepEqual(readFileSync(out), bytes);
  });

  it('a picture is not written to a terminal; text is, without what steers it', async () => {
    const { code, err, out } = await uma.run(['get', `${gateway.url}/photo.png`, '--party', 'bob'], { tty: true });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /--out/);
  });

  it('what the resource itself answers is printed; from 400 on it is an error', async () => {
    const { code, out, err } = await uma.run(['get', `${gateway.url}/missing.txt`, '--party', 'bob']);
    assert.deepEqual([code, out], [2, 'no such file\n']);
    assert.match(err, /http_404/);
  });

  it('secrets in argv are refused: Authorization, Cookie, a name in the address', async () => {
    for (const argv of [
      ['-H', 'Authorization: Bearer hunter2'],
      ['-H', 'authorization:Basic hunter2'],
      ['-H', 'Cookie: s=hunter2'],
    ]) {
      const { code, err } = await uma.run(['get', gateway.url, ...argv]);
      assert.equal(code, 2);
      assert.match(err, /secret_in_argv|command line/);
      assert.doesNotMatch(err, /hunter2/);
    }
    assert.equal((await uma.run(['get', gateway.url.replace('//', '//bob:hunter2@')])).code, 2);
  });

  it('--wait sits out request_submitted', async () => {
    const waiting = uma.run(['get', `${gateway.url}/a.txt`, '--party', 'jdoe', '--wait', '30s']);
    for (;;) {
      const { out } = await uma.run(['request', 'list', '--owner', 'alice']);
      if (out.includes('jdoe')) break;
    }
    assert.equal((await uma.run(['approve', '--all', '--owner', 'alice'])).code, 0);
    const { code, out, err } = await waiting;
    assert.deepEqual([code, out], [0, 'the file\n'], err);
  });
});

describe('uma get and resource servers that are no help', () => {
  let uma: Uma;
  before(async () => {
    uma = await startUma();
  });
  after(() => uma.close());

  const at = async (handler: RequestListener, ...argv: string[]) => {
    const { url, server } = await listen(handler);
    const ran = await uma.run(['get', `${url}/x`, '--party', 'bob', '-v', ...argv]);
    server.closeAllConnections();
    server.close();
    return ran;
  };

  it('GRANT-3.2.2-03: 403 with the warning ends it with a clear error, and nothing is sent to the AS', async () => {
    const { code, err, out } = await at((_request, response) =>
      response.writeHead(403, { warning: '199 - "UMA Authorization Server Unreachable"' }).end('x'),
    );
    assert.deepEqual([code, out], [9, '']);
    assert.match(err, /as_unreachable/);
    assert.ok(!err.includes(uma.server.issuer), err);
  });

  it('GRANT-3.2.2-03: a UMA challenge without a ticket is the same', async () => {
    const { code, err } = await at((_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'UMA realm="x"' }).end(),
    );
    assert.equal(code, 9);
    assert.ok(!err.includes(uma.server.issuer), err);
  });

  it('decision 11: an as_uri that is not the issuer in use ends it with 3, naming both, before anything is sent', async () => {
    const { code, err } = await at((_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'UMA as_uri="https://evil.example", ticket="t"' }).end(),
    );
    assert.equal(code, 3);
    assert.match(err, /https:\/\/evil\.example/);
    assert.match(err, /--trust-as/);
    assert.doesNotMatch(err, /\/token/);
  });

  it('GRANT-5.2-01: an RPT follows no redirect', async () => {
    let reached = false;
    const other = await listen((_request, response) => {
      reached = true;
      response.end();
    });
    const { code, err } = await at((_request, response) => response.writeHead(302, { location: other.url }).end());
    other.server.close();
    assert.equal(code, 2);
    assert.match(err, /redirected/);
    assert.equal(reached, false);
  });

  it('GRANT-3.5-03: challenged again and again it stops after three RPTs', async () => {
    const register = await uma.run(['register', '--owner', 'alice', '--name', 'X', '--scope', 'view']);
    const id = register.json<{ _id: string }>()._id;
    await uma.run(['policy', 'add', '--owner', 'alice', '--resource', id, '--party', 'bob', '--scope', 'view']);
    let requests = 0;
    const { code, err } = await at(async (_request, response) => {
      requests += 1;
      const { ticket } = (await uma.run(['ticket', '--owner', 'alice', '--resource', id, '--scope', 'view'])).json<{
        ticket: string;
      }>();
      response.writeHead(401, { 'www-authenticate': `UMA as_uri="${uma.server.issuer}", ticket="${ticket}"` }).end();
    });
    assert.deepEqual([code, requests], [9, 4], err);
    assert.match(err, /no_progress/);
  });

  it('GRANT-3.3-03: the discovery document of the AS that as_uri names is read before the ticket is redeemed there, by the client that is known there', async () => {
    const challenge = `UMA as_uri="${uma.server.issuer}", ticket="t"`;
    const relayed = await at((_request, response) => response.writeHead(401, { 'www-authenticate': challenge }).end());
    const order = [...relayed.err.matchAll(/(GET|POST) (\/\.well-known\/uma2-configuration|\/token|\/x) ->/g)];
    assert.deepEqual(
      order.map(([, , path]) => path),
      ['/x', '/.well-known/uma2-configuration', '/token'],
    );
    await uma.run(['profile', 'add', 'bare', '--issuer', uma.server.issuer, '--party', 'bob']);
    const unknown = await uma.run(['get', 'http://127.0.0.1:9/x'], { env: { UMA_PROFILE: 'bare' } });
    assert.equal(unknown.code, 3, unknown.err);
    assert.match(unknown.err, /client/);
    await uma.run(['profile', 'delete', 'bare', '--yes']);
  });

  it('an answer that needs no UMA is just printed', async () => {
    assert.equal((await at((_request, response) => response.end('open'))).out, 'open');
  });
});

describe('a resource server that relays the challenge of another one', () => {
  // 0.0.0.0 is this machine, and no loopback address: as good as anybody's to the client.
  const relay = async (origin: string, seen: (string | undefined)[]) => {
    const server = createServer(async (request, response) => {
      seen.push(request.headers.authorization);
      const challenged = await fetch(`${origin}/a.txt`, {
        headers: request.headers.authorization === undefined ? {} : { authorization: request.headers.authorization },
      });
      const challenge = challenged.headers.get('www-authenticate');
      response.writeHead(challenged.status, challenge === null ? {} : { 'www-authenticate': challenge });
      response.end(await challenged.text());
    });
    await once(server.listen(0, '0.0.0.0'), 'listening');
    const { port } = server.address() as AddressInfo;
    return { server, url: `http://0.0.0.0:${port}` };
  };
  const stage = async (origins?: string[]) => {
    const config = walkthroughConfig();
    config.clients = config.clients.map((client) =>
      client.client_id === 'UMA-Resource-Server' && origins !== undefined ? { ...client, origins } : client,
    );
    const uma = await startUma({ config });
    const files = await listen((_request, response) => response.end('the file'));
    const pat = await uma.run(['pat', '--owner', 'alice', '--field', 'access_token']);
    const gateway = await startGateway({
      upstream: files.url,
      routes: { default: 'deny', owner: 'alice', routes: [{ path: '/*', scopes: ['view'], resource: 'Files' }] },
      issuer: uma.server.issuer,
      client: RS_CLIENT,
      send: httpSend({ timeout: 5, insecure: false }),
      port: 0,
      pat: { mode: 'given', pat: pat.out.trim(), owner: 'alice' },
    });
    await (await fetch(`${gateway.url}/a.txt`)).text();
    const policy = ['policy', 'add', '--owner', 'alice', '--resource', 'Files', '--party', 'bob'];
    assert.equal((await uma.run(policy)).code, 0);
    const seen: (string | undefined)[] = [];
    const evil = await relay(gateway.url, seen);
    const get = (url: string, ...argv: string[]) => uma.run(['get', url, '--party', 'bob', '--insecure', ...argv]);
    return {
      seen,
      evil: `${evil.url}/a.txt`,
      good: `${gateway.url}/a.txt`,
      get,
      async [Symbol.asyncDispose]() {
        evil.server.closeAllConnections();
        evil.server.close();
        await gateway.close();
        files.server.close();
        await uma.close();
      },
    };
  };

  it('ATK-01: where the server confirms nothing: exit 3, and the RPT is not sent; --trust-rs says otherwise', async () => {
    await using its = await stage();
    const refused = await its.get(its.evil);
    assert.deepEqual([refused.code, refused.out], [3, ''], refused.err);
    assert.match(refused.err, /untrusted_rs|--trust-rs/);
    assert.deepEqual(its.seen, [undefined], 'asked once, without a token');
    const trusted = await its.get(its.evil, '--trust-rs', new URL(its.evil).origin);
    assert.deepEqual([trusted.code, trusted.out], [0, 'the file'], trusted.err);
    assert.match(its.seen.at(-1) ?? '', /^Bearer /);
  });

  it('ATK-03: where the server knows its resource servers, the ticket is refused for the wrong one', async () => {
    await using its = await stage(['https://rs2.example']);
    const refused = await its.get(its.evil);
    assert.match(refused.err, /invalid_target/);
    assert.deepEqual(its.seen, [undefined]);
  });

  it('ATK-04 SEC-9449-03: --dpop: the RPT is bound, kept with its key, and of no use to the relay', async () => {
    await using its = await stage();
    const good = await its.get(its.good, '--dpop', '-vv');
    assert.deepEqual([good.code, good.out], [0, 'the file'], good.err);
    assert.match(good.err, /^> authorization: DPoP /m);
    assert.match(good.err, /"token_type": "DPoP"/);
    const again = await its.get(its.good, '-v');
    assert.deepEqual([again.code, again.out], [0, 'the file'], again.err);
    assert.doesNotMatch(again.err, /\/token/);
    const relayed = await its.get(its.evil, '--dpop');
    assert.equal(relayed.code, 9, relayed.err);
    assert.match(relayed.err, /no_progress/);
    assert.ok(its.seen.some((authorization) => authorization?.startsWith('DPoP ')));
  });
});
