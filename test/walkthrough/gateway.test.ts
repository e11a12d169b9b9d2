/** `uma serve`, `uma gateway` before a plain file server, curl and `uma get`: the flow with nothing but processes, in every layout. */
import { describe, test } from 'node:test';
import { playPhotoGateway } from './photo-gateway.ts';

describe('a file server under UMA', { concurrency: 2 }, () => {
  for (const [layout, people] of [
    ['standard', {}],
    ['forgerock', { UMA_OWNER_PASSWORD: 'Ch4ng31t', UMA_PARTY_PASSWORD: 'password' }],
    ['keycloak', {}],
  ] as const) {
    test(`--layout ${layout}: curl gets the challenge; Bob exit 7; Alice approves; Bob gets the file; she revokes`, () =>
      playPhotoGateway(async (stage) => {
        const { issuer } = await stage.serve('--layout', layout);
        return { env: { UMA_ISSUER: issuer, ...people } };
      }));
  }
});
