// The checks are tested by broken servers: each fault must be caught by the check that names it, which passes without the fault.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Finding } from '../../src/conformance/check.ts';
import { CHECKS } from '../../src/conformance/checks/registry.ts';
import { createHttp, type Http } from '../../src/conformance/http.ts';
import { runCheck } from '../../src/conformance/runner.ts';
import { discover, Session } from '../../src/conformance/session.ts';
import { FAULT_HEADER, type Fault, type FaultyServer, startFaulty } from './faults/proxy.ts';
import { FAULTS } from './faults/registry.ts';

let faulty: FaultyServer;
let http: Http;
const sound = new Map<string, Promise<Finding[]>>();

before(async () => {
  faulty = await startFaulty(FAULTS);
  http = createHttp({ timeout_ms: 10_000 });
});
after(async () => {
  http.close();
  await faulty.close();
});

async function findingsOf(name: string, fault: Fault | undefined): Promise<Finding[]> {
  const check = CHECKS[name];
  assert.ok(check, `there is a check ${name}`);
  const { config } = faulty.subject;
  const named: Http = {
    close: () => undefined,
    send: (request) =>
      http.send(
        fault === undefined
          ? request
          : { ...request, headers: { ...request.headers, [FAULT_HEADER]: encodeURIComponent(fault.name) } },
      ),
  };
  // A fault in the discovery document itself can make it unusable: the checks then go on with the sound one.
  const metadata = await discover(config, named).catch(() => discover(config, http));
  return runCheck(new Session(config, metadata, named), check);
}

const failedRows = (findings: readonly Finding[]) =>
  findings.filter(({ status }) => status === 'fail').map(({ requirement, detail }) => `${requirement}: ${detail}`);

test('there are at least 30 faults, each with a name of its own and a row that its check declares', () => {
  assert.ok(FAULTS.length >= 30, `${FAULTS.length} faults`);
  assert.equal(new Set(FAULTS.map(({ name }) => name)).size, FAULTS.length);
  for (const { name, check, row } of FAULTS)
    assert.ok(CHECKS[check]?.requirements.includes(row), `${name}: ${check} has no ${row}`);
});

describe('faults', { concurrency: 6 }, () => {
  for (const fault of FAULTS) {
    test(`${fault.row}: "${fault.name}" is caught by ${fault.check}`, async () => {
      const found = sound.get(fault.check) ?? findingsOf(fault.check, undefined);
      sound.set(fault.check, found);
      const before = failedRows(await found).filter((line) => line.startsWith(`${fault.row}:`));
      assert.deepEqual(before, [], 'the check passes on the sound server');
      const broken = await findingsOf(fault.check, fault);
      const caught = broken.filter(({ requirement, status }) => requirement === fault.row && status === 'fail');
      assert.ok(caught.length > 0, `not caught; failed were: ${failedRows(broken).join('; ') || 'none'}`);
    });
  }
});
