/** A peer that answers every POST the same way: what an AS says is the input of these tests. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { temporaryDirectory } from './uma.ts';

export interface Peer {
  issuer: string;
  /** What the next POSTs get. A string body is sent as it is. */
  answer: { status: number; body: unknown };
  /** A file with a claim token. */
  claimToken: string;
}

/** Listens on a free port until the tests of the file are done. */
export async function startPeer(): Promise<Peer> {
  const claimToken = join(temporaryDirectory(), 'claim-token');
  writeFileSync(claimToken, 'claim.token.x');
  const peer: Peer = { issuer: '', answer: { status: 200, body: {} }, claimToken };
  const server = createServer((request, response) => {
    const { issuer, answer } = peer;
    const metadata = { issuer, token_endpoint: `${issuer}/token`, permission_endpoint: `${issuer}/permission` };
    const { status, body } = request.method === 'GET' ? { status: 200, body: metadata } : answer;
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => server.close());
  peer.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return peer;
}
