/**
 * The token endpoint. What a server answers all day, a ticket from a client that proves itself by its secret, goes to authorization/
 * at once: on its way through oidc-provider it costs more than all that is decided about it (`npm run bench`, row exchange). A request
 * with anything else to it goes to the library. A wrong secret is refused where it is counted, in the library's words.
 */
import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import type Provider from 'oidc-provider';
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';
import type { Authority } from '../authorization/authority.ts';
import type { RedeemParams } from '../authorization/deps.ts';
import { FORM_BODY } from '../http/body.ts';
import { jsonText } from '../http/json.ts';
import { isOutage, Refusal } from '../http/refusal.ts';
import type { Answered, Asked, ShortWay } from '../http/short-way.ts';
import type { Answer, Shape } from '../layouts/layout.ts';
import { outcomeOf, outcomeOfError, type SeenTokenRequest } from '../operation/token-requests.ts';
import type { Attempts } from './attempts.ts';
import { authenticateClient, readBasic } from './client-authentication.ts';
import type { DescribeClient } from './grants/uma-ticket.ts';
import { type HandOver, withBody } from './mount.ts';
import { PATHS } from './paths.ts';

interface TokenRouteDeps {
  provider: Provider;
  attempts: Attempts;
  authority: Authority;
  describeClient: DescribeClient;
  handOver: HandOver;
  short: ShortWay | undefined;
  /** Put on answers. */
  shape: Shape | undefined;
  /** Undefined where nobody watches. */
  seen: ((request: SeenTokenRequest) => void) | undefined;
  /** Seconds since the epoch. */
  now: () => number;
}

type Form = Readonly<Record<string, string>>;

export function tokenRoute(app: FastifyInstance, deps: TokenRouteDeps): void {
  const { authority, describeClient, handOver, short, shape, seen, now } = deps;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FORM, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.options(PATHS.token, { schema: { hide: true } }, (request, reply) => handOver(request, reply));
  app.post<{ Body: Buffer | undefined }>(
    PATHS.token,
    {
      schema: { hide: true },
      bodyLimit: LIBRARY_LIMIT,
      errorHandler(error, { body }) {
        // Not read: nobody else has told of it.
        if (body === undefined) seen?.({ ...ENDPOINT, grant_type: 'other', outcome: outcomeOfError(error) });
        throw error;
      },
    },
    async (request, reply) => {
      const { body: bytes } = request;
      const answer = bytes === undefined ? undefined : await plain(request, bytes);
      if (answer !== undefined) return jsonText(reply.code(answer.status), answer.text);
      handOver(request, reply, bytes === undefined ? request.raw : withBody(request, bytes));
      return reply;
    },
  );
  short?.add(PATHS.token, FORM, async (asked, bytes, taken) => {
    const answer = await plain(asked, bytes);
    // The library reads later than the socket's memory stays as it is.
    if (answer === undefined) handOver(taken, taken.reply, withBody(taken, Buffer.from(bytes)));
    return answer;
  });

  /** Undefined for what the library answers. @throws Refusal for a wrong secret. */
  async function plain(asked: Asked, bytes: Buffer): Promise<Answered | undefined> {
    const form = plainTicketRequest(asked, bytes);
    const answer = form === undefined ? undefined : await redeemed(asked, form);
    return answer && { status: answer.status, text: JSON.stringify(answer.body) };
  }

  /** Undefined for a client that only the library knows what to say to. @throws Refusal for a wrong secret. */
  async function redeemed({ headers: { authorization }, ip }: Asked, form: Form): Promise<Answer | undefined> {
    const tell = (outcome: string, client_id?: string) =>
      seen?.({ ...ENDPOINT, grant_type: 'uma-ticket', outcome, client_id });
    const failed = (error: unknown, client_id?: string): never => {
      tell(outcomeOfError(error), client_id);
      throw error;
    };
    const client = await authenticateClient(deps, { authorization, form, address: ip }).catch((error: unknown) =>
      // Anything else: the client was registered under other rules than there are now.
      error instanceof Refusal || isOutage(error) ? failed(error) : undefined,
    );
    if (client?.grantTypeAllowed(UMA_TICKET_GRANT) !== true) return undefined;
    const { clientId } = client;
    const context = { client: describeClient(client), now: now() };
    const answer = await authority.redeem(form as RedeemParams, context).catch((error) => failed(error, clientId));
    tell(outcomeOf(answer.status, answer.body), clientId);
    return (await shape?.(answer, { method: 'POST', params: {}, form })) ?? answer;
  }
}

const ENDPOINT = { endpoint: 'token', client_id: undefined, subject: undefined } as const;
/** Bytes of a body that oidc-provider reads. */
const LIBRARY_LIMIT = 56 * 1024;
const FORM = FORM_BODY.type;
/** As clients write it; the library knows the other ways. */
const CONTENT_TYPE = /^application\/x-www-form-urlencoded *(; *charset=utf-8)?$/i;
/** What changes how a client is known, a token bound or an answer sent. */
const UNUSUAL_HEADERS = ['dpop', 'origin', 'oauth-client-attestation', 'oauth-client-attestation-pop'] as const;
/** RFC 6749 3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/;

/** The parameters of a uma-ticket request that has nothing unusual to it and shows the secret of a client, in one way. */
function plainTicketRequest({ headers }: Asked, bytes: Buffer): Form | undefined {
  if (!CONTENT_TYPE.test(headers['content-type'] ?? '')) return undefined;
  if (UNUSUAL_HEADERS.some((name) => headers[name] !== undefined)) return undefined;
  const form = parseForm(bytes.toString());
  if (form.grant_type !== UMA_TICKET_GRANT || form.client_assertion !== undefined) return undefined;
  // Named twice, or given without a value.
  for (const name in form) if (typeof form[name] !== 'string' || form[name] === '') return undefined;
  const { scope, client_id, client_secret } = form as Form;
  if (scope !== undefined && !SCOPE.test(scope)) return undefined;
  const { authorization } = headers;
  if ((authorization === undefined) === (client_secret === undefined)) return undefined;
  const id = authorization === undefined ? client_id : readBasic(authorization)?.id;
  return id === undefined || (client_id ?? id) !== id ? undefined : (form as Form);
}
