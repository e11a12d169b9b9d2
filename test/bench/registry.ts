/** Every row, in the order of the table. */
import type { Row } from './row.ts';
import { exchange } from './rows/exchange.ts';
import { gateway } from './rows/gateway.ts';
import { introspection } from './rows/introspection.ts';
import { keycloak } from './rows/keycloak.ts';
import { permission } from './rows/permission.ts';
import { serve } from './rows/serve.ts';
import { start } from './rows/start.ts';
import { stores } from './rows/stores.ts';
import { walk } from './rows/walk.ts';

export const ROWS: readonly Row[] = [
  start,
  walk,
  serve,
  introspection,
  permission,
  exchange,
  gateway,
  stores,
  keycloak,
];
