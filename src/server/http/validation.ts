/** Ajv on the routes' schemas, made at a route's first request: compiling them all would double the time of the start. */
import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifyInstance } from 'fastify';
import type { BodyFault } from '../../protocol/resource.ts';
import { invalidRequest, Refusal } from './refusal.ts';

interface SchemaFault {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
  message?: string;
}
type Validator = ((data: unknown) => boolean) & { errors?: SchemaFault[] | null };

export function validateLazily(app: FastifyInstance): void {
  let compile: ((route: unknown) => unknown) | undefined;
  const compiler = () => {
    // Fastify's own options would break the specification: they turn a string into an array and strip unknown members.
    const customOptions = {
      coerceTypes: false,
      removeAdditional: false,
      useDefaults: false,
      allErrors: false,
    } as const;
    compile ??= AjvCompiler()({}, { customOptions }) as (route: unknown) => unknown;
    return compile;
  };
  app.setValidatorCompiler((route) => {
    let validator: Validator | undefined;
    return (data: unknown) => {
      validator ??= compiler()(route) as Validator;
      if (validator(data)) return true;
      const fault = readable(validator.errors?.[0]);
      const error =
        route.httpPart === 'querystring'
          ? new Refusal(400, 'invalid_request', `the query parameter '${fault.path}' ${fault.fault}`)
          : invalidRequest(fault);
      return { error };
    };
  });
}

/** `/subject/party` without its `iss`: `subject.party.iss is required`. */
function readable(error: SchemaFault | undefined): BodyFault {
  const path = (error?.instancePath ?? '')
    .split('/')
    .slice(1)
    .reduce((whole, part) => join(whole, part), '');
  switch (error?.keyword) {
    case 'required':
      return { path: join(path, String(error.params.missingProperty)), fault: 'is required' };
    case 'additionalProperties':
      return { path: join(path, String(error.params.additionalProperty)), fault: 'is not known here' };
    case 'minProperties':
    case 'maxProperties':
      return { path, fault: `${error.message ?? ''}` };
    case 'enum':
      return { path, fault: `must be one of ${(error.params.allowedValues as unknown[]).join(', ')}` };
    case 'const':
      return { path, fault: `must be ${JSON.stringify(error.params.allowedValue)}` };
    default:
      return { path, fault: error?.message ?? 'is not valid' };
  }
}

function join(path: string, member: string): string {
  if (/^\d+$/.test(member)) return `${path}[${member}]`;
  return path === '' ? member : `${path}.${member}`;
}
