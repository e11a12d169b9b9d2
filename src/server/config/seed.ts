/** Resources and policies of the configuration, written to the stores; what a store has of them already is brought up to date. */
import type { Stores } from '../stores/types.ts';
import { descriptionOf, type ServerConfig } from './config.ts';

/** @param at seconds since the epoch. */
export async function seed(stores: Stores, config: ServerConfig, issuer: string, at: number): Promise<void> {
  for (const { id, owner, rs, description } of config.resources) {
    await updateOrCreate(
      () => stores.resources.update(id, { owner, rs }, description, at),
      () => stores.resources.create({ id, owner, rs, description, created_at: at, updated_at: at }),
    );
  }
  for (const policy of config.policies) {
    const { id, owner } = policy;
    const description = descriptionOf(policy, issuer);
    await updateOrCreate(
      async () => (await stores.policies.update(id, owner, description, at)) !== undefined,
      () => stores.policies.create({ ...description, id, owner, created_at: at, updated_at: at }),
    );
  }
}

/** Another instance that starts at the same time may have created it between our two looks. */
async function updateOrCreate(update: () => Promise<boolean>, create: () => Promise<void>): Promise<void> {
  if (await update()) return;
  try {
    await create();
  } catch (error) {
    if (!(await update())) throw error;
  }
}
