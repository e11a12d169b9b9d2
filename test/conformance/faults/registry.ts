import { ACCESS_FAULTS } from './access.ts';
import { CLAIMS_FAULTS } from './claims.ts';
import { OAUTH_FAULTS } from './oauth.ts';
import type { Fault } from './proxy.ts';
import { WIRE_FAULTS } from './wire.ts';

export const FAULTS: readonly Fault[] = [...WIRE_FAULTS, ...ACCESS_FAULTS, ...CLAIMS_FAULTS, ...OAUTH_FAULTS];
