/** A resource description from flags or `--input`, for `uma register` and `uma resource update`. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { UmaError } from '../protocol/errors.ts';
import { faultOfDescription, type ResourceDescription } from '../protocol/resource.ts';

export interface DescriptionOptions {
  name?: string;
  scope?: string[];
  type?: string;
  iconUri?: string;
  uri?: string[];
  description?: string;
  /** `--no-owner-managed` makes it false. */
  ownerManaged?: boolean;
  input?: string;
}

export const DESCRIPTION_FLAGS: readonly FlagSpec[] = [
  { flags: '--name <name>', description: 'its name, for people' },
  { flags: '--scope <scope>', description: 'a scope that it has', list: true, complete: 'scopes' },
  { flags: '--type <type>', description: 'its type, often a URI' },
  { flags: '--icon-uri <url>', description: 'an icon' },
  { flags: '--uri <uri>', description: 'where it is (an extension that some servers know)', repeat: true },
  { flags: '--description <text>', description: 'a description, for people' },
  {
    flags: '--owner-managed',
    description: 'its owner decides on requests (an extension of Keycloak; the default there)',
  },
  { flags: '--no-owner-managed', description: 'only the policies of the server decide (Keycloak)' },
  { flags: '--input <file>', description: 'the whole description as JSON, - for stdin', file: true },
];

const FLAGS = ['name', 'scope', 'type', 'iconUri', 'uri', 'description', 'ownerManaged'] as const;

/**
 * The description that the flags make, over `before` where there is one.
 * @throws UmaError `conflicting_flags`, `invalid_input` (usage) naming the member at fault.
 */
export async function descriptionOf(
  options: DescriptionOptions,
  context: Context,
  before: ResourceDescription = { resource_scopes: [] },
): Promise<ResourceDescription> {
  if (options.input !== undefined) {
    const both = FLAGS.find((flag) => options[flag] !== undefined);
    if (both !== undefined)
      throw new UmaError('usage', 'conflicting_flags', `--input is the whole description: leave out --${both}`);
    const value = await context.readJson('--input', options.input);
    const fault = faultOfDescription(value);
    if (fault === undefined) return value as ResourceDescription;
    const member = fault.path === '' ? 'the description' : `"${fault.path}"`;
    throw new UmaError('usage', 'invalid_input', `--input: ${member} ${fault.fault}`, {
      spec: 'UMA Federated Authorization 3.1',
    });
  }
  const { name, scope, type, iconUri, uri, description, ownerManaged } = options;
  return {
    ...before,
    ...(name === undefined ? {} : { name }),
    ...(type === undefined ? {} : { type }),
    ...(iconUri === undefined ? {} : { icon_uri: iconUri }),
    ...(uri === undefined ? {} : { uris: uri }),
    ...(description === undefined ? {} : { description }),
    ...(ownerManaged === undefined ? {} : { ownerManagedAccess: ownerManaged }),
    resource_scopes: scope ?? before.resource_scopes,
  };
}
