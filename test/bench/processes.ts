/** Servers of a run, each pinned to the server's core, and what `uma serve` has to know before it can be measured. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ID_TOKEN_FORMAT } from '../../src/protocol/claims.ts';
import type { ClientCredentials, HttpExchange, HttpRequest } from '../../src/protocol/http.ts';
import { jsonObject } from '../../src/protocol/http.ts';
import { buildTicketGrant, readOutcome } from '../../src/protocol/outcome.ts';
import { OWNER_SCOPE } from '../../src/protocol/owner.ts';
import { buildCreatePolicy, readPolicy } from '../../src/protocol/owner-api.ts';
import { buildPermissionRequest, readPermissionTicket } from '../../src/protocol/permission.ts';
import { buildCreateResource, readRegistration } from '../../src/protocol/resource.ts';
import { buildPasswordGrant, PAT_SCOPE, readTokenAnswer } from '../../src/protocol/token.ts';

export const SERVER_CORE = '0';
export const LOAD_CORE = '1';

export interface Process {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

export interface AuthorizationServer extends Process {
  pat: string;
  resource_id: string;
  /** An RPT of Bob's for the resource. */
  rpt: string;
  /** Bob's claim token for {@link AuthorizationServer.client}. */
  claim_token: string;
  client: ClientCredentials;
}

/** Starts a program that prints one JSON object with `url` once it answers. */
export async function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Process> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const line = await firstLine(child);
  if (line === undefined) throw new Error(`${command} ${args.join(' ')} did not start: ${complaints}`);
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
  let text = '';
  for await (const chunk of stdout!.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.includes('\n')) {
      stdout!.resume();
      return text;
    }
  }
  return undefined;
}

export const pinned = (core: string, command: string, args: readonly string[]): [string, string[]] => [
  'taskset',
  ['-c', core, command, ...args],
];

export const startBare = (node: string): Promise<Process> =>
  start(...pinned(SERVER_CORE, node, [fileURLToPath(new URL('bare.ts', import.meta.url))]), process.env);

/**
 * `uma serve` with the walkthrough's people: Alice's photo, which her policy lets Bob download.
 * @param more where it keeps that, and by how many workers; `cores` are what they share.
 */
export async function startServe(
  node: string,
  uma: readonly string[],
  env: NodeJS.ProcessEnv,
  { flags = [], cores = SERVER_CORE }: { flags?: readonly string[]; cores?: string } = {},
): Promise<AuthorizationServer> {
  const serve = await start(...pinned(cores, node, [...uma, 'serve', '--port', '0', ...flags]), env);
  try {
    return { ...serve, ...(await seed(serve.url)) };
  } catch (error) {
    await serve.stop();
    throw error;
  }
}

async function seed(issuer: string): Promise<Omit<AuthorizationServer, keyof Process>> {
  const metadata = jsonObject(
    await exchange({ method: 'GET', url: `${issuer}/.well-known/uma2-configuration`, headers: {} }),
  ) as Record<string, string>;
  const { token_endpoint = '', permission_endpoint = '', resource_owner_endpoint = '' } = metadata;
  const rs: ClientCredentials = { id: 'UMA-Resource-Server', secret: 'password', method: 'client_secret_basic' };
  const client: ClientCredentials = { id: 'UmaClient', secret: 'password', method: 'client_secret_basic' };
  const app: ClientCredentials = { id: 'uma-cli', method: 'none' };
  const signIn = async (as: ClientCredentials, username: string, scope: string) =>
    readTokenAnswer(
      await exchange(buildPasswordGrant(token_endpoint, as, { username, password: 'password', scope })),
      'no token',
    );
  const pat = (await signIn(rs, 'alice', PAT_SCOPE)).access_token;
  const owner = (await signIn(app, 'alice', OWNER_SCOPE)).access_token;
  const claim_token = (await signIn(client, 'bob', 'openid email')).id_token!;
  const resource_scopes = ['view', 'download'];
  const description = { name: 'Photo', resource_scopes };
  const { _id: resource_id } = readRegistration(
    await exchange(buildCreateResource(metadata.resource_registration_endpoint!, pat, description)),
  );
  readPolicy(
    await exchange(
      buildCreatePolicy(resource_owner_endpoint, owner, {
        resource_id,
        effect: 'allow',
        subject: { party: { iss: issuer, sub: 'bob' } },
      }),
    ),
  );
  const permission = [{ resource_id, resource_scopes: ['download'] }];
  const ticket = readPermissionTicket(await exchange(buildPermissionRequest(permission_endpoint, pat, permission)));
  const grant = { ticket, claim_token, claim_token_format: ID_TOKEN_FORMAT };
  const outcome = readOutcome(await exchange(buildTicketGrant(token_endpoint, client, grant)), grant);
  if (outcome.kind !== 'granted') throw new Error(`the exchange to be measured gives ${outcome.kind}`);
  return { pat, resource_id, rpt: outcome.rpt, claim_token, client };
}

async function exchange(request: HttpRequest): Promise<HttpExchange> {
  const { method, headers, body } = request;
  const answer = await fetch(request.url, { method, headers, ...(body === undefined ? {} : { body }) });
  return {
    request,
    response: { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() },
  };
}
