/** Faults of a configuration file: always the file, the place in it and what was expected; never a value that may be secret. */
import { Settings } from 'typebox/system';
import Value from 'typebox/value';
import { UmaError } from '../../protocol/errors.ts';
import { ConfigFile } from './schema.ts';

export interface Fault {
  /** Like `people[1].username`; empty for the file as a whole. */
  path: string;
  /** `must be ...`; with `error`, its whole message. */
  fault: string;
  /** A fault of a file that is named there, or of this file's mode, with a code and a hint of its own. */
  error?: UmaError;
}

/** Thrown by `resolve.ts`; `load.ts` adds the file's name. */
export class ConfigFaults extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map(({ path, fault }) => `${path} ${fault}`).join('; '));
    this.faults = faults;
  }
}

/** All that is wrong with a file. */
export class InvalidConfig extends UmaError {
  readonly faults: readonly Fault[];
  constructor(file: string, faults: readonly Fault[]) {
    const told = faults.slice(0, TOLD).map(written);
    const more = faults.length > TOLD ? `; and ${faults.length - TOLD} more` : '';
    const [first] = faults;
    // That others can read the file comes before anything that is in it.
    const own = first?.path === '' ? first.error : undefined;
    super(
      'config',
      own?.code ?? 'invalid_config',
      own?.message ?? `${file}${first?.path === '' ? ' ' : ': '}${told.join('; ')}${more}`,
      { hint: own?.hint ?? (more === '' ? undefined : `uma serve check --config ${file} names all`) },
    );
    this.faults = faults;
  }
}

/** Faults that one line of an error names. */
const TOLD = 5;

export const written = ({ path, fault, error }: Fault): string =>
  path === '' || error !== undefined ? fault : `${path} ${fault}`;

/** The error for a list of faults that is not empty. */
export function invalidConfig(file: string, faults: readonly Fault[]): UmaError {
  const [first] = faults;
  return faults.length === 1 && first?.error !== undefined ? first.error : new InvalidConfig(file, faults);
}

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

/** Faults of a file that are told: enough for anybody. */
const MOST = 1000;

/** The places where a value is not what the schema says, in the order of the file's members. */
export function faultsOfFile(value: unknown): Fault[] {
  // The library stops after eight unless told otherwise; what peers send keeps that limit.
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MOST });
  let errors: ReturnType<typeof Value.Errors>;
  try {
    // An unknown member is told twice: as `boolean` (schema is false) and, by name, as `additionalProperties`.
    errors = Value.Errors(ConfigFile, value).filter(({ keyword }) => keyword !== 'boolean');
  } finally {
    Settings.Set({ maxErrors });
  }
  const seen = new Set<string>();
  return errors
    .flatMap((error) => faultsIn(error, errors))
    .filter(({ path, fault }) => {
      // Every branch of a union tells the same.
      const before = seen.has(`${path} ${fault}`);
      seen.add(`${path} ${fault}`);
      return !before;
    });
}

type SchemaError = ReturnType<typeof Value.Errors>[number];

function faultsIn(error: SchemaError, errors: readonly SchemaError[]): Fault[] {
  const path = readable(error.instancePath);
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => ({ path: join(path, name), fault: 'is required' }));
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => ({ path: join(path, name), fault: 'is not known here' }));
    default:
      return [{ path, fault: expected(error, errors) }];
  }
}

function expected(error: SchemaError, errors: readonly SchemaError[]): string {
  switch (error.keyword) {
    case 'enum':
      return `must be one of ${error.params.allowedValues.map((item) => JSON.stringify(item)).join(', ')}`;
    case 'anyOf':
    case 'type': {
      // Every branch of a union tells its type.
      const types = errors.flatMap((other) =>
        other.keyword === 'type' && other.instancePath === error.instancePath ? other.params.type : [],
      );
      return types.length === 0 ? error.message : `must be ${[...new Set(types)].map(withArticle).join(' or ')}`;
    }
    case 'minLength':
    case 'minItems':
      return 'must not be empty';
    case 'minimum':
      return `must be ${error.params.limit} or more`;
    case 'minProperties':
    case 'maxProperties':
      return 'must have exactly one member';
    case 'uniqueItems':
      return 'must not repeat an item';
    default:
      return error.message;
  }
}

const withArticle = (type: string): string =>
  type === 'null' ? type : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
