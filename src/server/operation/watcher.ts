/**
 * operation/: what the people who run a server see of it at work: metrics, the audit log, a line for each request, health. None of
 * it decides anything. A watcher wraps the services that start.ts puts together, and only where somebody asked for it: a server
 * that nobody watches pays nothing. Imports protocol and the types of the server's services; knows no layout.
 *
 * This file: what a watcher is. A new one is one file here and one line in commands/serve-operation.ts.
 */
import type { FastifyInstance } from 'fastify';
import type { Authority } from '../authorization/authority.ts';
import type { People } from '../oauth/people.ts';
import type { Stores } from '../stores/types.ts';
import type { SeenTokenRequest } from './token-requests.ts';

/** Each member gets a service and gives it back, wrapped or as it was. All may be left out. */
export interface Watcher {
  /** Once, before anything is read. */
  stores?(stores: Stores): Stores;
  /** The others once for each set of signing keys. */
  people?<P extends People>(people: P): P;
  authority?(authority: Authority): Authority;
  /** Before any route is added. */
  routes?(app: FastifyInstance): void;
  /** After each answer of the token and revocation endpoints is made. */
  tokenRequest?(request: SeenTokenRequest): void;
  /** The server took up these keys; the first one signs. */
  keys?(kids: readonly string[], first: boolean): void;
}

/** What is on the path of every request is there only where one asks for it. */
type OnThePath = 'routes' | 'tokenRequest';
/** Several as one. */
export type Watchers = Required<Omit<Watcher, OnThePath>> & Pick<Watcher, OnThePath>;

/** Without any, everything stays as it is. */
export function watched(watchers: readonly Watcher[]): Watchers {
  const ofRoutes = watchers.filter(({ routes }) => routes !== undefined);
  const ofTokens = watchers.filter(({ tokenRequest }) => tokenRequest !== undefined);
  return {
    stores: (stores) => watchers.reduce((inner, watcher) => watcher.stores?.(inner) ?? inner, stores),
    people: (people) => watchers.reduce((inner, watcher) => watcher.people?.(inner) ?? inner, people),
    authority: (authority) => watchers.reduce((inner, watcher) => watcher.authority?.(inner) ?? inner, authority),
    ...(ofRoutes.length === 0
      ? {}
      : {
          routes(app: FastifyInstance) {
            for (const watcher of ofRoutes) watcher.routes?.(app);
          },
        }),
    ...(ofTokens.length === 0
      ? {}
      : {
          tokenRequest(request: SeenTokenRequest) {
            for (const watcher of ofTokens) watcher.tokenRequest?.(request);
          },
        }),
    keys(kids, first) {
      for (const watcher of watchers) watcher.keys?.(kids, first);
    },
  };
}
