/** `uma profile add`: makes a profile or changes the members that are given. */
import { defineCommand, type FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { flagNames, GROUP_FLAGS, optionName } from '../cli/flags.ts';
import { ENDPOINT_NAMES } from '../cli/settings.ts';
import { PROFILE_FIELDS, type Profile, type ProfileClient } from '../cli/store.ts';
import { UmaError } from '../protocol/errors.ts';
import { INSECURE_STORAGE } from './storage-flag.ts';
import { memberList } from './views.ts';

interface AddOptions extends Record<string, unknown> {
  name: string;
  issuer?: string;
  dialect?: string;
  owner?: string;
  party?: string;
  app?: string;
  resource?: string;
  scope?: string[];
}

const OWN_FLAGS: readonly FlagSpec[] = [
  { flags: '--resource <id>', description: 'the resource to work on when none is named' },
  { flags: '--scope <scope>', description: 'the scopes to ask for when none are named', list: true },
  INSECURE_STORAGE,
];

export const command = defineCommand<AddOptions>({
  description:
    'Add a profile, or change the members of one that are given; with a name alone, ask for everything, along with what the server says of itself. The first one made becomes the current one. Secrets are kept apart, sealed by the keyring of the system where there is one.',
  args: [{ name: '<name>', description: 'the name of the profile' }],
  flags: OWN_FLAGS,
  // It changes settings and sends nothing.
  dryRun: false,
  groups: ['as', 'owner', 'party', 'rs', 'client'],
  examples: [
    { comment: 'asked for one thing after the other', line: 'uma profile add home' },
    {
      comment: 'a server, and the client that acts for Bob',
      line: 'printf %s "$SECRET" | uma profile add work --issuer https://as.example --client UmaClient --client-secret-file -',
    },
    {
      comment: 'the resource server, its secret in a file',
      line: 'uma profile add work --rs-client photos --rs-client-secret-file secret.txt',
    },
  ],
  fields: ['name', ...PROFILE_FIELDS],
  async run(options, context) {
    const { name } = options;
    if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
      throw new UmaError('usage', 'invalid_profile_name', `"${name}" cannot be the name of a profile`, {
        hint: 'letters, digits, dot, dash and underscore, a letter or digit first',
      });
    }
    if (options.issuer !== undefined && !URL.canParse(options.issuer)) {
      throw new UmaError('usage', 'invalid_issuer', `the issuer "${options.issuer}" is no URL`);
    }
    const before = (await context.store.get(name)) ?? {};
    const asked = isBare(options)
      ? await (await import('./profile-wizard.ts')).askForProfile(name, context)
      : { options: {}, secrets: [] };
    const given: AddOptions = { ...options, ...asked.options };
    const secrets = [...(await readSecrets(given, before, context)), ...asked.secrets];
    const profile = merge(before, given);
    await context.store.put(name, profile);
    for (const [key, secret] of secrets) await context.store.putSecret(name, key, secret);
    const value = { name, ...profile };
    return {
      value,
      view: (paint) => memberList(paint, value),
      note: `profile ${name} is kept in ${context.store.path}${next(name, (await context.store.list()).current)}`,
    };
  },
});

/** Only a name: the rest is asked for. */
function isBare(options: AddOptions): boolean {
  const flags = [...Object.values(GROUP_FLAGS).flat(), ...OWN_FLAGS].map(({ flags: names }) => flagNames(names).long);
  return flags.every((flag) => options[optionName(flag)] === undefined || ABOUT_THE_CALL.includes(flag));
}

/** They say how the server is reached now, and how the answers are kept, not what the profile is. */
const ABOUT_THE_CALL = ['--ca-file', '--insecure', '--insecure-storage', '--trust-as'];

const CLIENTS = [
  ['rs', '--rs-client'],
  ['client', '--client'],
] as const;

function merge(before: Profile, options: AddOptions): Profile {
  const profile: Profile = { ...before };
  for (const member of ['issuer', 'dialect', 'owner', 'party', 'resource'] as const) {
    if (options[member] !== undefined) profile[member] = options[member];
  }
  if (options.scope !== undefined) profile.scope = options.scope.join(' ');
  if (options.app !== undefined) profile.app = { id: options.app, auth: 'none' };
  for (const [role, flag] of CLIENTS) {
    const id = options[optionName(flag)] as string | undefined;
    const auth = options[optionName(`${flag}-auth`)] as ProfileClient['auth'];
    const kept = profile[role];
    if (id !== undefined) profile[role] = { id, ...(auth === undefined ? {} : { auth }) };
    else if (kept !== undefined && auth !== undefined) profile[role] = { ...kept, auth };
  }
  for (const endpoint of ENDPOINT_NAMES) {
    const url = options[optionName(`--${endpoint.replaceAll('_', '-')}`)] as string | undefined;
    if (url !== undefined) profile.endpoints = { ...profile.endpoints, [endpoint]: url };
  }
  return profile;
}

/** Secrets given now; undefined for that of a client which gives way to another, so that it is never sent in its name. */
async function readSecrets(
  options: AddOptions,
  before: Profile,
  { readSecret }: Context,
): Promise<[string, string | undefined][]> {
  const secrets: [string, string | undefined][] = [];
  for (const [role, flag] of CLIENTS) {
    const id = options[optionName(flag)] as string | undefined;
    const file = options[optionName(`${flag}-secret-file`)] as string | undefined;
    if (file !== undefined) {
      if (id === undefined && before[role] === undefined) throw nobody(`${flag}-secret-file`, `${flag} ID`);
      secrets.push([role, await readSecret(`${flag}-secret-file`, file)]);
    } else if (id !== undefined && id !== before[role]?.id) secrets.push([role, undefined]);
  }
  for (const role of ['owner', 'party'] as const) {
    const file = options[`${role}PasswordFile`] as string | undefined;
    if (file === undefined) continue;
    const person = options[role] ?? before[role];
    if (person === undefined) throw nobody(`--${role}-password-file`, `--${role} NAME`);
    secrets.push([`person:${person}`, await readSecret(`--${role}-password-file`, file)]);
  }
  return secrets;
}

function nobody(flag: string, needed: string): UmaError {
  return new UmaError('usage', 'secret_of_nobody', `${flag} does not say whose secret it is`, {
    hint: `add ${needed}`,
  });
}

/** The first profile becomes the current one by itself. */
const next = (name: string, current: string | undefined): string =>
  current === name
    ? ', and is the current one (back: uma profile use demo); next: uma login'
    : `; next: uma profile use ${name}, uma login`;
