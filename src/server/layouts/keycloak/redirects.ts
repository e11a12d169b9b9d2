/**
 * Redirect addresses as realms have them: Keycloak's administrators write `https://app.example/*`. The OAuth core knows whole addresses only
 * (RFC 9700 2.1); what ends in `*` is the switch `redirect-patterns` of this layout.
 */
import type Provider from 'oidc-provider';
import { isLoopback } from '../../../protocol/metadata.ts';
import type { Realm } from './realm.ts';

export interface Redirects {
  /** What the OAuth core compares; of a pattern what it begins with, because a client without any address has no sign-in there. */
  whole: string[];
  /** What a pattern begins with: origin and path. */
  beginnings: string[];
}

/**
 * @param written of the realm file; one that begins with `/` follows the client's `rootUrl`.
 * @param leftOut told of each that is not taken over: an origin that does not end before the `*` would fit other people's hosts.
 */
export function readRedirects(
  written: readonly string[],
  rootUrl: string | undefined,
  leftOut: (uri: string) => void,
): Redirects {
  const found: Redirects = { whole: [], beginnings: [] };
  for (const uri of written) {
    const full = uri.startsWith('/') ? (rootUrl ?? '').replace(/\/$/, '') + uri : uri;
    const pattern = /^(https?:\/\/[^/*?#@]+\/[^*?#]*)\*$/.exec(full)?.[1];
    if (pattern !== undefined && URL.canParse(pattern)) {
      found.whole.push(pattern);
      found.beginnings.push(pattern);
    } else if (!full.includes('*') && URL.canParse(full)) found.whole.push(full);
    else leftOut(uri);
  }
  return found;
}

/** Whether an address has the pattern's origin and a path beneath it. As with whole addresses, the port of loopback is free (RFC 8252 7.3). */
export function fits(beginning: string, uri: string): boolean {
  const [pattern, url] = [URL.parse(beginning), URL.parse(uri)];
  if (pattern === null || url === null || url.username !== '' || url.password !== '' || uri.includes('#')) return false;
  const anyPort = pattern.port === '' && isLoopback(beginning);
  return (
    url.protocol === pattern.protocol &&
    url.hostname === pattern.hostname &&
    (anyPort || url.port === pattern.port) &&
    url.pathname.startsWith(pattern.pathname)
  );
}

export const hasPatterns = ({ clients }: Realm): boolean =>
  [...clients.values()].some(({ beginnings = [] }) => beginnings.length > 0);

/** Makes the OAuth core ask {@link fits} where no whole address is the one. */
export function allowPatterns(provider: Provider, realm: Realm): void {
  const { prototype } = provider.Client as unknown as {
    prototype: { clientId: string; redirectUriAllowed(uri: string): boolean };
  };
  const whole = prototype.redirectUriAllowed;
  prototype.redirectUriAllowed = function (uri) {
    const { beginnings = [] } = realm.clients.get(this.clientId) ?? {};
    return whole.call(this, uri) || beginnings.some((beginning) => fits(beginning, uri));
  };
}
