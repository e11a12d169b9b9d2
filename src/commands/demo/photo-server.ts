/** The protected resource of the demo: a resource server of one path, by the rules of UMA Grant 3.1 to 3.5. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ResourceServer } from '../../client/resource-server.ts';
import { formatUmaChallenge } from '../../protocol/challenge.ts';
import { effectivePermissions } from '../../protocol/introspection.ts';

export interface PhotoServer {
  origin: string;
  close(): Promise<void>;
}

export interface ProtectedPhoto {
  path: string;
  content: string;
  resource_id: string;
  /** The scope that a GET needs. */
  scope: string;
  as_uri: string;
}

/** Listens on a free loopback port. `server` is the role that asks for tickets and introspects. */
export async function startPhotoServer(server: ResourceServer, photo: ProtectedPhoto): Promise<PhotoServer> {
  const { path, resource_id, scope } = photo;

  /** UMA Grant 3.2: 401 with a fresh ticket, or 403 with the warning when none can be had. */
  async function challenge(response: ServerResponse): Promise<void> {
    try {
      const { ticket } = await server.ticket([{ resource_id, resource_scopes: [scope] }]);
      response.setHeader('www-authenticate', formatUmaChallenge({ realm: 'photos', as_uri: photo.as_uri, ticket }));
      response.writeHead(401).end();
    } catch {
      response.setHeader('warning', '199 - "UMA Authorization Server Unreachable"');
      response.writeHead(403).end();
    }
  }

  async function mayPass(token: string): Promise<boolean> {
    const permissions = effectivePermissions(await server.introspect(token), Date.now() / 1000);
    return permissions.some(
      (permission) => permission.resource_id === resource_id && permission.resource_scopes.includes(scope),
    );
  }

  const http = createServer(async (request, response) => {
    if (request.url !== path || request.method !== 'GET') return void response.writeHead(404).end();
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
    // An AS that cannot be asked about the token cannot give a ticket either: `challenge` answers for both.
    const passes = token !== undefined && (await mayPass(token).catch(() => false));
    if (!passes) return challenge(response);
    response.setHeader('content-type', 'text/plain');
    response.writeHead(200).end(photo.content);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      const closed = once(http, 'close');
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}
