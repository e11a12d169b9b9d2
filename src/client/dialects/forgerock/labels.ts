/** An owner's labels: what she calls her resources (8.1 uma/endpoint-labels.html, uma/uma-labels-with-REST-users.html). */
import { UmaError } from '../../../protocol/errors.ts';
import { isObject } from '../../../protocol/http.ts';
import {
  FORGEROCK_API,
  FORGEROCK_JSON_PATHS,
  FORGEROCK_LABEL_TYPES,
  type ForgerockLabel,
  type ForgerockResourceSet,
} from '../../../wire/forgerock.ts';
import { filtered, type OwnerCalls, one } from './calls.ts';
import { invalid, jsonAnswer, listAnswer } from './refusals.ts';

/** Beside the owner's API that every dialect has. @throws UmaError the refusal, or `invalid_owner_answer` (peer). */
export function labelsApi({ call, at }: OwnerCalls, sets: () => Promise<ForgerockResourceSet[]>) {
  return {
    labels: async (): Promise<ForgerockLabel[]> =>
      listAnswer(
        await call('GET', 'the labels were not listed', await at(FORGEROCK_JSON_PATHS.labels, filtered('true'))),
        isLabel,
      ),
    /** Nested with `/`. */
    async createLabel(name: string, type: 'USER' | 'STAR' = 'USER'): Promise<ForgerockLabel> {
      const what = 'the label was not made';
      const exchange = await call('POST', what, await at(FORGEROCK_JSON_PATHS.labels), { body: { name, type } });
      const label = jsonAnswer(exchange, what);
      if (isLabel(label)) return label;
      throw invalid(exchange, 'lacks a member of a label or has one of a wrong type');
    },
    /** Resources that had it keep the rest. */
    async deleteLabel(id: string): Promise<void> {
      await call('DELETE', 'the label was not deleted', await at(FORGEROCK_JSON_PATHS.labels, one(id)));
    },
    /** Labels of a resource from now on, by id; AM wants the whole resource and changes nothing else of it. */
    async labelResource(resource_id: string, labels: readonly string[]): Promise<void> {
      const set = (await sets()).find(({ _id }) => _id === resource_id);
      if (set === undefined)
        throw new UmaError('refused', 'not_found', `the owner has no resource ${resource_id}`, {
          hint: 'uma resource list',
        });
      const path = await at(FORGEROCK_JSON_PATHS.sets, one(resource_id));
      await call('PUT', 'the labels were not set', path, { body: { ...set, labels }, version: FORGEROCK_API.sets });
    },
  };
}

const isLabel = (value: unknown): value is ForgerockLabel =>
  isObject(value) &&
  typeof value._id === 'string' &&
  typeof value.name === 'string' &&
  FORGEROCK_LABEL_TYPES.some((type) => type === value.type);
