/** The real Keycloak that `npm run test:interop` has started, and `uma` set up for the realm of photoz-realm.json. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, type RunOptions, runUma } from '../../commands/uma.ts';

/** @throws Error without a peer: an interoperability test that has nobody to talk to fails. */
export function issuer(): string {
  const { UMA_INTEROP_KEYCLOAK: address } = process.env;
  if (address === undefined || address === '')
    throw new Error('no Keycloak: run this by `npm run test:interop`, or name one in UMA_INTEROP_KEYCLOAK');
  return address;
}

export const RS = 'photoz-restful-api';

export const ENVIRONMENT = {
  UMA_OWNER: 'alice',
  UMA_OWNER_PASSWORD: 'password',
  UMA_PARTY: 'bob',
  UMA_PARTY_PASSWORD: 'password',
  UMA_RS_CLIENT_ID: RS,
  UMA_RS_CLIENT_SECRET: 'secret',
  UMA_CLIENT_ID: 'photoz-client',
  UMA_CLIENT_SECRET: 'password',
};

export interface Peer {
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs and parses; the exit code has to be this one. */
  ok<T = Record<string, unknown>>(argv: readonly string[], options?: RunOptions & { code?: number }): Promise<T>;
  file(name: string, content: string): string;
  /** A resource that is removed at the end; its id. */
  resource(name: string, flags?: readonly string[]): Promise<string>;
  ticket(id: string, ...scopes: string[]): Promise<string>;
  close(): Promise<void>;
}

export function openPeer(): Peer {
  const directory = mkdtempSync(join(tmpdir(), 'uma-interop-'));
  const made: string[] = [];
  const peer: Peer = {
    run: (argv, options = {}) =>
      runUma(argv, { ...options, env: { ...ENVIRONMENT, UMA_ISSUER: issuer(), ...options.env } }, directory),
    async ok(argv, { code: expected = 0, ...options } = {}) {
      const { code, err, json } = await peer.run(argv, options);
      if (code !== expected) throw new Error(`uma ${argv.join(' ')}: exit ${code}, not ${expected}\n${err}`);
      return json();
    },
    file(name, content) {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    },
    async resource(name, flags = []) {
      const words = ['register', '--name', name, '--scope', 'view', '--scope', 'download', ...flags];
      const { _id } = await peer.ok<{ _id: string }>(words);
      made.push(_id);
      return _id;
    },
    async ticket(id, ...scopes) {
      const words = ['ticket', '--resource', id, ...scopes.flatMap((scope) => ['--scope', scope])];
      return (await peer.ok<{ ticket: string }>(words)).ticket;
    },
    async close() {
      for (const id of made) await peer.run(['resource', 'delete', id, '--yes']);
      rmSync(directory, { recursive: true });
    },
  };
  return peer;
}
