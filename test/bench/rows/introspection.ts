/** Introspections of an RPT with a PAT: UMA Federated Authorization 5. */
import { beside } from '../load.ts';
import type { AuthorizationServer } from '../processes.ts';
import { type Row, rated, type Shot } from '../row.ts';

export const introspectionShot = ({ pat, rpt }: AuthorizationServer): Shot => ({
  method: 'POST',
  path: '/introspect',
  headers: { Authorization: `Bearer ${pat}`, 'Content-Type': 'application/x-www-form-urlencoded' },
  body: `token=${rpt}`,
});

export const introspection: Row = {
  id: 'introspection',
  async run({ load, bare, as }) {
    const server = await as();
    const measured = await beside(load, await bare(), server, introspectionShot(server));
    return [rated('introspections', measured, 1 / 3)];
  },
};
