/** `users/{user}/uma/auditHistory`: OpenAM AuditHistory.java, UmaAuditEntry.java. What AM has no type for is left out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HistoryEntry } from '../../../protocol/owner.ts';
import { FORGEROCK_AUDIT_TYPES, FORGEROCK_JSON_PATHS, type ForgerockAuditEntry } from '../../../wire/forgerock.ts';
import type { LayoutServices } from '../layout.ts';
import { CrestError, type Fields, type Keys, query } from './crest.ts';
import { everything, routeOf, type UserParams, userOf } from './owned.ts';
import { queryOf } from './request.ts';
import { requireOwner, send } from './session.ts';

const FIELDS: Fields<ForgerockAuditEntry> = {
  requestingPartyId: ({ requestingPartyId }) => [requestingPartyId],
  resourceSetName: ({ resourceSetName }) => [resourceSetName],
  resourceSetId: ({ resourceSetId }) => [resourceSetId],
  type: ({ type }) => [type],
};
const KEYS: Keys<ForgerockAuditEntry> = {
  eventTime: ({ eventTime }) => eventTime,
  requestingPartyId: ({ requestingPartyId }) => requestingPartyId,
  resourceSetName: ({ resourceSetName }) => resourceSetName,
};

export function auditHistoryRoutes(app: FastifyInstance, services: LayoutServices): void {
  const collection = routeOf(FORGEROCK_JSON_PATHS.history);
  const schema = { hide: true };

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { sub } = await requireOwner(services, request);
    const parameters = await queryOf(request);
    if (request.method === 'POST' && parameters._action !== 'getHistory')
      throw new CrestError(400, `Unsupported action ${parameters._action ?? ''}`.trim());
    const entries = await everything((page) => services.owner.history(sub, {}, page));
    return send(reply, query(entries.flatMap(shown), parameters, FIELDS, KEYS));
  }
  app.get<UserParams>(collection, { schema }, answer);
  app.post<UserParams>(collection, { schema }, answer);

  function shown({ id, type, at, resource_id, resource_name, party }: HistoryEntry): ForgerockAuditEntry[] {
    const named: Readonly<Record<string, string>> = FORGEROCK_AUDIT_TYPES;
    const name = Object.hasOwn(named, type) ? named[type] : undefined;
    if (name === undefined) return [];
    return [
      {
        _id: id,
        resourceSetId: resource_id ?? '',
        resourceSetName: resource_name ?? resource_id ?? '',
        requestingPartyId: party === undefined ? '' : userOf(services, party),
        type: name,
        eventTime: at * 1000,
      },
    ];
  }
}
