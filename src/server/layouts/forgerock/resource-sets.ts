/** `users/{user}/oauth2/resources/sets`: the owner's view of her resources (OpenAM ResourceSetResource.java; frdp, AM 6.5 and 7). */
import type { FastifyInstance } from 'fastify';
import { isStringArray } from '../../../protocol/http.ts';
import { difference } from '../../../protocol/scopes.ts';
import { FORGEROCK_JSON_PATHS, type ForgerockResourceSet } from '../../../wire/forgerock.ts';
import type { ResourceRecord } from '../../stores/types.ts';
import type { LayoutServices } from '../layout.ts';
import { CrestError, type Fields, type Keys, query, revisionOf } from './crest.ts';
import type { LabelStore } from './labels.ts';
import { everything, type ItemParams, routeOf, type UserParams } from './owned.ts';
import { allPolicies, revokeAll, withoutServer } from './policies.ts';
import { objectOf, queryOf } from './request.ts';
import { requireOwner, type Session, send } from './session.ts';

const FIELDS: Fields<ForgerockResourceSet> = {
  resourceOwnerId: ({ resourceOwnerId }) => [resourceOwnerId],
  resourceServer: ({ resourceServer }) => [resourceServer],
  name: ({ name }) => [name],
  type: ({ type }) => (type === null ? [] : [type]),
  labels: ({ labels }) => labels,
};
const KEYS: Keys<ForgerockResourceSet> = { name: ({ name }) => name, type: ({ type }) => type ?? '' };

export function resourceSetRoutes(app: FastifyInstance, services: LayoutServices, labels: LabelStore): void {
  const collection = routeOf(FORGEROCK_JSON_PATHS.sets);
  const schema = { hide: true };

  app.get<UserParams>(collection, { schema }, async (request, reply) => {
    const session = await requireOwner(services, request);
    const all = [...(await own(session)), ...(await sharedWith(session))];
    const page = query(all, await queryOf(request), FIELDS, KEYS);
    return send(reply, page);
  });

  app.get<ItemParams>(`${collection}/:id`, { schema }, async (request, reply) => {
    const session = await requireOwner(services, request);
    return send(reply, await one(session, request.params.id));
  });

  app.put<ItemParams>(`${collection}/:id`, { schema }, async (request, reply) => {
    const session = await requireOwner(services, request);
    const { id } = request.params;
    await one(session, id);
    const body = objectOf(request);
    if (!isStringArray(body.labels)) throw new CrestError(400, 'The attribute labels must be an array of label ids');
    const wanted = body.labels;
    await labels.change(session.sub, (kept) => {
      const unknown = difference(
        wanted,
        kept.own.map(({ _id }) => _id),
      );
      if (unknown.length > 0) throw new CrestError(400, 'A label does not exist');
      kept.attached[id] = wanted;
    });
    return send(reply, await one(session, id));
  });

  app.post<UserParams>(collection, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const { _action: action } = await queryOf(request);
    if (action !== 'revokeAll') throw new CrestError(400, `Unsupported action ${action ?? ''}`.trim());
    await revokeAll(services, sub);
    return send(reply, {});
  });

  async function own({ sub, username }: Session): Promise<ForgerockResourceSet[]> {
    const policies = new Map((await allPolicies(services, sub)).map((policy) => [policy.policyId, policy]));
    const { attached } = await labels.read(sub);
    return (await everything((page) => services.stores.resources.ofOwner(sub, page))).map((record) => {
      const policy = policies.get(record.id);
      const set = asSet(record, username, attached[record.id] ?? []);
      return { ...set, policy: policy === undefined ? null : withoutServer(policy) };
    });
  }

  async function one(session: Session, id: string): Promise<ForgerockResourceSet> {
    const found = (await own(session)).find(({ _id }) => _id === id);
    if (found === undefined) throw new CrestError(404, 'Resource set not found');
    return found;
  }

  /** Resources of others that name this person; of their policies, only this person's own entry. */
  async function sharedWith({ sub, username }: Session): Promise<ForgerockResourceSet[]> {
    const others = services.people.everybody().filter((person) => person.sub !== sub);
    const found = await Promise.all(
      others.map(async (owner) => {
        const shared = (await allPolicies(services, owner.sub)).filter(({ permissions }) =>
          permissions.some(({ subject }) => subject === username),
        );
        return Promise.all(
          shared.map(async (policy) => {
            const record = await services.stores.resources.get(policy.policyId);
            if (record === undefined) return [];
            const permissions = policy.permissions.filter(({ subject }) => subject === username);
            return [{ ...asSet(record, owner.username, []), policy: { ...withoutServer(policy), permissions } }];
          }),
        );
      }),
    );
    return found.flat(2);
  }
}

function asSet(record: ResourceRecord, owner: string, labels: string[]): ForgerockResourceSet {
  const { id, rs, description } = record;
  const { name, type, icon_uri, resource_scopes } = description;
  const set = {
    name: name ?? id,
    type: type ?? null,
    icon_uri: icon_uri ?? null,
    scopes: resource_scopes,
    resourceServer: rs,
    resourceOwnerId: owner,
    labels,
  };
  return { _id: id, _rev: revisionOf(set), ...set };
}
