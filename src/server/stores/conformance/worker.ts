/** The program of `processes.ts`: opens the store named in its argument, says so, then does one task a line until killed. */
import { createInterface } from 'node:readline';
import type { Stores } from '../types.ts';
import { NOW, policy, request, resource, rpt, type StoreUnderTest, ticket } from './fixtures.ts';

const { module, name, argument } = JSON.parse(process.argv[2] ?? '') as NonNullable<StoreUnderTest['elsewhere']>;
const driver = (await import(module)) as Record<string, (argument: unknown) => Promise<Stores>>;
const stores = (await driver[name]?.(argument)) as Stores;

const tasks: Record<string, (id: string) => Promise<boolean>> = {
  async take(id) {
    return (await stores.tickets.take(id, NOW, 'app')).kind === 'taken';
  },
  async write(id) {
    await stores.resources.create(resource(id));
    await stores.policies.create(policy(`policy-of-${id}`));
    await stores.tickets.put(ticket(`open-${id}`));
    await stores.tickets.put(ticket(`used-${id}`));
    await stores.tickets.take(`used-${id}`, NOW, 'app');
    await stores.requests.file(request(`request-of-${id}`, { resource_id: id }));
    await stores.requests.decide(`request-of-${id}`, 'alice', ['pending'], { status: 'approved', decided_at: NOW });
    await stores.rpts.put(rpt(`rpt-${id}`));
    await stores.rpts.put(rpt(`revoked-${id}`));
    return (await stores.rpts.revoke({ chain: `chain-of-revoked-${id}` })) === 1;
  },
};

console.log('open');
for await (const line of createInterface({ input: process.stdin })) {
  const { task, ids } = JSON.parse(line) as { task: string; ids: string[] };
  const done: string[] = [];
  for (const id of ids) if (await tasks[task]?.(id)) done.push(id);
  console.log(JSON.stringify(done));
}
