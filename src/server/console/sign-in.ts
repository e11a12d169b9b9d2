/** A name and a password from a page's form, and what the page says where they do not do. */
import type { ConfiguredPerson } from '../config/config.ts';
import { TooManyAttempts } from '../oauth/attempts.ts';
import type { People } from '../oauth/people.ts';

/** The page is shown again, with this text, status and headers. */
export interface NotSignedIn {
  fault: string;
  status: 401 | 429;
  headers: Readonly<Record<string, string>>;
}

/** @param address of the peer. The same words for a name that nobody has and for a wrong password. */
export async function signedIn(
  people: People,
  address: string,
  { username = '', password = '' }: { username?: string; password?: string },
): Promise<ConfiguredPerson | NotSignedIn> {
  try {
    const person = await people.authenticate(username, password, address);
    return person ?? { fault: 'The name or the password is wrong.', status: 401, headers: {} };
  } catch (error) {
    if (!(error instanceof TooManyAttempts)) throw error;
    const fault = `Too many attempts. Try again in ${error.seconds} ${error.seconds === 1 ? 'second' : 'seconds'}.`;
    return { fault, status: 429, headers: error.headers };
  }
}
