/** A name and a password from a page's form, and what the page says where they do not do. */
import type { ConfiguredPerson } from '../config/config.ts';
import { TooManyAttempts } from '../oauth/attempts.ts';
import type { People } from '../oauth/people.ts';
import { html, type Markup } from './markup.ts';
import { TEXTS } from './texts.ts';

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
    return person ?? { fault: TEXTS.signIn.wrong, status: 401, headers: {} };
  } catch (error) {
    if (!(error instanceof TooManyAttempts)) throw error;
    return { fault: TEXTS.signIn.tooMany(error.seconds), status: 429, headers: error.headers };
  }
}

/** The fields that {@link signedIn} reads. */
export const credentials = (username: string): Markup =>
  html`<label>${TEXTS.username} <input name="username" autocomplete="username" required autofocus value="${username}"></label>
<label>${TEXTS.password} <input name="password" type="password" autocomplete="current-password" required></label>`;

/** What the pages of a sign-in offer: to go on, as `action` says, or not. */
export const choice = (action: string, words: string): Markup =>
  html`<button type="submit" name="action" value="${action}">${words}</button><button type="submit" name="action" value="cancel" formnovalidate>${TEXTS.cancel}</button>`;
