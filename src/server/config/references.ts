/** What members of a configuration file refer to: files, keys, people, addresses. Faults are reported by the path of the member. */
import { UmaError } from '../../protocol/errors.ts';
import type { ConfiguredPerson } from './config.ts';
import type { PublicKeys } from './parts.ts';

/** Notes a fault; the work goes on, so that all of a file are found at once. What it makes of a faulty file is thrown away. */
export type Report = (path: string, fault: string | UmaError) => void;

export const NO_KEYS: PublicKeys = { keys: [] };

export function parseJwks(text: string, path: string, report: Report): PublicKeys | undefined {
  try {
    const value = JSON.parse(text) as PublicKeys;
    if (Array.isArray(value.keys) && value.keys.every((key) => typeof key?.kty === 'string')) return value;
  } catch {
    // told below, without the text
  }
  report(path, 'must name a file with a JWK Set in it');
  return undefined;
}

export function checkPublic({ keys }: PublicKeys, path: string, report: Report): void {
  if (keys.length === 0) report(path, 'must hold at least one key');
  keys.forEach((key, index) => {
    if (key.kty === 'oct' || 'd' in key) report(`${path}.keys[${index}]`, 'must be a public key');
  });
}

/** Undefined = it cannot be read, which was reported. */
export async function textOf(
  path: string,
  name: string,
  readText: (name: string) => Promise<string>,
  report: Report,
): Promise<string | undefined> {
  try {
    return await readText(name);
  } catch (error) {
    if (error instanceof UmaError) {
      report(path, error);
    } else {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
      report(path, `must name a file that can be read: "${name}" cannot (${reason})`);
    }
    return undefined;
  }
}

/** Undefined = there is none, which was reported. */
export function personNamed(
  username: string,
  path: string,
  people: readonly ConfiguredPerson[],
  report: Report,
): ConfiguredPerson | undefined {
  const person = people.find((candidate) => candidate.username === username);
  if (person === undefined) report(path, `must be the username of one of the people: "${username}" is none`);
  return person;
}

export function checkOrigin(origin: string, path: string, report: Report): void {
  if (URL.parse(origin)?.origin !== origin)
    report(path, 'must be an origin, like https://photos.example (no path, no slash at the end)');
}

export const isLoopback = (uri: string): boolean => {
  const url = URL.parse(uri);
  return url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
};
