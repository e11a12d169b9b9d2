/** Introspections of an RPT with a PAT: UMA Federated Authorization 5. */
import { beside } from '../load.ts';
import { type Row, rated } from '../row.ts';

export const introspection: Row = {
  id: 'introspection',
  async run({ load, bare, as }) {
    const server = await as();
    const measured = await beside(load, await bare(), server, {
      method: 'POST',
      path: '/introspect',
      headers: { Authorization: `Bearer ${server.pat}`, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: `token=${server.rpt}`,
    });
    return [rated('introspections', measured, 1 / 3)];
  },
};
