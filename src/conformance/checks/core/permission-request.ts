import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-4.2-01', 'FED-4.2-02', 'FED-4.3-01', 'FED-4.3-02', 'FED-4.3-03', 'FED-6-01', 'FED-6-02'],
  title: 'the permission endpoint: one ticket, or one exact error',
  profile: 'core',
  sends:
    'One permission, an array of three, one without scopes; unknown ids and scopes beside good ones; empty, mistyped and broken bodies.',
  expects:
    '201 with one string ticket; 400 invalid_resource_id, 400 invalid_scope, 400 for the rest, as JSON with no-store.',
  async run(t: Probe) {
    const pat = await t.pat();
    const [first] = t.config.scopes as [string];
    const resources = [await t.resource(), await t.resource(), await t.resource()];
    const one = resources[0]!;
    const permission = (resource_id: string, scopes: unknown = [first]) => ({ resource_id, resource_scopes: scopes });
    const good: [string, unknown][] = [
      ['one permission', permission(one.id)],
      ['an array of three', resources.map(({ id }) => permission(id))],
      ['no scopes', permission(one.id, [])],
    ];
    for (const [what, body] of good) {
      const answer = await t.askTicket(body, pat, true);
      const type = answer.headers['content-type'] ?? 'absent';
      t.expect('FED-4.2-01', answer.status === 201, `${what} got ${said(answer)}`);
      t.expect('FED-4.2-01', /^application\/json\b/i.test(type), `Content-Type is ${type}`);
      t.expect(
        ['FED-4.2-01', 'FED-4.2-02'],
        typeof answer.json.ticket === 'string' && answer.json.ticket !== '',
        `${what}: "ticket" is ${JSON.stringify(answer.json.ticket)}`,
      );
    }
    const bad: [string, string, unknown, string | undefined][] = [
      ['FED-4.3-02', 'an unknown id', permission('no-such-resource'), 'invalid_resource_id'],
      [
        'FED-4.3-02',
        'a good and an unknown id',
        [permission(one.id), permission('no-such-resource')],
        'invalid_resource_id',
      ],
      ['FED-4.3-03', 'an unknown scope', permission(one.id, ['no_such_scope']), 'invalid_scope'],
      ['FED-4.3-03', 'a good and an unknown scope', permission(one.id, [first, 'no_such_scope']), 'invalid_scope'],
      ['FED-4.3-01', 'no resource_id', { resource_scopes: [first] }, undefined],
      ['FED-4.3-01', 'no resource_scopes', { resource_id: one.id }, undefined],
      ['FED-4.3-01', 'scopes as a string', permission(one.id, first), undefined],
      ['FED-4.3-01', 'an empty array', [], undefined],
      ['FED-4.3-01', 'broken JSON', '{"resource_id":', undefined],
      [
        'FED-4.3-01',
        'a member named twice',
        `{"resource_id":"x","resource_id":"${one.id}","resource_scopes":[]}`,
        undefined,
      ],
    ];
    for (const [row, what, body, code] of bad) {
      const answer = await t.askTicket(body, pat);
      const { error } = answer.json;
      t.expect(
        row,
        answer.status === 400 && (code === undefined || error === code),
        `${what} got ${answer.status} ${String(error)}`,
      );
      t.expect('FED-4.3-01', typeof error === 'string', `${what}: the answer names no error`);
      t.expect('FED-4.3-01', answer.json.ticket === undefined, `${what}: a ticket came with the error`);
      t.expect(
        'FED-6-01',
        answer.status < 400 || typeof error === 'string',
        `${what}: no JSON body with a string "error"`,
      );
      t.expect(
        'FED-6-02',
        /\bno-store\b/.test(answer.headers['cache-control'] ?? ''),
        `${what}: no Cache-Control: no-store`,
      );
    }
  },
};
