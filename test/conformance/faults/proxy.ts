/** A server with a fault: the real embedded server behind a proxy that breaks one thing of it. Test code only. */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Subject, startSubject } from '../../../src/commands/conformance/embedded.ts';
import { startServer } from '../../../src/server/start.ts';

export interface Message {
  method: string;
  /** As the client sees it: the issuer's address. */
  url: URL;
  headers: Record<string, string>;
  body: string;
}

export interface Reply {
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
}

export type Forward = (message: Message) => Promise<Reply>;

/** What faults need to know of what went before. */
export interface World {
  subject: Subject;
  /** Resource id -> the Authorization header that registered it. */
  creators: Map<string, string>;
  /** Authorization headers that worked at the registration endpoint, in order, and were not revoked. */
  pats: Set<string>;
  /** Authorization headers that worked at the owner API. */
  owners: Set<string>;
  /** A memory of each fault's own. */
  memory: Map<string, unknown>;
}

export interface Fault {
  name: string;
  /** The requirement whose check has to fail. */
  row: string;
  /** Its check: file below src/conformance/checks. */
  check: string;
  handle(message: Message, forward: Forward, world: World): Promise<Reply>;
}

export interface FaultyServer {
  subject: Subject;
  close(): Promise<void>;
}

/** Request header that names the fault; without it the server is as it is. So many faults can be tried at once. */
export const FAULT_HEADER = 'x-fault';

export async function startFaulty(faults: readonly Fault[]): Promise<FaultyServer> {
  const byName = new Map(faults.map((fault) => [fault.name, fault]));
  const worlds = new Map<string | undefined, World>();
  let target = '';
  const proxy = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      outgoing.statusCode = 599;
      outgoing.end(String(error));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const message = await read(incoming, issuer);
    const { [FAULT_HEADER]: name } = message.headers;
    delete message.headers[FAULT_HEADER];
    const fault = name === undefined ? undefined : byName.get(decodeURIComponent(name));
    const world = worlds.get(name) ?? newWorld(subject);
    worlds.set(name, world);
    const forward: Forward = async (sent) => remember(world, sent, await exchange(sent, target, issuer));
    const reply = fault === undefined ? await forward(message) : await fault.handle(message, forward, world);
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = reply.headers;
    outgoing.writeHead(reply.status, headers);
    outgoing.end(reply.body);
  };

  const subject = await startSubject({
    hardened: false,
    start: async (options) => {
      const server = await startServer({ ...options, issuer });
      target = server.url;
      return server;
    },
  });
  return {
    subject,
    async close() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      await subject.close();
    },
  };
}

/** Each fault has its own: the check that runs side by side with it may revoke a PAT, or end its grant, at any moment. */
function newWorld(subject: Subject): World {
  return { subject, creators: new Map(), pats: new Set(), owners: new Set(), memory: new Map() };
}

function remember(world: World, message: Message, reply: Reply): Reply {
  const { method, url, headers } = message;
  const { authorization } = headers;
  if (authorization === undefined || reply.status >= 300) return reply;
  // A PAT that the check has revoked is none.
  if (url.pathname === '/revoke') world.pats.delete(`Bearer ${new URLSearchParams(message.body).get('token')}`);
  if (url.pathname.startsWith('/owner')) world.owners.add(authorization);
  if (!url.pathname.startsWith('/resource_set')) return reply;
  world.pats.add(authorization);
  const id = method === 'POST' ? jsonOf(reply)._id : undefined;
  if (typeof id === 'string') world.creators.set(id, authorization);
  return reply;
}

async function read(incoming: IncomingMessage, issuer: string): Promise<Message> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(incoming.headersDistinct)) headers[name] = (values ?? []).join(', ');
  return {
    method: incoming.method ?? 'GET',
    url: new URL(incoming.url ?? '/', issuer),
    headers,
    body: Buffer.concat(chunks).toString(),
  };
}

function exchange({ method, url, headers, body }: Message, target: string, issuer: string): Promise<Reply> {
  const { 'content-length': _length, connection: _connection, ...rest } = headers;
  return new Promise((resolve, reject) => {
    const length = body === '' && method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = send(
      new URL(`${url.pathname}${url.search}`, target),
      { method, headers: { ...rest, ...length, host: new URL(issuer).host } },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const fields = incoming.headers as Record<string, string | string[]>;
          resolve({ status: incoming.statusCode ?? 0, headers: fields, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export function jsonOf({ body }: { body: string }): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

export const formOf = ({ body }: { body: string }): URLSearchParams => new URLSearchParams(body);
