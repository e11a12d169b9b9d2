/** What a client may say of itself when it registers (RFC 7591, UMA Grant 2). */
import { errors } from 'oidc-provider';
import { isStringArray } from '../../protocol/http.ts';
import { parseScope } from '../../protocol/scopes.ts';
import { CLAIMS_REDIRECT_URIS, THIRD_PARTY_SCOPE, UMA_SCOPES } from './clients.ts';
import { PASSWORD_GRANT } from './grants/password.ts';

export const OWN_METADATA = [UMA_SCOPES, CLAIMS_REDIRECT_URIS];

/** Called by oidc-provider for each of {@link OWN_METADATA}; `ctx` is there when a client registers itself. */
export function checkOwnMetadata(
  ctx: unknown,
  key: string,
  value: unknown,
  metadata: { grant_types?: unknown; scope?: unknown; redirect_uris?: unknown },
): void {
  const refuse = (fault: string) => new errors.InvalidClientMetadata(fault);
  if (value !== undefined && !isStringArray(value)) throw refuse(`${key} must be an array of strings`);
  if (key === CLAIMS_REDIRECT_URIS && value?.some((uri) => !isSafeRedirect(uri)))
    throw refuse(`${key} must hold absolute URIs without a fragment, https or of a loopback address`);
  if (ctx === undefined || key !== UMA_SCOPES) return;
  if (isStringArray(metadata.redirect_uris) && metadata.redirect_uris.some((uri) => !isSafeRedirect(uri)))
    throw refuse('redirect_uris must be https, of a loopback address, or of a private-use scheme');
  if (isStringArray(metadata.grant_types) && metadata.grant_types.includes(PASSWORD_GRANT))
    throw refuse('grant_types must not hold password for a client that registers itself');
  const allowed = THIRD_PARTY_SCOPE.split(' ');
  if (typeof metadata.scope === 'string' && parseScope(metadata.scope).some((scope) => !allowed.includes(scope)))
    throw refuse(`scope must hold only ${THIRD_PARTY_SCOPE}`);
}

/** Where an answer may be sent: not in the clear over a network (SEC-9700-18); a private-use scheme has a dot (RFC 8252 7.1). */
function isSafeRedirect(uri: string): boolean {
  const url = URL.parse(uri);
  if (url === null || uri.includes('#')) return false;
  if (url.protocol !== 'http:') return url.protocol === 'https:' || url.protocol.includes('.');
  return ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}
