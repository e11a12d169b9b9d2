/**
 * The token endpoint. What a server answers all day, a ticket from a client that proves itself by its secret, goes to authorization/
 * at once: on its way through oidc-provider it costs more than all that is decided about it (`npm run bench`, row exchange). A request
 * with anything else to it, or with anything wrong, a secret too, goes to the library, so that there is one place that refuses.
 */
import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';
import type { Authority } from '../authorization/authority.ts';
import type { RedeemParams } from '../authorization/deps.ts';
import { json } from '../http/json.ts';
import type { Shape } from '../layouts/layout.ts';
import { outcomeOf, type SeenTokenRequest } from '../operation/token-requests.ts';
import { type Attempts, TooManyAttempts } from './attempts.ts';
import { clientWithSecret, readBasic } from './client-authentication.ts';
import type { DescribeClient } from './grants/uma-ticket.ts';
import { type HandOver, withBody } from './mount.ts';
import { PATHS } from './paths.ts';

interface TokenRouteDeps {
  provider: Provider;
  attempts: Attempts;
  authority: Authority;
  describeClient: DescribeClient;
  handOver: HandOver;
  /** Put on answers. */
  shape: Shape | undefined;
  seen: (request: SeenTokenRequest) => void;
  /** Seconds since the epoch. */
  now: () => number;
}

type Form = Readonly<Record<string, string>>;

export function tokenRoute(app: FastifyInstance, deps: TokenRouteDeps): void {
  const { authority, describeClient, handOver, shape, seen, now } = deps;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FORM, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.options(PATHS.token, { schema: { hide: true } }, (request, reply) => handOver(request, reply));
  app.post<{ Body: Buffer | undefined }>(PATHS.token, { schema: { hide: true } }, async (request, reply) => {
    const { body: bytes } = request;
    const form = bytes === undefined ? undefined : plainTicketRequest(request, bytes);
    const client = form === undefined ? undefined : await provenClient(deps, request, form);
    if (form === undefined || client === undefined) {
      handOver(request, reply, bytes === undefined ? request.raw : withBody(request, bytes));
      return reply;
    }
    const answer = await authority.redeem(form as RedeemParams, { client: describeClient(client), now: now() });
    const outcome = outcomeOf(answer.status, answer.body);
    seen({ endpoint: 'token', grant_type: 'uma-ticket', outcome, client_id: client.clientId, subject: undefined });
    const shaped = (await shape?.(answer, { method: 'POST', params: {}, form })) ?? answer;
    return json(reply.code(shaped.status), shaped.body);
  });
}

const FORM = 'application/x-www-form-urlencoded';
/** As clients write it; the library knows the other ways. */
const CONTENT_TYPE = /^application\/x-www-form-urlencoded *(; *charset=utf-8)?$/i;
/** What changes how a client is known, a token bound or an answer sent. */
const UNUSUAL_HEADERS = ['dpop', 'origin', 'oauth-client-attestation', 'oauth-client-attestation-pop'] as const;
/** RFC 6749 3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/;

/** The parameters of a uma-ticket request that has nothing unusual to it. */
function plainTicketRequest({ headers }: FastifyRequest, bytes: Buffer): Form | undefined {
  if (!CONTENT_TYPE.test(headers['content-type'] ?? '')) return undefined;
  if (UNUSUAL_HEADERS.some((name) => headers[name] !== undefined)) return undefined;
  const form = parseForm(bytes.toString());
  if (form.grant_type !== UMA_TICKET_GRANT || form.client_assertion !== undefined) return undefined;
  // Named twice, or given without a value.
  for (const name in form) if (typeof form[name] !== 'string' || form[name] === '') return undefined;
  const { scope } = form as Form;
  return scope === undefined || SCOPE.test(scope) ? (form as Form) : undefined;
}

/** The client, if the request shows its secret in one way and it may use tickets now. */
async function provenClient(
  { provider, attempts }: TokenRouteDeps,
  { headers: { authorization }, ip }: FastifyRequest,
  { client_id, client_secret }: Form,
): Promise<Client | undefined> {
  if ((authorization === undefined) === (client_secret === undefined)) return undefined;
  const pair = authorization === undefined ? { id: client_id, secret: client_secret } : readBasic(authorization);
  if (pair?.id === undefined || pair.secret === undefined || (client_id ?? pair.id) !== pair.id) return undefined;
  const { id, secret } = pair;
  const attempt = { of: 'client', account: id, address: ip } as const;
  let again: boolean;
  try {
    again = await attempts.check(attempt);
  } catch (error) {
    if (error instanceof TooManyAttempts) return undefined;
    throw error;
  }
  const client = await clientWithSecret(provider, id, secret);
  if (client?.grantTypeAllowed(UMA_TICKET_GRANT) !== true) return undefined;
  await attempts.succeeded(attempt, again);
  return client;
}
