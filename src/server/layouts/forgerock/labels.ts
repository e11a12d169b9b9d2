/**
 * `users/{user}/oauth2/resources/labels`: 8.1 uma/endpoint-labels.html. What an owner calls her resources is no business of the house,
 * so it is kept beside: one record an owner. System labels are those that resource servers write into descriptions.
 */
import type { FastifyInstance } from 'fastify';
import { FORGEROCK_JSON_PATHS, type ForgerockLabel } from '../../../wire/forgerock.ts';
import { newId } from '../../authorization/secrets.ts';
import type { ResourceRecord } from '../../stores/types.ts';
import type { LayoutServices } from '../layout.ts';
import { CrestError, type Fields, type Keys, query, revisionOf } from './crest.ts';
import { everything, type ItemParams, routeOf, type UserParams } from './owned.ts';
import { objectOf, queryOf } from './request.ts';
import { requireOwner, send } from './session.ts';

const KIND = 'ForgerockLabels';

type Kept = Pick<ForgerockLabel, '_id' | 'name' | 'type'>;
interface Labels {
  own: Kept[];
  /** Ids of own labels by resource id. */
  attached: Record<string, string[]>;
}

const FIELDS: Fields<ForgerockLabel> = {
  _id: ({ _id }) => [_id],
  name: ({ name }) => [name],
  type: ({ type }) => [type],
};
const KEYS: Keys<ForgerockLabel> = { name: ({ name }) => name, type: ({ type }) => type };

export interface LabelStore {
  read(sub: string): Promise<Labels>;
  /** Changes one owner's record; changes of this process come one after the other. */
  change<T>(sub: string, change: (labels: Labels) => T): Promise<T>;
}

export function labelStore({ stores, now }: LayoutServices): LabelStore {
  const turns = new Map<string, Promise<unknown>>();
  const read = async (sub: string): Promise<Labels> => {
    const found = await stores.artifacts.get(KIND, sub, now());
    return structuredClone((found?.payload as Labels | undefined) ?? { own: [], attached: {} });
  };
  return {
    read,
    change(sub, change) {
      const turn = (turns.get(sub) ?? Promise.resolve()).then(async () => {
        const labels = await read(sub);
        const result = change(labels);
        await stores.artifacts.put({ kind: KIND, id: sub, payload: { ...labels } });
        return result;
      });
      const settled = turn.catch(() => {});
      turns.set(sub, settled);
      void settled.then(() => turns.get(sub) === settled && turns.delete(sub));
      return turn;
    },
  };
}

export function labelRoutes(app: FastifyInstance, services: LayoutServices, labels: LabelStore): void {
  const collection = routeOf(FORGEROCK_JSON_PATHS.labels);
  const schema = { hide: true };

  app.get<UserParams>(collection, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const { own } = await labels.read(sub);
    const all = [...own, ...(await systemLabels(services, sub))].map(shown);
    return send(reply, query(all, await queryOf(request), FIELDS, KEYS));
  });

  app.post<UserParams>(collection, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const { _action: action = 'create' } = await queryOf(request);
    if (action !== 'create') throw new CrestError(400, `Unsupported action ${action}`);
    const { name, type = 'USER' } = objectOf(request);
    if (typeof name !== 'string' || name.trim() === '')
      throw new CrestError(400, "Missing required attribute, 'name'.");
    if (type !== 'USER' && type !== 'STAR') throw new CrestError(400, 'A label of an owner has the type USER or STAR');
    const label: Kept = { _id: newId(), name, type };
    await labels.change(sub, ({ own }) => {
      if (own.some((known) => known.name === name && known.type === type))
        throw new CrestError(409, `A label with the name ${name} already exists`);
      own.push(label);
    });
    return send(reply.code(201), shown(label));
  });

  app.delete<ItemParams>(`${collection}/:id`, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const { id } = request.params;
    if ((await systemLabels(services, sub)).some(({ _id }) => _id === id))
      throw new CrestError(403, 'A system label cannot be deleted');
    const removed = await labels.change(sub, ({ own, attached }) => {
      const at = own.findIndex(({ _id }) => _id === id);
      if (at === -1) throw new CrestError(404, 'Label not found');
      for (const [resource, ids] of Object.entries(attached)) attached[resource] = ids.filter((label) => label !== id);
      return own.splice(at, 1)[0]!;
    });
    return send(reply, shown(removed));
  });
}

const shown = (label: Kept): ForgerockLabel => ({ ...label, _rev: revisionOf(label) });

/** Labels of the owner's descriptions, and the resource server's name, which AM adds by itself. */
async function systemLabels({ stores, directory }: LayoutServices, sub: string): Promise<Kept[]> {
  const resources = await everything((page) => stores.resources.ofOwner(sub, page));
  const names = new Set(
    resources.flatMap((record) => [...labelsIn(record), directory.clientName(record.rs) ?? record.rs]),
  );
  return [...names].map((name) => ({ _id: `system-${Buffer.from(name).toString('base64url')}`, name, type: 'SYSTEM' }));
}

function labelsIn({ description: { labels } }: ResourceRecord): string[] {
  return Array.isArray(labels) ? labels.filter((label): label is string => typeof label === 'string') : [];
}
