/** A running server and the requests that its tests send: plain fetch, so that nothing of ours hides a fault. */
import { UMA_TICKET_GRANT } from '../../../src/protocol/outcome.ts';
import type { ConfiguredClient, ServerConfig } from '../../../src/server/config/config.ts';
import { walkthroughConfig } from '../../../src/server/config/walkthrough.ts';
import { type RunningServer, type StartOptions, startServer } from '../../../src/server/start.ts';

export const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';
export const RS = 'UMA-Resource-Server:password';
export const OTHER_RS = 'other-rs:password';
export const CLIENT = 'UmaClient:password';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

export class Harness implements AsyncDisposable {
  readonly server: Omit<RunningServer, 'ready'>;
  readonly logged: unknown[];
  constructor(server: Omit<RunningServer, 'ready'>, logged: unknown[]) {
    this.server = server;
    this.logged = logged;
  }

  async send(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(path.startsWith('http') ? path : this.server.issuer + path, {
      redirect: 'manual',
      ...init,
    });
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      body = undefined;
    }
    return { status: response.status, headers: response.headers, text, body };
  }

  /** A form post; a pair `id:secret` becomes Basic, another string is a bearer token. */
  post(path: string, form: Record<string, string> | string, credential?: string, headers: Record<string, string> = {}) {
    return this.send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...authorization(credential), ...headers },
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    });
  }

  json(method: string, path: string, token: string | undefined, value?: unknown) {
    return this.send(path, {
      method,
      headers: { ...authorization(token), ...(value === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(value === undefined ? {} : { body: typeof value === 'string' ? value : JSON.stringify(value) }),
    });
  }

  async token(username: string, scope: string, client: string): Promise<Answer['body']> {
    const [client_id = ''] = client.split(':');
    const form = { grant_type: 'password', username, password: 'password', scope };
    const answer = client.includes(':')
      ? await this.post('/token', form, client)
      : await this.post('/token', { ...form, client_id });
    if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  pat = async (owner = 'alice', rs = RS): Promise<string> =>
    (await this.token(owner, 'uma_protection', rs)).access_token;
  ownerToken = async (owner = 'alice'): Promise<string> =>
    (await this.token(owner, 'uma_owner', 'uma-cli')).access_token;
  claimToken = async (party = 'bob', client = CLIENT): Promise<string> =>
    (await this.token(party, 'openid', client)).id_token;

  async register(pat: string, description: object = { resource_scopes: ['view', 'download'] }): Promise<string> {
    return (await this.json('POST', '/resource_set', pat, description)).body._id;
  }

  async ticket(pat: string, resource_id: string, resource_scopes = ['view']): Promise<string> {
    return (await this.json('POST', '/permission', pat, { resource_id, resource_scopes })).body.ticket;
  }

  redeem(ticket: string, claim_token?: string, more: Record<string, string> = {}, client = CLIENT): Promise<Answer> {
    const claims = claim_token === undefined ? {} : { claim_token, claim_token_format: ID_TOKEN };
    return this.post('/token', { grant_type: UMA_TICKET_GRANT, ticket, ...claims, ...more }, client);
  }

  /** Lets bob have what he asks for. */
  async allow(resource_id: string, party = 'bob'): Promise<string> {
    const answer = await this.json('POST', '/owner/policies', await this.ownerToken(), {
      resource_id,
      effect: 'allow',
      subject: { party: { iss: this.server.issuer, sub: party } },
    });
    return answer.body.id;
  }

  async rpt(pat: string, resource_id: string, scopes = ['view']): Promise<string> {
    return (await this.redeem(await this.ticket(pat, resource_id, scopes), await this.claimToken())).body.access_token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

export function authorization(credential: string | undefined): Record<string, string> {
  if (credential === undefined) return {};
  return { authorization: credential.includes(':') ? `Basic ${btoa(credential)}` : `Bearer ${credential}` };
}

/** The walkthrough with a second resource server. */
export function testConfig(more: (config: ServerConfig) => void = () => undefined): ServerConfig {
  const config = walkthroughConfig();
  const rs = config.clients.find(({ client_id }) => client_id === 'UMA-Resource-Server') as ConfiguredClient;
  config.clients.push({ ...rs, client_id: 'other-rs', name: 'Other' });
  more(config);
  return config;
}

export async function start(options: StartOptions = {}): Promise<Harness> {
  const logged: unknown[] = [];
  const log = (...entry: unknown[]) => void logged.push(entry);
  return new Harness(await startServer({ port: 0, config: testConfig(), log, ...options }), logged);
}
