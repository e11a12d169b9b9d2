/** A policy from flags or `--input`, for `uma policy add` and `uma policy update`. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { parseDuration } from '../cli/duration.ts';
import type { OwnerApi } from '../client/resource-owner.ts';
import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';
import type { PolicyDescription, PolicySubject } from '../protocol/owner.ts';
import { confirmed } from './confirm.ts';
import { knownPerson, ownedResource } from './owned.ts';

export interface PolicyOptions {
  resource?: string;
  party?: string;
  email?: string;
  group?: string;
  anyone?: boolean;
  scope?: string[];
  deny?: boolean;
  expires?: number;
  client?: string[];
  name?: string;
  input?: string;
  yes?: boolean;
}

export const POLICY_FLAGS: readonly FlagSpec[] = [
  { flags: '--resource <id|name>', description: 'the resource that it is about', complete: 'resources' },
  { flags: '--party <name>', description: 'who: a person by login name' },
  { flags: '--email <address>', description: 'who: whoever has this verified e-mail address' },
  { flags: '--group <name>', description: 'who: the members of a group' },
  { flags: '--anyone', description: 'who: anybody' },
  { flags: '--scope <scope>', description: 'the scopes (default: all)', list: true, complete: 'scopes' },
  { flags: '--deny', description: 'forbid instead of allow; a deny wins over every allow' },
  { flags: '--expires <duration>', description: 'for so long, for instance 2h', parse: parseDuration },
  { flags: '--client <id>', description: 'only through this client', list: true },
  { flags: '--name <name>', description: 'a name for it' },
  { flags: '--input <file>', description: 'the whole policy as JSON, - for stdin', file: true },
  { flags: '-y, --yes', description: 'do not ask whether a name that looks like another is the right one' },
];

const SUBJECT_FLAGS = ['party', 'email', 'group', 'anyone'] as const;
const FLAGS = ['resource', ...SUBJECT_FLAGS, 'scope', 'deny', 'expires', 'client', 'name'] as const;

/** By flags. Undefined when the owner was asked about a look-alike and said no. @throws UmaError `conflicting_flags`, `incomplete_policy` (usage); `unknown_resource`, `unknown_person` (refused). */
export async function policyOf(
  options: PolicyOptions,
  context: Context,
  owner: OwnerApi,
  before?: PolicyDescription,
): Promise<PolicyDescription | undefined> {
  const subject = (await subjectOf(options, context, owner)) ?? before?.subject;
  if (subject === 'nobody') return undefined;
  const resource = options.resource === undefined ? undefined : await ownedResource(owner, options.resource);
  const resource_id = resource?._id ?? before?.resource_id;
  if (subject === undefined || resource_id === undefined) {
    throw new UmaError(
      'usage',
      'incomplete_policy',
      resource_id === undefined ? 'which resource is the policy about?' : 'whom is the policy about?',
      { hint: 'uma policy add --resource ID --party bob --scope view' },
    );
  }
  return {
    ...before,
    resource_id,
    subject,
    effect: options.deny ? 'deny' : (before?.effect ?? 'allow'),
    ...(options.scope === undefined ? {} : { scopes: options.scope }),
    ...(options.client === undefined ? {} : { clients: options.client }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.expires === undefined ? {} : { expires_at: Math.floor(context.clock.now() + options.expires) }),
  };
}

/** The whole policy of `--input`, read before anybody is asked; undefined without it. @throws UmaError `conflicting_flags`, `invalid_input` (usage). */
export async function policyInput(options: PolicyOptions, context: Context): Promise<PolicyDescription | undefined> {
  if (options.input === undefined) return undefined;
  const both = FLAGS.find((flag) => options[flag] !== undefined);
  if (both !== undefined)
    throw new UmaError('usage', 'conflicting_flags', `--input is the whole policy: leave out --${both}`);
  const value = await context.readJson('--input', options.input);
  const fault = (member: string, what: string) =>
    new UmaError('usage', 'invalid_input', `--input: ${member} ${what}`, {
      hint: '{"resource_id":"r1","effect":"allow","scopes":["view"],"subject":{"anyone":true}}',
    });
  if (!isObject(value)) throw fault('the policy', 'must be a JSON object');
  if (typeof value.resource_id !== 'string') throw fault('"resource_id"', 'must be a string');
  if (value.effect !== 'allow' && value.effect !== 'deny') throw fault('"effect"', 'must be "allow" or "deny"');
  if (!isObject(value.subject)) throw fault('"subject"', 'must be an object');
  return value as unknown as PolicyDescription;
}

/** `nobody`: the owner was asked, and meant another. */
async function subjectOf(
  options: PolicyOptions,
  context: Context,
  owner: OwnerApi,
): Promise<PolicySubject | 'nobody' | undefined> {
  const [first, second] = SUBJECT_FLAGS.filter((flag) => options[flag] !== undefined);
  if (second !== undefined)
    throw new UmaError('usage', 'conflicting_flags', `--${first} and --${second} exclude each other`);
  if (options.party !== undefined) {
    const { party, look_alikes } = await knownPerson(owner, options.party);
    // A share with the wrong one of two that look the same cannot be seen afterwards either.
    const alike = options.deny || look_alikes.length === 0;
    const question = `"${options.party}" looks like ${look_alikes.map((name) => `"${name}"`).join(', ')} and is somebody else. Share with ${party.name ?? party.sub} (${options.party})?`;
    return alike || (await confirmed(context, options, question)) ? { party } : 'nobody';
  }
  if (options.email !== undefined) return { email: options.email };
  if (options.group !== undefined) return { group: options.group };
  return options.anyone ? { anyone: true } : undefined;
}
