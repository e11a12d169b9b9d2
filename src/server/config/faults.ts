/** Faults of a configuration file: always the file, the place in it and what was expected; never a value that may be secret. */
import Value from 'typebox/value';
import { UmaError } from '../../protocol/errors.ts';
import { ConfigFile } from './schema.ts';

export interface Fault {
  /** Like `people[1].username`; empty for the file as a whole. */
  path: string;
  /** `must be ...`. */
  fault: string;
}

/** Thrown inside `resolve.ts`; `load.ts` adds the file's name. */
export class ConfigFault extends Error {
  readonly path: string;
  constructor(path: string, fault: string) {
    super(fault);
    this.path = path;
  }
}

export const invalidConfig = (file: string, { path, fault }: Fault, hint?: string): UmaError =>
  new UmaError('config', 'invalid_config', path === '' ? `${file} ${fault}` : `${file}: ${path} ${fault}`, { hint });

/** `/people/1/username` as `people[1].username`. */
function readable(pointer: string): string {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.reduce((path, part) => join(path, part), '');
}

function join(path: string, member: string): string {
  if (/^\d+$/.test(member)) return `${path}[${member}]`;
  return path === '' ? member : `${path}.${member}`;
}

/** The first place where a value is not what the schema says. */
export function faultOfFile(value: unknown): Fault | undefined {
  // An unknown member is told twice: as `boolean` (schema is false) and, by name, as `additionalProperties`.
  const errors = Value.Errors(ConfigFile, value).filter(({ keyword }) => keyword !== 'boolean');
  const [first] = errors;
  if (first === undefined) return undefined;
  const path = readable(first.instancePath);
  switch (first.keyword) {
    case 'required':
      return { path: join(path, first.params.requiredProperties[0] ?? ''), fault: 'is required' };
    case 'additionalProperties':
      return { path: join(path, first.params.additionalProperties[0] ?? ''), fault: 'is not known here' };
    case 'enum':
      return {
        path,
        fault: `must be one of ${first.params.allowedValues.map((item) => JSON.stringify(item)).join(', ')}`,
      };
    case 'type': {
      // Every branch of a union tells its type.
      const types = errors.flatMap((error) =>
        error.keyword === 'type' && error.instancePath === first.instancePath ? error.params.type : [],
      );
      return { path, fault: `must be ${[...new Set(types)].map(withArticle).join(' or ')}` };
    }
    case 'minLength':
    case 'minItems':
      return { path, fault: 'must not be empty' };
    case 'minimum':
      return { path, fault: `must be ${first.params.limit} or more` };
    case 'minProperties':
    case 'maxProperties':
      return { path, fault: 'must have exactly one member' };
    case 'uniqueItems':
      return { path, fault: 'must not repeat an item' };
    default:
      return { path, fault: first.message };
  }
}

const withArticle = (type: string): string =>
  type === 'null' ? type : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
