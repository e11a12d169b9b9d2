/** Steps 1 to 11 of the seeds' flow with nothing but processes: `uma serve`, `uma gateway` before a plain file server, curl, `uma get`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from './processes.ts';

describe('a file server under UMA', () => {
  let stage: Stage;
  let gateway: string;
  let env: Record<string, string>;
  const files = createServer((request, response) => {
    createReadStream(join(stage.directory, basename(request.url ?? '')))
      .once('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  before(async () => {
    stage = openStage();
    const server = await stage.serve();
    env = { UMA_ISSUER: server.issuer };
    await once(files.listen(0, '127.0.0.1'), 'listening');
    const upstream = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
    writeFileSync(join(stage.directory, 'photo.txt'), "alice's photo\n");
    writeFileSync(
      join(stage.directory, 'routes.json'),
      JSON.stringify({
        default: 'deny',
        realm: 'photos',
        owner: 'alice',
        cache: { read: 0 },
        routes: [{ path: '/*', methods: ['GET'], scopes: ['view'], resource: 'Files' }],
      }),
    );
    const pat = await stage.shell('uma pat --owner alice > pat.json && chmod 600 pat.json', env);
    assert.equal(pat.code, 0, pat.err);
    const words = [
      'gateway',
      '--upstream',
      upstream,
      '--config',
      'routes.json',
      '--pat-file',
      'pat.json',
      '--port',
      '0',
    ];
    const child = stage.start(words, env);
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    gateway = (JSON.parse(line.toString()) as { url: string }).url;
  });
  after(async () => {
    await stage.close();
    files.closeAllConnections();
    files.close();
  });

  test('curl gets the challenge; Bob exit 7; Alice approves; Bob gets the file; she revokes, and he does not', async () => {
    const curl = await stage.shell(`curl -si ${gateway}/photo.txt`);
    assert.match(curl.out, /^HTTP\/1\.1 401 /);
    const as_uri = env.UMA_ISSUER?.replaceAll('.', '\\.');
    assert.match(
      curl.out,
      new RegExp(`^www-authenticate: UMA realm="photos", as_uri="${as_uri}", ticket="[^"]+"\\r?$`, 'im'),
    );

    const first = await stage.shell(`uma get ${gateway}/photo.txt --party bob`, env);
    assert.equal(first.code, 7, first.err);
    assert.equal(first.json().error, 'request_submitted');

    const approved = await stage.shell('uma approve --all --owner alice', env);
    assert.equal(approved.code, 0, approved.err);
    const second = await stage.shell(`uma get ${gateway}/photo.txt --party bob`, env);
    assert.deepEqual([second.code, second.out], [0, "alice's photo\n"], second.err);

    const piped = await stage.shell(
      `curl -si ${gateway}/photo.txt | uma rpt --party bob --header > header.txt && curl -s -H @header.txt ${gateway}/photo.txt`,
      env,
    );
    assert.equal(piped.out, "alice's photo\n", piped.err);

    const revoked = await stage.shell('uma revoke --owner alice --resource Files --party bob --yes', env);
    assert.equal(revoked.code, 0, revoked.err);
    const after = await stage.shell(`uma get ${gateway}/photo.txt --party bob`, env);
    assert.equal(after.code, 7, after.err);
    assert.doesNotMatch(after.out, /photo/);
  });
});
