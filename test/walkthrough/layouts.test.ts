/** One script of `uma` commands, unchanged apart from the profile's name, against the embedded server in each of its layouts. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type RunningServer, startServer } from '../../src/server/start.ts';
import { openScript, type Script } from './script.ts';

const PUBLIC = { owner: 'password', party: 'password', rsClient: 'password', client: 'password' };

/** A layout more is one entry more. */
const LAYOUTS = [
  { layout: 'standard', dialect: 'standard', secrets: PUBLIC },
  { layout: 'forgerock', dialect: 'forgerock', secrets: { ...PUBLIC, owner: 'Ch4ng31t' } },
  { layout: 'forgerock', dialect: 'auto', secrets: { ...PUBLIC, owner: 'Ch4ng31t' } },
  { layout: 'keycloak', dialect: 'auto', secrets: PUBLIC },
];

// Together: each waits for its owner once.
describe('the script of the walkthrough', { concurrency: true }, () => {
  for (const { layout, dialect, secrets } of LAYOUTS) {
    describe(`uma against --layout ${layout}, dialect ${dialect}`, { concurrency: false }, () => {
      let server: RunningServer;
      let script: Script;
      before(async () => {
        server = await startServer({ port: 0, layout });
        script = await openScript({ issuer: server.issuer, dialect, rsClient: 'UMA-Resource-Server', secrets });
      });
      after(async () => {
        await server.close();
        script.close();
      });

      test('the walkthrough, the owner’s decisions, and the end of it all', () => script.play());

      test('uma history has what happened, where owners are told', async () => {
        const { code, err, json } = await script.typed('uma history');
        if (layout === 'keycloak') {
          assert.equal(code, 3, err);
          assert.match(err, /Keycloak does not offer a history for owners/);
          return;
        }
        assert.equal(code, 0, err);
        const types = new Set(json<{ type: string }[]>().map(({ type }) => type));
        for (const type of [
          'request_submitted',
          'request_approved',
          'request_denied',
          'rpt_issued',
          ...(layout === 'forgerock' ? [] : ['rpt_used']),
        ])
          assert.ok(types.has(type), type);
      });

      test('uma demo plays on it, and leaves nothing behind', async () => {
        const before = (await script.typed('uma resource list')).json<unknown[]>();
        const ran = await script.typed(`uma demo --issuer ${server.issuer}`);
        assert.equal(ran.code, 0, ran.out + ran.err);
        assert.deepEqual((await script.typed('uma resource list')).json(), before);
      });
    });
  }
});
