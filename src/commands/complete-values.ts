/** What a server knows, for completion: resources by name, pending requests, policies, scopes. Never asks, gives up after 300 ms. */
import { join } from 'node:path';
import { systemClock } from '../adapters/clock.ts';
import { configDirectory } from '../adapters/config-directory.ts';
import { remembered } from '../adapters/remembered.ts';
import type { Completable } from '../cli/command.ts';
import type { Candidate } from '../cli/completion.ts';
import { COMMON_FLAGS, flagNames, GROUP_FLAGS, optionName } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { outputOptions } from '../cli/output.ts';
import type { OwnerApi } from '../client/resource-owner.ts';
import { asOwner, asResourceServer } from './connect.ts';

/** Milliseconds for everything that is asked. */
const PATIENCE = 300;
/** Seconds for which an answer is as good as a new one: somebody types. */
const FRESH = 10;
/** Resources that are asked for one by one where no owner's API lists them. */
const MOST = 20;

type FromServer = Exclude<Completable, 'profiles'>;

/** @throws whatever went wrong when nothing is remembered either. */
export async function serverValues(kind: FromServer, words: readonly string[], io: Io): Promise<Candidate[]> {
  const flags = flagsIn(words);
  const silent: Io = { ...io, stdinIsTty: true, out() {}, err() {} };
  const signal = AbortSignal.timeout(PATIENCE);
  const { makeContext } = await import('./context.ts');
  const given = { ...flags, input: false };
  const { context } = await makeContext(
    given,
    outputOptions({ quiet: true }, silent),
    silent,
    signal,
    'uma __complete',
  );
  const { settings } = context;
  const question = [kind, settings.issuer().value, settings.owner().name, flags.resource ?? ''];
  const memory = remembered<Candidate[]>(join(configDirectory(io), 'completion'), systemClock.now);
  const before = memory.get(question);
  if (before !== undefined && before.age < FRESH) return before.answer;
  try {
    const owner = await asOwner(context, {}).catch(() => undefined);
    const answer = await VALUES[kind]({
      owner,
      resource: flags.resource,
      resources: async () => (await owner?.resources()) ?? (await (await asResourceServer(context, {})).describe(MOST)),
    });
    memory.put(question, answer);
    return answer;
  } catch (error) {
    if (before === undefined) throw error;
    return before.answer;
  }
}

interface Seen {
  _id: string;
  name?: string | undefined;
  resource_scopes: readonly string[];
}

interface Source {
  owner: OwnerApi | undefined;
  /** As typed on the line. */
  resource: string | undefined;
  resources(): Promise<readonly Seen[]>;
}

const VALUES: Record<FromServer, (source: Source) => Promise<Candidate[]>> = {
  async resources({ resources }) {
    const all = await resources();
    const named = (name: string | undefined) => all.filter((one) => one.name === name).length;
    // A name that two have says nothing.
    return all.map(({ _id, name, resource_scopes }) =>
      name !== undefined && named(name) === 1
        ? { word: name, description: resource_scopes.join(' ') }
        : { word: _id, description: name ?? '' },
    );
  },
  async scopes({ resources, resource }) {
    const all = await resources();
    const meant = all.filter(({ _id, name }) => _id === resource || name === resource);
    const scopes = (meant.length > 0 ? meant : all).flatMap(({ resource_scopes }) => resource_scopes);
    return [...new Set(scopes)].map((word) => ({ word, description: '' }));
  },
  async requests({ owner }) {
    const pending = (await owner?.requests({ status: 'pending' })) ?? [];
    return pending.map(({ id, party, resource_name, resource_id, scopes }) => ({
      word: id,
      description: `${party.sub}: ${resource_name ?? resource_id} ${scopes.join(' ')}`,
    }));
  },
  async policies({ owner }) {
    const policies = (await owner?.policies({})) ?? [];
    return policies.map(({ id, scopes }) => ({ word: id, description: scopes?.join(' ') ?? '' }));
  },
};

/** Flags with a value that say which server, person and resource; the rest of an unfinished line does not matter. */
function flagsIn(words: readonly string[]): Record<string, string> {
  const known = new Map(
    [...COMMON_FLAGS, ...Object.values(GROUP_FLAGS).flat(), { flags: '--resource <id|name>' }].flatMap(({ flags }) => {
      const { names, long, value } = flagNames(flags);
      return value === 'required' ? names.map((name) => [name, optionName(long)] as const) : [];
    }),
  );
  const found: Record<string, string> = {};
  for (const [at, word] of words.entries()) {
    const [, flag = word, inline] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const name = known.get(flag);
    const value = inline ?? words[at + 1];
    if (name !== undefined && value !== undefined) found[name] = value;
  }
  return found;
}
