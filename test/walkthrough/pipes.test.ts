/** The walkthrough as an operator types it: separate processes, joined with pipes, and a server of its own process. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStage, type Served, type Stage } from './processes.ts';

const SUBMITTED =
  'The client is not authorised to access the requested resource set. A request has been submitted to the resource owner requesting access to the resource';

describe('the walkthrough by processes in pipes', () => {
  let stage: Stage;
  let server: Served;
  let resource: string;
  /** The roles by name, as an operator of another server sets them. */
  let env: Record<string, string>;
  const sh = (script: string) => stage.shell(script, env);

  before(async () => {
    stage = openStage();
    server = await stage.serve();
    env = {
      UMA_ISSUER: server.issuer,
      UMA_OWNER: 'alice',
      UMA_OWNER_PASSWORD: 'password',
      UMA_RS_CLIENT_ID: 'UMA-Resource-Server',
      UMA_RS_CLIENT_SECRET: 'password',
      UMA_CLIENT_ID: 'UmaClient',
      UMA_CLIENT_SECRET: 'password',
      UMA_PARTY_PASSWORD: 'password',
    };
  });
  after(() => stage.close());

  test('Alice gets a PAT and registers the photo album', async () => {
    const pat = await sh('uma pat --owner alice');
    assert.equal(pat.code, 0, pat.err);
    assert.equal(pat.json().scope, 'uma_protection');
    const registered = await sh(
      'uma register --name "Photo Album" --scope view --scope download --type http://www.example.com/rsets/photoalbum',
    );
    assert.equal(registered.code, 0, registered.err);
    resource = registered.json()._id;
    assert.match(registered.err, new RegExp(`registered "Photo Album" as ${resource}; next: uma ticket`));
  });

  test('before her approval: exit 7, the object with a new ticket on standard output (GRANT-3.3.6-15, -16)', async () => {
    const ticket = await sh('uma ticket --resource "Photo Album" --scope download');
    assert.equal(ticket.code, 0, ticket.err);
    const refused = await sh(`printf %s '${ticket.out}' | uma rpt --party bob`);
    assert.equal(refused.code, 7);
    const { error, error_description, ticket: next, interval } = refused.json();
    assert.deepEqual({ error, error_description }, { error: 'request_submitted', error_description: SUBMITTED });
    assert.ok(typeof next === 'string' && next !== '' && next !== ticket.json().ticket);
    assert.equal(typeof interval, 'number');
  });

  test('a refusal goes through the rest of the pipe unchanged, with its exit code', async () => {
    const refused = await sh(
      'uma ticket --resource "Photo Album" --scope download | uma rpt --party bob | uma introspect',
    );
    assert.equal(refused.code, 7);
    assert.equal(refused.json().error, 'request_submitted');
  });

  test('Alice sees one request of Bob and approves it', async () => {
    const list = await sh('uma request list');
    const [request, ...others] = list.json();
    assert.deepEqual(others, []);
    assert.deepEqual(request.scopes, ['download']);
    assert.deepEqual(request.party, { iss: server.issuer, sub: 'bob' });
    const approved = await sh('uma approve "$(uma request list --field "[0].id")"');
    assert.equal(approved.code, 0, approved.err);
  });

  test('after it: the same pipe gives an RPT, and introspection shows resource and scope (FED-5.1.1-04, -05)', async () => {
    const { code, err, json } = await sh(
      'uma ticket --resource "Photo Album" --scope download | uma rpt --party bob | tee rpt.json | uma introspect',
    );
    assert.equal(code, 0, err);
    const { active, permissions } = json();
    assert.equal(active, true);
    assert.equal(permissions.length, 1);
    assert.equal(permissions[0].resource_id, resource);
    assert.deepEqual(permissions[0].resource_scopes, ['download']);
    const field = await sh('uma introspect --token-file rpt.json --field active');
    assert.equal(field.out, 'true\n');
  });

  test('the ticket of a 401, as curl shows it, is as good as one on standard input (GRANT-3.2.1-01)', async () => {
    const ticket = (await sh('uma ticket --resource "Photo Album" --scope download --field ticket')).out.trim();
    const head = `HTTP/1.1 401 Unauthorized\\r\\nWWW-Authenticate: UMA realm="photos", as_uri="${server.issuer}", ticket="${ticket}"\\r\\n\\r\\n`;
    const granted = await sh(`printf '${head}' | uma rpt --party bob --field access_token`);
    assert.equal(granted.code, 0, granted.err);
    assert.match(granted.out, /^\S+\n$/);
  });

  test('standard output holds the result only, without colour', async () => {
    const { out } = await sh('uma ticket --resource "Photo Album" --scope download 2>/dev/null');
    assert.ok(!out.includes('\u001b'));
    assert.deepEqual(Object.keys(JSON.parse(out)), ['ticket', 'as_uri']);
  });

  test('Alice takes it back: the RPT ends, and the next pipe ends in exit 7', async () => {
    assert.equal((await sh('uma revoke --resource "Photo Album" --party bob')).code, 0);
    assert.equal((await sh('uma introspect < rpt.json')).out, '{"active":false}\n');
    assert.equal((await sh('uma ticket --resource "Photo Album" --scope download | uma rpt --party bob')).code, 7);
  });

  test('Alice says no: request_denied and exit 5 (GRANT-3.3.6-14)', async () => {
    assert.equal((await sh('uma deny --all')).code, 0);
    const denied = await sh('uma ticket --resource "Photo Album" --scope download | uma rpt --party bob');
    assert.equal(denied.code, 5);
    assert.equal(denied.json().error, 'request_denied');
  });

  test('without a claim token: need_info and exit 6, saying which claims (GRANT-3.3.6-07)', async () => {
    const asked = await sh('uma ticket --resource "Photo Album" --scope download | uma rpt --no-claims');
    assert.equal(asked.code, 6);
    assert.equal(asked.json().error, 'need_info');
    assert.ok(asked.json().required_claims.length > 0);
  });
});
