/** The realm without a file: Keycloak's photoz quickstart, with this project's walkthrough beside it. Its passwords are public. */
import { WALKTHROUGH_PASSWORD_HASH } from '../../config/walkthrough.ts';
import { type ImportedRealm, importRealm } from './import/realm-file.ts';

const user = (username: string, firstName: string, lastName: string, owner = false) => ({
  username,
  enabled: true,
  email: `${username}@example.com`,
  emailVerified: true,
  firstName,
  lastName,
  realmRoles: ['user'],
  ...(owner
    ? { clientRoles: { 'photoz-restful-api': ['uma_protection'], 'UMA-Resource-Server': ['uma_protection'] } }
    : {}),
});

const client = (clientId: string, name: string, secret: string) => ({
  clientId,
  name,
  secret,
  enabled: true,
  directAccessGrantsEnabled: true,
  serviceAccountsEnabled: true,
  redirectUris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
});

const server = (clientId: string, name: string, secret: string) => ({
  ...client(clientId, name, secret),
  // Where owners come back to `uma gateway`.
  redirectUris: ['http://127.0.0.1/.uma/callback', 'http://[::1]/.uma/callback'],
  authorizationServicesEnabled: true,
  authorizationSettings: {
    policyEnforcementMode: 'ENFORCING',
    decisionStrategy: 'UNANIMOUS',
    scopes: [{ name: 'album:view' }, { name: 'album:delete' }, { name: 'download' }],
  },
});

const PHOTOZ = {
  realm: 'photoz',
  enabled: true,
  userManagedAccessAllowed: true,
  roles: { realm: [{ name: 'user' }] },
  users: [
    user('alice', 'Alice', 'Anders', true),
    user('bob', 'Bob', 'Baker'),
    user('chris', 'Chris', 'Carter', true),
    user('jdoe', 'John', 'Doe', true),
  ],
  clients: [
    server('photoz-restful-api', 'Photoz', 'secret'),
    server('UMA-Resource-Server', 'Photo Album', 'password'),
    client('photoz-client', 'Photoz client', 'password'),
    client('UmaClient', 'Photo Viewer', 'password'),
    {
      ...client('uma-cli', 'uma command line', ''),
      secret: undefined,
      publicClient: true,
      serviceAccountsEnabled: false,
    },
  ],
};

export async function photozRealm(): Promise<ImportedRealm> {
  const imported = await importRealm(PHOTOZ);
  const people = imported.config.people.map((person) => ({ ...person, password_hash: WALKTHROUGH_PASSWORD_HASH }));
  return { ...imported, config: { ...imported.config, people } };
}
