/** Permission requests: UMA Federated Authorization 4.1. */
import { beside } from '../load.ts';
import type { AuthorizationServer } from '../processes.ts';
import { type Row, rated, type Shot } from '../row.ts';

export const permissionShot = ({ pat, resource_id }: AuthorizationServer): Shot => ({
  method: 'POST',
  path: '/permission',
  headers: { Authorization: `Bearer ${pat}`, 'Content-Type': 'application/json' },
  body: JSON.stringify({ resource_id, resource_scopes: ['download'] }),
});

export const permission: Row = {
  id: 'permission',
  async run({ load, bare, as }) {
    const server = await as();
    const measured = await beside(load, await bare(), server, permissionShot(server));
    return [rated('permission requests', measured, 1 / 6)];
  },
};
