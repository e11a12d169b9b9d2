/** Whether the AS has what this gateway has registered, and nothing else (UMA Federated Authorization 3.2.5). */
import type { Pats } from './pats.ts';
import type { Vault } from './vault.ts';

export interface SyncReport {
  /** Undefined: of the resource server itself. */
  owner?: string | undefined;
  /** Registered by this gateway; the AS does not have them any more. Requests for them register them again. */
  missing: { name: string; resource_id: string }[];
  /** At the AS under the same client, and not known here: of another gateway, or left over. Ids. */
  strange: string[];
  /** Why the AS could not be asked. */
  error?: string;
}

/** Asks for the list of each owner, or of `only` this one. */
export async function compareWithServer(vault: Vault, pats: Pats, only?: string): Promise<SyncReport[]> {
  const shares = vault.shares().filter(({ resource_id }) => resource_id !== undefined);
  const owners = new Set([...vault.owners(), ...shares.map(({ owner }) => owner)]);
  const asked = [...owners].filter((owner) => only === undefined || owner === only);
  return Promise.all(
    asked.map(async (owner) => {
      const about = owner === undefined ? {} : { owner };
      const own = shares.filter((share) => share.owner === owner);
      try {
        const server = pats.serverFor(owner);
        if (server === undefined) return { ...about, missing: [], strange: [], error: 'not connected' };
        const there = new Set(await server.list());
        const missing = own.flatMap(({ name, resource_id }) =>
          resource_id === undefined || there.has(resource_id) ? [] : [{ name, resource_id }],
        );
        const strange = [...there].filter((id) => !own.some(({ resource_id }) => resource_id === id));
        return { ...about, missing, strange };
      } catch (error) {
        return { ...about, missing: [], strange: [], error: (error as Error).message };
      }
    }),
  );
}

/** One line for each thing that is not as it should be. */
export function differences(reports: readonly SyncReport[]): string[] {
  return reports.flatMap(({ owner = 'the resource server', missing, strange, error }) => [
    ...(error === undefined ? [] : [`the resources of ${owner} could not be compared with the server's: ${error}`]),
    ...missing.map(({ name, resource_id }) => `the server has lost ${name} of ${owner} (${resource_id})`),
    ...(strange.length === 0
      ? []
      : [
          `the server has ${strange.length} resources of ${owner} that this gateway does not know: ${strange.slice(0, 5).join(', ')}`,
        ]),
  ]);
}
