/** Flags that commands share: the common ones of every command, and the groups of the roles (DESIGN "Roles"). */
import type { FlagGroup, FlagSpec } from './command.ts';
import { DIALECTS } from './dialects.ts';
import { parseDuration } from './duration.ts';
import { ENDPOINT_NAMES } from './settings.ts';

export const COMMON_FLAGS: readonly FlagSpec[] = [
  {
    flags: '-o, --output <format>',
    description: 'text, or json with the names of the wire',
    choices: ['text', 'json'],
  },
  { flags: '--json [fields]', description: 'JSON, with these fields only (a,b)' },
  { flags: '--field <path>', description: 'print one value raw, for instance permissions[0].resource_id' },
  { flags: '--header', description: 'print `Authorization: Bearer ...` for `curl -H "$(...)"`' },
  { flags: '-q, --quiet', description: 'only the result and errors' },
  {
    flags: '-v, --verbose',
    description: 'each HTTP exchange on standard error: a line, with -vv headers and bodies',
    count: true,
  },
  { flags: '--curl', description: 'each request as a curl line on standard error, secrets as $VAR' },
  { flags: '--dry-run', description: 'send nothing: print the requests (with --curl, as curl lines)' },
  {
    flags: '--trace <file>',
    description: 'record each exchange, secrets masked: .html, .mmd, .har, or .json to add to',
  },
  { flags: '--no-input', description: 'never ask: fail and name the flag instead' },
  { flags: '--color <when>', description: 'colour on a terminal', choices: ['auto', 'always', 'never'] },
  { flags: '--no-color', description: 'the same as --color never' },
  { flags: '--show-secrets', description: 'do not mask tokens on a terminal and in -vv (a trace is always masked)' },
  { flags: '--debug', description: 'stack traces of errors' },
  { flags: '--profile <name>', description: 'the profile to take settings from', complete: 'profiles' },
  { flags: '--timeout <duration>', description: 'limit of each HTTP exchange (default 10s)', parse: parseDuration },
];

const AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'none'];

export const GROUP_FLAGS: Record<FlagGroup, readonly FlagSpec[]> = {
  as: [
    { flags: '--issuer <url>', description: 'the authorization server' },
    { flags: '--dialect <name>', description: 'which vendor the server is (default auto)', choices: DIALECTS },
    { flags: '--trust-as <url>', description: 'an as_uri that means the issuer in use', repeat: true },
    { flags: '--ca-file <file>', description: 'certificates to trust beside the built-in ones (PEM)', file: true },
    { flags: '--insecure', description: 'allow http:// and untrusted certificates (warns)' },
    ...ENDPOINT_NAMES.map((name) => ({
      flags: `--${name.replaceAll('_', '-')} <url>`,
      description: `the ${name.replaceAll('_', ' ')}, for a server without discovery`,
    })),
  ],
  owner: [
    { flags: '--owner <name>', description: 'the resource owner' },
    { flags: '--owner-password-file <file>', description: "file with the owner's password, - for stdin", file: true },
    { flags: '--app <id>', description: "the public client of the owner's sign-in" },
  ],
  party: [
    { flags: '--party <name>', description: 'the requesting party' },
    { flags: '--party-password-file <file>', description: "file with the party's password, - for stdin", file: true },
  ],
  rs: [
    { flags: '--rs-client <id>', description: "the resource server's client" },
    { flags: '--rs-client-secret-file <file>', description: 'file with its secret, - for stdin', file: true },
    { flags: '--rs-client-auth <method>', description: 'how it proves itself', choices: AUTH_METHODS },
  ],
  client: [
    { flags: '--client <id>', description: "the requesting party's client" },
    { flags: '--client-secret-file <file>', description: 'file with its secret, - for stdin', file: true },
    { flags: '--client-auth <method>', description: 'how it proves itself', choices: AUTH_METHODS },
  ],
};

export const GROUP_ENVIRONMENT: Record<FlagGroup, readonly (readonly [string, string])[]> = {
  as: [
    ['UMA_ISSUER', 'the authorization server'],
    ['UMA_DIALECT', 'its dialect'],
  ],
  owner: [
    ['UMA_OWNER', 'the resource owner'],
    ['UMA_OWNER_PASSWORD', "the owner's password"],
    ['UMA_APP_CLIENT_ID', "the public client of the owner's sign-in"],
  ],
  party: [
    ['UMA_PARTY', 'the requesting party'],
    ['UMA_PARTY_PASSWORD', "the party's password"],
  ],
  rs: [
    ['UMA_RS_CLIENT_ID', "the resource server's client"],
    ['UMA_RS_CLIENT_SECRET', 'its secret'],
  ],
  client: [
    ['UMA_CLIENT_ID', "the requesting party's client"],
    ['UMA_CLIENT_SECRET', 'its secret'],
  ],
};

/** What an operation is about. A command that takes one of them lists it in its own help. */
export const OPERATION_ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['UMA_RESOURCE, UMA_SCOPE', 'as --resource and --scope'],
  ['UMA_TICKET', 'the permission ticket'],
  ['UMA_PAT, UMA_OWNER_TOKEN', 'tokens to use in place of fetching them'],
  ['UMA_CLAIM_TOKEN, UMA_PCT, UMA_RPT', 'what the client sends beside the ticket'],
  ['UMA_TOKEN', 'the token that uma decode shows'],
];

export const COMMON_ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['UMA_PROFILE', 'the profile to take settings from'],
  ['UMA_CONFIG_DIR', 'where profiles, tokens and the log of unexpected errors are kept'],
  ['UMA_STORAGE', 'keyring or file: how secrets and tokens are kept there (default: by what answers)'],
  ['UMA_TRACE', 'as --trace, for several commands of one flow: flow.json'],
  ['UMA_DEBUG', '1: stack traces of errors'],
  ['NO_COLOR, FORCE_COLOR', 'colour off, on'],
  ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'proxies, and hosts that are reached without one (never this machine)'],
];

/** Names of a flag: `-o` and `--output` of `-o, --output <format>`; whether a value follows. */
export function flagNames(flags: string): { names: string[]; long: string; value: 'none' | 'required' | 'optional' } {
  const names = flags.split(/[ ,]+/).filter((word) => word.startsWith('-'));
  const value = flags.includes('<') ? 'required' : flags.includes('[') ? 'optional' : 'none';
  return { names, long: names.at(-1)!, value };
}

/** `--rs-client-secret-file` is the option `rsClientSecretFile`, `--no-input` is `input` (false when given). */
export function optionName(long: string): string {
  return long.replace(/^--(no-)?/, '').replace(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

/** Every flag of a command in the order of help: its own, its groups', the common ones; a name taken further in front is not taken again. */
export function allFlags(
  own: readonly FlagSpec[],
  groups: readonly FlagGroup[],
): { own: FlagSpec[]; groups: FlagSpec[]; common: FlagSpec[] } {
  const taken = new Set<string>();
  const claim = (specs: readonly FlagSpec[]) =>
    specs.flatMap((spec) => {
      const free = flagNames(spec.flags).names.filter((name) => !taken.has(name));
      for (const name of free) taken.add(name);
      if (!free.some((name) => name.startsWith('--'))) return [];
      const placeholder = /[<[].*$/.exec(spec.flags)?.[0];
      return [{ ...spec, flags: [free.join(', '), placeholder].filter((part) => part !== undefined).join(' ') }];
    });
  return { own: claim(own), groups: claim(groups.flatMap((group) => GROUP_FLAGS[group])), common: claim(COMMON_FLAGS) };
}
