/** Steps 1 to 11 of the seeds' flow with nothing but processes: `uma gateway` before a plain file server, curl, `uma get`; the server is given. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { openStage, type Stage } from './processes.ts';

export interface AuthorizationServer {
  /** For every command: issuer, people, clients, secrets. */
  env: Record<string, string>;
  /** Keycloak: an RPT that was issued before the revocation opens the file until it ends. */
  rptOutlivesRevocation?: boolean;
}

/**
 * 401 for curl, exit 7 for Bob, Alice approves, the file, she revokes, and the gateway says no again.
 * @param open starts the authorization server, or names one that runs.
 */
export async function playPhotoGateway(open: (stage: Stage) => Promise<AuthorizationServer>): Promise<void> {
  const stage = openStage();
  const files = createServer((request, response) => {
    createReadStream(join(stage.directory, basename(request.url ?? '')))
      .once('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  let env: Record<string, string> = {};
  try {
    const server = await open(stage);
    env = server.env;
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
    const words = ['gateway', '--upstream', upstream, '--config', 'routes.json', '--pat-file', 'pat.json'];
    const child = stage.start([...words, '--port', '0'], env);
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const url = `${(JSON.parse(line.toString()) as { url: string }).url}/photo.txt`;
    await shareAndTakeBack(stage, url, server);
  } finally {
    // A server that is not this stage's keeps what was registered.
    await stage.shell('uma resource delete Files --owner alice --yes', env);
    await stage.close();
    files.closeAllConnections();
    files.close();
  }
}

async function shareAndTakeBack(
  stage: Stage,
  url: string,
  { env, rptOutlivesRevocation = false }: AuthorizationServer,
): Promise<void> {
  const curl = await stage.shell(`curl -si ${url}`);
  assert.match(curl.out, /^HTTP\/1\.1 401 /);
  const as_uri = env.UMA_ISSUER?.replaceAll('.', '\\.');
  assert.match(
    curl.out,
    new RegExp(`^www-authenticate: UMA realm="photos", as_uri="${as_uri}", ticket="[^"]+"\\r?$`, 'im'),
  );

  const first = await stage.shell(`uma get ${url} --party bob`, env);
  assert.equal(first.code, 7, first.err);
  assert.equal(first.json().error, 'request_submitted');

  const approved = await stage.shell('uma approve --all --owner alice', env);
  assert.equal(approved.code, 0, approved.err);
  const second = await stage.shell(`uma get ${url} --party bob`, env);
  assert.deepEqual([second.code, second.out], [0, "alice's photo\n"], second.err);

  const piped = await stage.shell(
    `curl -si ${url} | uma rpt --party bob --header > header.txt && curl -s -H @header.txt ${url}`,
    env,
  );
  assert.equal(piped.out, "alice's photo\n", piped.err);

  const revoked = await stage.shell('uma revoke --owner alice --resource Files --party bob --yes', env);
  assert.equal(revoked.code, 0, revoked.err);
  if (rptOutlivesRevocation) assert.match(revoked.err, /an RPT that this server has issued before stays good/);
  const kept = await stage.shell(`uma get ${url} --party bob`, env);
  assert.equal(kept.code, rptOutlivesRevocation ? 0 : 7, kept.err);
  if (!rptOutlivesRevocation) assert.doesNotMatch(kept.out, /photo/);
  const anew = await stage.shell(`curl -si ${url} | uma rpt --party bob`, env);
  assert.equal(anew.code, 7, anew.err);
}
