import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from '../../../protocol/metadata.ts';
import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-3.1.1-02'],
  title: 'a scope URI is not fetched',
  profile: 'core',
  sends:
    'A description with a scope URI, an icon and a type on a listening loopback address; then a ticket for that scope.',
  expects: 'No request arrives there.',
  async run(t: Probe) {
    if (!isLoopback(t.config.issuer)) {
      t.notApplicable('FED-3.1.1-02', 'the server is not on this machine, so it could not reach the listener anyway');
      return;
    }
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(String(request.url));
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const scope = `${origin}/scope`;
      const description = { icon_uri: `${origin}/icon`, type: `${origin}/type` };
      const resource = await t.resource({ scopes: [scope], description });
      await t.redeem({ ticket: await t.ticket(resource, [scope]), party: 0 });
      t.expect('FED-3.1.1-02', seen.length === 0, `the server asked for ${seen.join(', ')}`, resource.created);
    } finally {
      server.close();
    }
  },
};
