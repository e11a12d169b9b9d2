/**
 * The uma-ticket grant at Keycloak's token endpoint: who is asking (the caller's Bearer, a claim token, `subject_token`, the client's
 * own account), with a ticket or without, answered as an RPT, a decision or a list. What is decided is authorization/'s.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ID_TOKEN_FORMAT, ID_TOKEN_FORMAT_HTTPS } from '../../../protocol/claims.ts';
import type { Party } from '../../../protocol/owner.ts';
import type { Permission } from '../../../protocol/permission.ts';
import { KEYCLOAK_REFUSALS } from '../../../wire/keycloak.ts';
import type { RedeemContext, WireAnswer } from '../../authorization/deps.ts';
import { json } from '../../http/json.ts';
import { Refusal } from '../../http/refusal.ts';
import { tokenIn } from '../../protection/pat.ts';
import type { GatheredClaims } from '../../stores/types.ts';
import { presentedClient } from './client.ts';
import { accessDenied, invalidBearer, invalidRequest, invalidTicket, noServiceAccount } from './errors.ts';
import type { ProtectionDeps } from './resources.ts';
import { sealedAnswer } from './token-answers.ts';
import { wirePermissions } from './tokens.ts';
import { readWishes, refuseForeignNames } from './wishes.ts';

const JSON_CLAIMS = 'urn:ietf:params:oauth:token-type:jwt';
/** Scopes of Keycloak's own that clients send along; none is one of a resource. */
const OWN_SCOPES = new Set([
  'openid',
  'profile',
  'email',
  'offline_access',
  'roles',
  'address',
  'phone',
  'web-origins',
  'acr',
  'basic',
  'microprofile-jwt',
]);

/** Whoever asks here is named: by a claim token, or by the caller's own. */
type Asker = Pick<RedeemContext, 'client'> & { identified: GatheredClaims & { party: Party } };

export async function umaGrant(
  deps: ProtectionDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  form: URLSearchParams,
): Promise<FastifyReply> {
  const asker = await identify(deps, request, form);
  const mode = form.get('response_mode') ?? undefined;
  const rpt = form.get('rpt') ?? undefined;
  if (rpt !== undefined && deps.tokens.signed(rpt) === undefined)
    throw new Refusal(403, 'invalid_rpt', 'RPT signature is invalid');
  const context: RedeemContext = {
    ...asker,
    now: deps.now(),
    choices: {
      ask_owner: form.get('submit_request') !== 'false',
      // Keycloak gives the part that is allowed, unless an RPT is to grow by all that is asked for.
      partial: rpt === undefined ? 'first' : 'never',
      dry: mode !== undefined,
    },
  };
  const answer = form.has('ticket')
    ? await byTicket(deps, form, rpt, context)
    : await withoutTicket(deps, form, rpt, context);
  if (mode === 'decision') return json(reply, { result: true });
  if (mode === 'permissions') {
    const withNames = form.get('response_include_resource_name') !== 'false';
    const permissions = limited(answer.body.permissions as Permission[], form);
    return json(reply, await wirePermissions(deps.stores, permissions, withNames));
  }
  if (mode !== undefined) throw invalidRequest('Invalid response_mode');
  const about = { sub: asker.identified.party.sub, client_id: asker.client.id };
  return json(reply, { upgraded: false, ...sealedAnswer(deps, answer.body, about) });
}

async function byTicket(
  { authority }: ProtectionDeps,
  form: URLSearchParams,
  rpt: string | undefined,
  context: RedeemContext,
): Promise<WireAnswer> {
  const ticket = form.get('ticket') ?? '';
  if (ticket === '') throw invalidTicket();
  const scope = (form.get('scope') ?? '')
    .split(' ')
    .filter((item) => item !== '' && !OWN_SCOPES.has(item))
    .join(' ');
  const answer = await authority.redeem({ ticket, rpt, ...(scope === '' ? {} : { scope }) }, context);
  if (answer.status === 200) return answer;
  switch (answer.body.error) {
    case 'request_submitted':
      throw accessDenied(KEYCLOAK_REFUSALS.submitted);
    case 'need_info':
    case 'request_denied':
    case 'invalid_scope':
      throw accessDenied(KEYCLOAK_REFUSALS.refused);
    case 'invalid_grant':
      throw invalidTicket();
    default:
      throw new Refusal(answer.status, String(answer.body.error), String(answer.body.error_description));
  }
}

async function withoutTicket(
  { authority, realm, stores }: ProtectionDeps,
  form: URLSearchParams,
  rpt: string | undefined,
  context: RedeemContext,
): Promise<WireAnswer> {
  const wanted = await readWishes(form, realm, stores);
  const request = { rs: wanted.rs, wishes: wanted.wishes, rpt };
  const party = context.identified!.party!;
  let permissions = await authority.entitlements(request, context);
  const complete = wanted.wishes.every(({ resource, scopes }) =>
    permissions.some(
      ({ resource_id, resource_scopes }) => resource_id === resource.id && resource_scopes.length >= scopes.length,
    ),
  );
  if (permissions.length === 0 || (rpt !== undefined && form.has('permission') && !complete)) {
    refuseForeignNames(wanted, party);
    throw accessDenied(KEYCLOAK_REFUSALS.refused);
  }
  if (context.choices?.dry) return { status: 200, body: { permissions } };
  permissions = limited(permissions, form);
  const wishes = wanted.wishes.filter(({ resource }) =>
    permissions.some(({ resource_id }) => resource_id === resource.id),
  );
  const answer = await authority.issueEntitlements({ ...request, wishes }, party, context);
  if (answer === undefined) throw accessDenied(KEYCLOAK_REFUSALS.refused);
  return answer;
}

function limited(permissions: Permission[], form: URLSearchParams): Permission[] {
  const limit = form.get('response_permissions_limit');
  return limit !== null && /^\d{1,6}$/.test(limit) ? permissions.slice(0, Number(limit)) : permissions;
}

async function identify(deps: ProtectionDeps, request: FastifyRequest, form: URLSearchParams): Promise<Asker> {
  const { authorization } = request.headers;
  const { provider, describeClient, realm } = deps;
  if (/^bearer /i.test(authorization ?? '')) {
    const token = await deps.tokens.live(tokenIn(authorization)?.token ?? '');
    const client = token === undefined ? undefined : await provider.Client.find(token.client_id);
    if (token === undefined || client === undefined) throw invalidBearer();
    return { client: describeClient(client), identified: partyOf(deps, token.sub) };
  }
  const client = describeClient(await presentedClient(deps, request, form));
  const format = form.get('claim_token_format') ?? undefined;
  const claimToken = form.get('claim_token') ?? undefined;
  const asIdToken = format === undefined || format === ID_TOKEN_FORMAT || format === ID_TOKEN_FORMAT_HTTPS;
  if (asIdToken && format !== undefined && claimToken === undefined)
    throw invalidRequest('Subject token can not be null and must be a valid ID or Access Token');
  if (asIdToken && claimToken !== undefined)
    return { client, identified: await byClaimToken(deps, claimToken, client) };
  const subjectToken = form.get('subject_token') ?? undefined;
  if (subjectToken === undefined && realm.clients.get(client.id)?.account === undefined) throw noServiceAccount();
  if (format === JSON_CLAIMS && claimToken !== undefined) checkClaims(claimToken);
  if (subjectToken === undefined) return { client, identified: partyOf(deps, client.id) };
  const token = await deps.tokens.live(subjectToken);
  if (token === undefined) throw invalidBearer();
  return { client, identified: partyOf(deps, token.sub) };
}

async function byClaimToken(
  deps: ProtectionDeps,
  claimToken: string,
  client: Asker['client'],
): Promise<Asker['identified']> {
  const token = await deps.tokens.live(claimToken);
  if (token !== undefined) return partyOf(deps, token.sub);
  if (client.self_registered)
    throw new Refusal(400, 'invalid_claim_token', 'a client that registered itself may not push claim tokens');
  const believed = await deps.claimTokens.verify(claimToken, ID_TOKEN_FORMAT, client.id, deps.now());
  if (!('fault' in believed)) return { ...believed, at: deps.now() };
  if (deps.tokens.signed(claimToken) === undefined) throw new Refusal(400, 'unauthorized_client', 'Invalid signature');
  throw new Refusal(400, 'invalid_claim_token', believed.fault);
}

function partyOf({ issuer, people, now }: ProtectionDeps, sub: string): Asker['identified'] {
  const person = people.bySub(sub);
  const name = person === undefined ? {} : { name: person.name ?? person.username };
  return { party: { iss: issuer, sub, ...name }, claims: [], at: now() };
}

/** Claims that a client pushes unsigned: read, because Keycloak reads them, and never believed. @throws Refusal 400. */
function checkClaims(claimToken: string): void {
  try {
    JSON.parse(Buffer.from(claimToken, 'base64').toString('utf8'));
  } catch {
    throw invalidRequest('Invalid claims');
  }
}
