import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { issuer, openPeer } from './peer.ts';

const peer = openPeer();
after(() => peer.close());

interface Report {
  ok: boolean;
  failed?: string;
  steps: { step: string; differs?: string[] }[];
}

const STORIES = [
  ['alice-bob', 'bob', 'download'],
  ['photoz', 'jdoe', 'album:view'],
] as const;

for (const [story, party, scope] of STORIES) {
  test(`uma demo --story ${story} plays to its end, and says where Keycloak departs`, async () => {
    const before = await peer.ok<string[]>(['resource', 'list', '--ids']);
    const words = ['demo', '--issuer', issuer(), '--story', story];
    const { code, err, json } = await peer.run(words, { env: { UMA_PARTY: party } });
    assert.equal(code, 0, err);
    const report = json<Report & Record<string, unknown>>();
    assert.equal(report.ok, true);
    assert.equal(report.steps.length, 12);
    assert.match(err, new RegExp(`may ${scope} from now on`));
    const differs = Object.fromEntries(
      report.steps.flatMap(({ step, differs: said }) => (said === undefined ? [] : [[step, said.join()]])),
    );
    assert.deepEqual(Object.keys(differs), ['approve', 'rpt', 'refused']);
    assert.match(differs.rpt ?? '', /same ticket gave a second RPT/);
    assert.match(differs.refused ?? '', /outlives the revocation/);
    assert.match(err, /! the old RPT still opens it/);
    assert.deepEqual(await peer.ok(['resource', 'list', '--ids']), before, 'everything is cleaned up');
  });
}

test('the exit code of the smoke check names the step that failed, in JUnit too', async () => {
  const words = ['demo', '--issuer', issuer(), '--report', 'junit'];
  const { code, out } = await peer.run(words, { env: { UMA_OWNER: 'bob', UMA_OWNER_PASSWORD: 'password' } });
  assert.equal(code, 22);
  assert.match(out, /<testcase classname="uma.demo.alice-bob" name="pat: [^>]*><failure type="pat_lacks_role"/);
});
