/** Every row, in the order of the table. */
import type { Row } from './row.ts';
import { exchange } from './rows/exchange.ts';
import { gateway } from './rows/gateway.ts';
import { introspection } from './rows/introspection.ts';
import { permission } from './rows/permission.ts';
import { serve } from './rows/serve.ts';
import { start } from './rows/start.ts';

export const ROWS: readonly Row[] = [start, serve, introspection, permission, exchange, gateway];
