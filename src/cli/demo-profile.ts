/** The profile in use before any is made: the people and clients that `uma serve` starts with. Only ever sent to loopback. */
import type { Profile } from './store.ts';

export const DEMO_ISSUER = 'http://127.0.0.1:9400';

export const DEMO_PROFILE: Profile = {
  issuer: DEMO_ISSUER,
  rs: { id: 'UMA-Resource-Server' },
  client: { id: 'UmaClient' },
  app: { id: 'uma-cli', auth: 'none' },
  owner: 'alice',
  party: 'bob',
};

/** Printed in the walkthrough; secrets of nobody. */
export const DEMO_SECRETS: Readonly<Record<string, string>> = {
  rs: 'password',
  client: 'password',
  'person:alice': 'password',
  'person:bob': 'password',
  'person:chris': 'password',
  'person:jdoe': 'password',
};
