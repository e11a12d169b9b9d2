/** Resolves settings: flag, environment, project file, profile, in that order; which one won is kept beside the value. */
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials } from '../protocol/http.ts';
import { isLoopback } from '../protocol/metadata.ts';
import type { Prompts } from './context.ts';
import { DEMO_PROFILE, DEMO_SECRETS } from './demo-profile.ts';
import { DIALECTS } from './dialects.ts';
import { optionName } from './flags.ts';
import type { ProjectFile } from './project-file.ts';
import { type ClientRole, OWNER, PARTY, PARTY_CLIENT, type PersonRole, RS_CLIENT } from './roles.ts';
import { type AskOptions, ENDPOINT_NAMES, type Origin, type Person, type Setting, type Settings } from './settings.ts';
import type { Profile, ProfileClient, SettingsStore } from './store.ts';

export interface SettingSources {
  /** Parsed flags in camelCase. */
  flags: Readonly<Record<string, unknown>>;
  env: Readonly<Record<string, string | undefined>>;
  project: ProjectFile | undefined;
  store: SettingsStore;
  prompts: Prompts;
  readSecret(flag: string, path: string): Promise<string>;
}

/** A profile that was named and does not exist (`no_such_profile`, config) is told when something of it is asked for: `profile add` must work. */
export async function resolveSettings(sources: SettingSources): Promise<Settings> {
  const { flags, env, project, store } = sources;
  const first = firstOf(flags, env);
  const known = await store.list();
  const named: Setting<string> | undefined =
    first('profile', 'UMA_PROFILE') ?? optional(project?.profile, 'project file') ?? optional(known.current, 'profile');
  const profileName: Setting<string> = named ?? { value: 'demo', origin: 'default' };
  const stored = named === undefined ? undefined : await store.get(named.value);
  if (stored === undefined && profileName.value !== 'demo') {
    return withoutProfile(
      profileName,
      new UmaError(
        'config',
        'no_such_profile',
        `there is no profile "${profileName.value}" (named by ${profileName.origin})`,
        {
          hint: `uma profile add ${profileName.value} --issuer URL; known: ${[...new Set([...known.names, 'demo'])].join(', ')}`,
        },
      ),
    );
  }
  const demo = stored === undefined;
  const profile: Profile = stored ?? DEMO_PROFILE;
  const profileOrigin: Origin = demo ? 'demo' : 'profile';

  const givenIssuer = first('issuer', 'UMA_ISSUER');
  const issuerSetting = givenIssuer ?? optional(profile.issuer, profileOrigin);
  /** A profile's clients, people and endpoints are for its own server (decision 11); the walkthrough's for any loopback one. */
  const profileApplies =
    givenIssuer === undefined ||
    (demo
      ? URL.canParse(givenIssuer.value) && isLoopback(givenIssuer.value)
      : profile.issuer === undefined || sameServer(profile.issuer, givenIssuer.value));
  const own = profileApplies ? profile : undefined;
  const secretOf = async (key: string) =>
    !profileApplies ? undefined : demo ? DEMO_SECRETS[key] : await store.secret(profileName.value, key);
  const flag = (name: string) => text(flags[name]);

  const idOf = (role: ClientRole): Setting<string> | undefined =>
    first(optionName(role.flag), role.env) ?? optional(own?.[role.key]?.id, profileOrigin);
  const appId = () => first('app', 'UMA_APP_CLIENT_ID') ?? optional(own?.app?.id, profileOrigin);

  const clientOf = async (role: ClientRole, { ask = true }: AskOptions = {}): Promise<ClientCredentials> => {
    const from = own?.[role.key];
    const id = idOf(role);
    if (id === undefined) {
      throw new UmaError(
        'config',
        `no_${role.word}`,
        `${role.what} is not known for ${issuerSetting?.value ?? 'this server'}`,
        {
          hint: `name it with ${role.flag} ID or ${role.env}`,
        },
      );
    }
    const method =
      (flag(optionName(`${role.flag}-auth`)) as ProfileClient['auth']) ??
      (from?.id === id.value ? from.auth : undefined) ??
      'client_secret_basic';
    if (method === 'none') return { id: id.value, method };
    const secretFlag = `${role.flag}-secret-file`;
    const file = flag(optionName(secretFlag));
    const secret =
      (file === undefined ? undefined : await sources.readSecret(secretFlag, file)) ??
      nonEmpty(env[role.secretEnv]) ??
      (from?.id === id.value ? await secretOf(role.key) : undefined);
    if (secret !== undefined) return { id: id.value, secret, method };
    const prompt = { flag: secretFlag, variable: role.secretEnv };
    if (!ask) throw new UmaError('config', 'no_secret', `the secret of the client ${id.value} is not known`);
    return { id: id.value, secret: await sources.prompts.secret(`Secret of the client ${id.value}: `, prompt), method };
  };

  const nameOf = (role: PersonRole): Setting<string> | undefined =>
    first(role.key, role.env) ??
    optional(project?.[role.key], 'project file') ??
    optional(own?.[role.key], profileOrigin);

  const personOf = (role: PersonRole): Person => {
    const name = nameOf(role);
    if (name === undefined) {
      throw new UmaError('usage', `no_${role.key}`, `${role.what} is not named`, {
        hint: `--${role.key} NAME or ${role.env}`,
      });
    }
    const password = async () => {
      const passwordFlag = `--${role.key}-password-file`;
      const file = flag(optionName(passwordFlag));
      if (file !== undefined) return sources.readSecret(passwordFlag, file);
      // The environment's password is that of the environment's person: not to be tried for somebody else.
      const about = nonEmpty(env[role.env]);
      const fromEnvironment = about === undefined || about === name.value ? nonEmpty(env[role.passwordEnv]) : undefined;
      return (
        fromEnvironment ??
        (await secretOf(`person:${name.value}`)) ??
        (await sources.prompts.secret(`Password of ${name.value}: `, {
          flag: passwordFlag,
          variable: role.passwordEnv,
          instead: `sign in once: uma login --${role.key} ${name.value}`,
        }))
      );
    };
    return { name: name.value, insists: flag(optionName(`--${role.key}-password-file`)) !== undefined, password };
  };

  const settings: Settings = {
    profile: profileName,
    issuer() {
      // Told when it is asked for: what needs no server works beside an unusable one in the environment.
      if (issuerSetting !== undefined && !URL.canParse(issuerSetting.value)) throw invalidIssuer(issuerSetting);
      if (issuerSetting !== undefined) return issuerSetting;
      throw new UmaError('config', 'no_issuer', `the profile "${profileName.value}" names no issuer`, {
        hint: 'give one with --issuer URL, UMA_ISSUER or `uma profile add`',
      });
    },
    dialect() {
      const dialect = first('dialect', 'UMA_DIALECT') ??
        optional(own?.dialect, profileOrigin) ?? { value: 'auto', origin: 'default' };
      if (DIALECTS.some((name) => name === dialect.value)) return dialect;
      throw new UmaError(
        'usage',
        'unknown_dialect',
        `there is no dialect "${dialect.value}" (from ${dialect.origin})`,
        {
          hint: `one of ${DIALECTS.join(', ')}`,
        },
      );
    },
    endpoints() {
      const endpoints = { ...own?.endpoints };
      for (const name of ENDPOINT_NAMES) {
        const url = flag(optionName(`--${name.replaceAll('_', '-')}`));
        if (url === undefined) continue;
        if (!URL.canParse(url))
          throw new UmaError('usage', 'invalid_endpoint', `--${name.replaceAll('_', '-')}: "${url}" is no URL`);
        endpoints[name] = url;
      }
      return endpoints;
    },
    owner: () => personOf(OWNER),
    party: () => personOf(PARTY),
    rsClient: (options) => clientOf(RS_CLIENT, options),
    client: (options) => clientOf(PARTY_CLIENT, options),
    app() {
      const id = appId();
      if (id !== undefined) return { id: id.value, method: 'none' };
      throw new UmaError('config', 'no_app', "no public client is known for the owner's sign-in", {
        hint: 'name it with --app ID or UMA_APP_CLIENT_ID',
      });
    },
    operand(name, fromFlag, piped) {
      const stored = name === 'resource' || name === 'scope' ? name : undefined;
      return (
        optional(fromFlag, 'flag') ??
        optional(typeof piped === 'string' ? piped : piped?.text(name), 'stdin') ??
        optional(env[`UMA_${name.toUpperCase()}`], 'environment') ??
        (stored === undefined
          ? undefined
          : (optional(project?.[stored], 'project file') ?? optional(own?.[stored], profileOrigin)))
      );
    },
    effective() {
      const all = {
        profile: profileName,
        issuer: issuerSetting,
        dialect: settings.dialect(),
        owner: nameOf(OWNER),
        party: nameOf(PARTY),
        rs_client: idOf(RS_CLIENT),
        client: idOf(PARTY_CLIENT),
        app: appId(),
        resource: settings.operand('resource', undefined),
        scope: settings.operand('scope', undefined),
      };
      return Object.fromEntries(
        Object.entries(all).filter((entry): entry is [string, Setting<string>] => entry[1] !== undefined),
      );
    },
    checkTrust(as_uri) {
      const issuer = settings.issuer();
      const trusted = [issuer.value, ...((flags.trustAs as string[] | undefined) ?? [])];
      if (trusted.some((url) => sameServer(url, as_uri))) return;
      throw new UmaError(
        'config',
        'untrusted_as',
        `the permission ticket is of ${as_uri}, but the issuer in use is ${issuer.value} (from ${issuer.origin}); nothing was sent`,
        {
          hint: `--issuer ${as_uri} to use that server, or --trust-as ${as_uri} if both are the same one`,
          spec: 'UMA Grant 3.2.1',
        },
      );
    },
  };
  return settings;
}

const invalidIssuer = ({ value, origin }: Setting<string>) =>
  new UmaError('usage', 'invalid_issuer', `the issuer "${value}" (from ${origin}) is no URL`, {
    hint: '--issuer https://as.example/realm',
  });

function withoutProfile(profile: Setting<string>, error: UmaError): Settings {
  const fail = () => {
    throw error;
  };
  return {
    profile,
    issuer: fail,
    dialect: fail,
    endpoints: fail,
    owner: fail,
    party: fail,
    rsClient: fail,
    client: fail,
    app: fail,
    operand: fail,
    effective: fail,
    checkTrust: fail,
  };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? nonEmpty(value) : undefined);
const nonEmpty = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

function optional(value: string | undefined, origin: Origin): Setting<string> | undefined {
  return value === undefined || value === '' ? undefined : { value, origin };
}

function firstOf(flags: SettingSources['flags'], env: SettingSources['env']) {
  return (name: string, variable: string) =>
    optional(text(flags[name]), 'flag') ?? optional(env[variable], 'environment');
}

/** The same issuer up to how a URL may be written (case of the host, default port, one slash at the end). */
function sameServer(a: string, b: string): boolean {
  const written = (url: string) => (URL.canParse(url) ? new URL(url).href.replace(/\/$/, '') : url);
  return written(a) === written(b);
}
