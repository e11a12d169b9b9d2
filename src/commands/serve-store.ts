/** Where `uma serve` keeps what it knows: --data, --store and UMA_STORE, with the password from elsewhere than argv. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { UmaError } from '../protocol/errors.ts';
import { checkPrivate } from '../server/private-file.ts';
import type { StorePlace } from '../server/stores/open.ts';

export interface StoreFlags {
  data?: string;
  store?: string;
  storePasswordFile?: string;
  storeKeyFile?: string;
  allowReadableFiles?: boolean;
}

export const STORE_FLAGS: readonly FlagSpec[] = [
  { flags: '--data <directory>', description: 'where to keep what it knows; without it, in memory' },
  {
    flags: '--store <url>',
    description: 'a database for several servers: postgres://user@host:port/database, without password',
    parse: parseStore,
  },
  { flags: '--store-password-file <file>', description: 'file with the password of --store, - for stdin', file: true },
  {
    flags: '--store-key-file <file>',
    description: 'file with the key that seals signing keys at rest; --data makes its own, --store needs one',
    file: true,
  },
  {
    flags: '--allow-readable-files',
    description: 'take files with secrets that other users can read, as a container mounts them',
  },
];

export const STORE_ENVIRONMENT = [
  ['UMA_STORE', 'as --store; it may hold the password'],
  ['UMA_STORE_KEY', 'the key that seals signing keys at rest, as in --store-key-file'],
  ['PGPASSFILE', 'file of passwords (host:port:database:user:password), for a --store without one'],
] as const;

/**
 * @throws UmaError of category `usage`: `secret_in_argv` (parseStore), `two_stores`, `empty_secret`, `incomplete_store`; of `config`:
 *   `file_open_to_others`.
 */
export async function storePlace(
  { data, store, storePasswordFile, storeKeyFile, allowReadableFiles: readableFiles }: StoreFlags,
  { io, readSecret }: Pick<Context, 'io' | 'readSecret'>,
): Promise<StorePlace> {
  if (data !== undefined && store !== undefined)
    throw new UmaError('usage', 'two_stores', '--data and --store exclude each other');
  const secretOf = async (flag: string, file: string | undefined, holds: string) => {
    if (file === undefined) return undefined;
    if (file !== '-') checkPrivate(file, { holds, readable: readableFiles });
    return await readSecret(flag, file);
  };
  const fromEnvironment = data === undefined && io.env.UMA_STORE !== '' ? io.env.UMA_STORE : undefined;
  const url = store ?? fromEnvironment;
  if (url === undefined && storePasswordFile !== undefined)
    throw new UmaError('usage', 'incomplete_store', '--store-password-file goes with --store or UMA_STORE');
  const password = await secretOf('--store-password-file', storePasswordFile, 'the password of the store');
  const given = await secretOf('--store-key-file', storeKeyFile, 'the key that seals the signing keys');
  const key = given ?? (io.env.UMA_STORE_KEY === '' ? undefined : io.env.UMA_STORE_KEY);
  return url === undefined ? { dataDir: data, key, readableFiles } : { store: { url, password }, key, readableFiles };
}

/** Everybody on the machine can read the arguments of a process; the message quotes nothing of them. */
function parseStore(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new UmaError('usage', 'invalid_store', 'the value of --store is no address of a database', {
      hint: 'write it as postgres://user@host:port/database',
    });
  }
  if (url.password === '' && !url.searchParams.has('password')) return text;
  throw new UmaError('usage', 'secret_in_argv', '--store holds a password: secrets never stand on the command line', {
    hint: '--store-password-file FILE (- for standard input), PGPASSFILE, or the whole address in the variable UMA_STORE',
  });
}
