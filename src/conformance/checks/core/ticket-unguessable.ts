import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-5.4-01', 'GRANT-5.5-01'],
  title: 'tickets cannot be guessed',
  profile: 'core',
  sends: '40 permission requests for the same resource.',
  expects: '40 different strings in which at least 22 positions differ freely (128 bits of base64url).',
  async run(t: Probe) {
    const resource = await t.resource();
    const tickets: string[] = [];
    for (let index = 0; index < 40; index += 1) tickets.push(await t.ticket(resource));
    t.expect('GRANT-5.4-01', new Set(tickets).size === tickets.length, 'two tickets are the same');
    const length = Math.min(...tickets.map((ticket) => ticket.length));
    // A position that takes many values over 40 samples carries several bits; a counter or a clock shows in few positions only.
    const free = Array.from({ length }, (_, at) => new Set(tickets.map((ticket) => ticket[at])).size).filter(
      (n) => n >= 8,
    );
    t.expect('GRANT-5.4-01', free.length >= 22, `only ${free.length} positions of a ticket vary`);
    t.expect(
      'GRANT-5.5-01',
      tickets.every((ticket) => ticket !== ''),
      'an empty ticket',
    );
  },
};
