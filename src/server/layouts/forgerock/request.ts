/** Requests as AM's documents write them: JSON under any content type, parameters in the body of a GET. */
import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isObject } from '../../../protocol/http.ts';
import { parseUniqueJson } from '../../../protocol/json.ts';
import { BODY_LIMIT } from '../../http/body.ts';
import { hasBody } from './addresses.ts';
import { CrestError } from './crest.ts';

/** Bodies stay text: `curl --data '{...}'` says that JSON is a form (8.1 uma/endpoint-pending-request.html). */
export function readTextBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/** The JSON value of a body; undefined for an empty one. @throws CrestError 400. */
export function bodyOf({ body }: FastifyRequest): unknown {
  if (typeof body !== 'string' || body.trim() === '') return undefined;
  try {
    return parseUniqueJson(body);
  } catch {
    throw new CrestError(400, 'The request could not be processed because the provided content is not valid JSON');
  }
}

/** As {@link bodyOf}, for a body that has to be an object. */
export function objectOf(request: FastifyRequest): Record<string, unknown> {
  const body = bodyOf(request);
  if (isObject(body)) return body;
  throw new CrestError(400, 'The request could not be processed because the provided content is not a JSON object');
}

/**
 * Parameters of the address, and those that `curl --request GET --data-urlencode` puts into the body of a GET (8.1 uma/uma-policies.html).
 * @throws CrestError 400 for one that comes twice.
 */
export async function queryOf(request: FastifyRequest): Promise<Record<string, string>> {
  const parameters: Record<string, string> = {};
  const add = (members: object) => {
    for (const [name, value] of Object.entries(members)) {
      if (typeof value !== 'string' || Object.hasOwn(parameters, name))
        throw new CrestError(400, `The parameter ${name} appears more than once`);
      parameters[name] = value;
    }
  };
  add(request.query as object);
  if (request.method === 'GET' && hasBody(request.raw)) add(parseForm(await rawBody(request)));
  return parameters;
}

async function rawBody({ raw }: FastifyRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw) {
    size += (chunk as Buffer).length;
    if (size > BODY_LIMIT) throw new CrestError(413, 'The body is larger than this server accepts');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
