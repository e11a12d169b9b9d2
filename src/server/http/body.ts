/** Bodies as this server reads them: JSON and forms in which nothing is named twice (FED-3.2-10, GRANT-3.3.1-15). */
import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { parseUniqueJson } from '../../protocol/json.ts';
import { Refusal } from './refusal.ts';

/** Bytes; resource descriptions and permission requests are far smaller. */
export const BODY_LIMIT = 64 * 1024;

/** What a body of one content type says. */
export interface BodyReader<B> {
  type: string;
  /** @throws Refusal 400 */
  read(text: string): B;
}

/** JSON; an empty body is `undefined`, which no body validator accepts. */
export const JSON_BODY: BodyReader<unknown> = {
  type: 'application/json',
  read(text) {
    if (text === '') return undefined;
    try {
      return parseUniqueJson(text);
    } catch (error) {
      throw new Refusal(400, 'invalid_request', `the body is not valid JSON: ${(error as Error).message}`);
    }
  },
};

/** A form as a flat object of strings. */
export const FORM_BODY: BodyReader<Record<string, string>> = {
  type: 'application/x-www-form-urlencoded',
  read(text) {
    const members = parseForm(text);
    for (const name in members) {
      if (typeof members[name] !== 'string')
        throw new Refusal(400, 'invalid_request', `the parameter "${name}" appears more than once`);
    }
    return members as Record<string, string>;
  },
};

/** Makes these routes read bodies of this kind only. */
export function readBodies(app: FastifyInstance, { type, read }: BodyReader<unknown>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(type, { parseAs: 'string' }, (_request, body, done) => {
    let value: unknown;
    try {
      value = read(body);
    } catch (error) {
      return done(error as Error);
    }
    return done(null, value);
  });
}

export const readJsonBodies = (app: FastifyInstance): void => readBodies(app, JSON_BODY);
export const readFormBodies = (app: FastifyInstance): void => readBodies(app, FORM_BODY);
