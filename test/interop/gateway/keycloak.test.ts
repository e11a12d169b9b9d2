import { test } from 'node:test';
import { playPhotoGateway } from '../../walkthrough/photo-gateway.ts';
import { ENVIRONMENT, issuer } from '../keycloak/peer.ts';

test('uma gateway and uma get at a real Keycloak: 401 for curl, exit 7, approved, the file, revoked', () =>
  playPhotoGateway(async () => ({ env: { ...ENVIRONMENT, UMA_ISSUER: issuer() }, rptOutlivesRevocation: true })));
