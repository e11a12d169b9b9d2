/** Bodies as this server reads them: JSON and forms in which nothing is named twice (FED-3.2-10, GRANT-3.3.1-15). */
import { parse as parseForm } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { parseUniqueJson } from '../../protocol/json.ts';
import { Refusal } from './refusal.ts';

/** Bytes; resource descriptions and permission requests are far smaller. */
export const BODY_LIMIT = 64 * 1024;

/** Reads `application/json` only; an empty body is `undefined`, which no body validator accepts. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined);
    let value: unknown;
    try {
      value = parseUniqueJson(body);
    } catch (error) {
      return done(new Refusal(400, 'invalid_request', `the body is not valid JSON: ${(error as Error).message}`));
    }
    return done(null, value);
  });
}

/** Reads `application/x-www-form-urlencoded` only, into a flat object of strings. */
export function readFormBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      const members = parseForm(body);
      for (const name in members) {
        if (typeof members[name] !== 'string')
          return done(new Refusal(400, 'invalid_request', `the parameter "${name}" appears more than once`));
      }
      return done(null, members);
    },
  );
}
