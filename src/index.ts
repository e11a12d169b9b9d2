/**
 * The library: an authorization server and a gateway in this process, on free ports, and a client that drives the UMA 2.0 flow.
 * For test suites and tools; the command line is bin/uma.js. Imports client, server and gateway only.
 */
import { fetchSend } from './client/fetch-send.ts';
import { type GatewayOptions, type RunningGateway, startGateway as startGatewayWith } from './gateway/start.ts';
import type { RunningServer, ServerOptions } from './server/options.ts';
import { startServer as startServerWith } from './server/start.ts';

export { type FetchSendOptions, fetchSend } from './client/fetch-send.ts';
export {
  type ClientAccount,
  type Introspection,
  type Outcome,
  type RequestedPermission,
  type ResourceDescription,
  type ResourceResponse,
  type RevocationAnswer,
  type SeenRequest,
  type Send,
  UmaClient,
  type UmaClientOptions,
  UmaError,
} from './client/uma-client.ts';
export type { RouteEntry, RoutesFile } from './gateway/routes.ts';
export type { ServerConfig } from './server/config/config.ts';
export { walkthroughConfig } from './server/config/walkthrough.ts';
export type { RunningGateway, RunningServer, ServerOptions };

/** Options of the gateway; `port` defaults to any free one, `send` to `fetchSend()`. */
export type LibraryGatewayOptions = Omit<GatewayOptions, 'send'> & Partial<Pick<GatewayOptions, 'send'>>;

/**
 * Starts the built-in authorization server, by default on a free port of 127.0.0.1, in memory, with the people and clients of the walkthrough.
 * @throws UmaError of category `config`, as `uma serve` does.
 */
export const startServer = (options: ServerOptions = {}): Promise<RunningServer> =>
  startServerWith({ port: 0, ...options });

/**
 * Starts a gateway in front of `upstream`, by default on 127.0.0.1.
 * @throws UmaError of category `config`, as `uma gateway` does.
 */
export const startGateway = (options: LibraryGatewayOptions): Promise<RunningGateway> =>
  startGatewayWith({ port: 0, send: fetchSend(), ...options });
