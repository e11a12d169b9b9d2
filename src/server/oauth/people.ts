/** The people of the configuration: sign-in, ID Token claims, and what authorization/ looks up. */

import type { Directory } from '../authorization/deps.ts';
import type { ConfiguredClient, ConfiguredPerson } from '../config/config.ts';
import { verifyPassword } from '../config/passwords.ts';
import type { Attempts } from './attempts.ts';

export interface People {
  bySub(sub: string): ConfiguredPerson | undefined;
  /**
   * Undefined when the name is unknown, the password wrong (the two take about the same time), or a password is not enough for
   * this person. @param address of the peer. @throws TooManyAttempts after too many wrong ones.
   */
  authenticate(username: string, password: string, address: string): Promise<ConfiguredPerson | undefined>;
  /** The same without the last; whoever has a `second_factor` is not signed in by it. */
  firstFactor(username: string, password: string, address: string): Promise<ConfiguredPerson | undefined>;
  everybody(): readonly ConfiguredPerson[];
  /** All claims of a person; oidc-provider cuts them down to the scopes granted. */
  claimsOf(person: ConfiguredPerson): { sub: string; [claim: string]: unknown };
}

export function peopleOf(
  configured: readonly ConfiguredPerson[],
  attempts: Attempts,
): People & Pick<Directory, 'bySub' | 'byUsername'> {
  const bySub = new Map(configured.map((person) => [person.sub, person]));
  const byUsername = new Map(configured.map((person) => [person.username, person]));
  // Hashes that were imported take another time than ours: a name that nobody has takes the time of somebody's.
  const anyHash = configured.find(({ password_hash }) => password_hash !== undefined)?.password_hash;
  const firstFactor = (username: string, password: string, address: string) =>
    attempts.guard({ of: 'person', account: username, address }, async () => {
      const person = byUsername.get(username);
      return (await verifyPassword(password, person?.password_hash, anyHash)) ? person : undefined;
    });
  return {
    everybody: () => configured,
    firstFactor,
    bySub: (sub) => bySub.get(sub),
    byUsername: (username) => byUsername.get(username),
    async authenticate(username, password, address) {
      const person = await firstFactor(username, password, address);
      return person?.second_factor ? undefined : person;
    },
    claimsOf({ username, password_hash: _secret, second_factor: _more, ...claims }) {
      return { ...claims, preferred_username: username };
    },
  };
}

export function directoryOf(
  people: Pick<Directory, 'bySub' | 'byUsername'>,
  clients: readonly ConfiguredClient[],
): Directory {
  const byId = new Map(clients.map((client) => [client.client_id, client]));
  return {
    bySub: people.bySub,
    byUsername: people.byUsername,
    originsOf: (rs) => byId.get(rs)?.origins,
    clientName: (client_id) => byId.get(client_id)?.name,
  };
}
