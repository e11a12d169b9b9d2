/** `uma.json`, the project file: what operations in this directory tree are about. Never where secrets go, nor secrets. */
import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';

export interface ProjectFile {
  path: string;
  /** The name of one of the user's own profiles. */
  profile?: string;
  owner?: string;
  party?: string;
  resource?: string;
  scope?: string;
}

const MEMBERS = ['profile', 'owner', 'party', 'resource', 'scope'] as const;

/**
 * The project file with this text.
 * @throws UmaError `invalid_project_file` (config) naming file and member. An issuer, endpoint or secret is refused: the file
 *   may have come with somebody else's repository (decision 11).
 */
export function readProjectFile(path: string, text: string): ProjectFile {
  const fail = (fault: string) =>
    new UmaError('config', 'invalid_project_file', `${path}: ${fault}`, {
      hint: `it may hold ${MEMBERS.join(', ')}; servers, clients and secrets belong in a profile (uma profile add)`,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail(`is not JSON (${(error as Error).message})`);
  }
  if (!isObject(value)) throw fail('must be a JSON object');
  const file: ProjectFile = { path };
  for (const [name, member] of Object.entries(value)) {
    const known = MEMBERS.find((item) => item === name);
    if (known === undefined) throw fail(`"${name}" has no place here`);
    const text =
      known === 'scope' && Array.isArray(member) && member.every((item) => typeof item === 'string')
        ? member.join(' ')
        : member;
    if (typeof text !== 'string') throw fail(`"${name}" must be a string`);
    file[known] = text;
  }
  return file;
}
