/** Headers on their way to the upstream: what a client may not say about itself goes, what the RPT says comes in (SEC-9700-24). */
import type { IncomingHttpHeaders } from 'node:http';

/** Who asks, as the RPT tells it. */
export interface Identity {
  issuer: string;
  subject?: string | undefined;
  client?: string | undefined;
  resource: string;
  scopes: readonly string[];
  owner?: string | undefined;
}

/** Names that servers behind a proxy believe. */
const TRUSTED =
  /^(x-uma-.*|x-forwarded-.*|forwarded|x-real-ip|x-original-.*|x-rewrite-.*|x-remote-.*|remote-.*|x-user(-.*)?|x-auth-.*|x-authenticated-.*|x-client-cert.*|x-ssl-.*|ssl-client-.*|client-cert(-chain)?|x-http-method(-override)?|x-method-override)$/;

/** Hop-by-hop (RFC 9110 7.6.1), whichever way they go; `Upgrade` is the WebSocket proxy's. */
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
]);

/** Cookies of the gateway's own pages (own-routes.ts): who has one is the owner there, and the upstream need not be. */
const OWN_COOKIE = /^\s*(?:__Host-)?uma_(?:state|session)\s*=/;
const foreignCookies = (sent: string): string =>
  sent
    .split(';')
    .filter((one) => !OWN_COOKIE.test(one))
    .join(';')
    .trim();

/**
 * What goes on of a request's headers, with `identity` in `X-UMA-...`. An RPT never goes on; other credentials only where the
 * request is not protected. `_` counts as `-`, because CGI and its heirs make the two the same.
 */
export function forwardedHeaders(
  sent: IncomingHttpHeaders,
  from: { ip: string; publicUrl: string },
  identity: Identity | undefined,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(sent)) {
    if (value === undefined || HOP.has(name) || TRUSTED.test(name.replaceAll('_', '-'))) continue;
    if (name === 'authorization' && (identity !== undefined || /^(bearer|dpop)\b/i.test(String(value)))) continue;
    if (name === 'dpop') continue;
    const kept = name === 'cookie' ? foreignCookies(String(value)) : value;
    if (kept !== '' || value === '') headers[name] = kept;
  }
  const { protocol, host } = new URL(from.publicUrl);
  headers['x-forwarded-for'] = from.ip;
  headers['x-forwarded-proto'] = protocol.slice(0, -1);
  headers['x-forwarded-host'] = host;
  if (identity === undefined) return headers;
  const { issuer, subject, client, resource, scopes, owner } = identity;
  const told = {
    issuer,
    subject,
    client,
    resource,
    owner,
    scopes: scopes.map((scope) => encoded(scope)).join(' '),
  };
  for (const [name, value] of Object.entries(told))
    if (value !== undefined) headers[`x-uma-${name}`] = name === 'scopes' ? value : encoded(value);
  return headers;
}

/** Percent-encodes what no header may hold; readable text stays as it is. */
const encoded = (value: string): string =>
  value.replace(/[^\x21-\x24\x26-\x7e]/gu, (character) =>
    encodeURIComponent(character.isWellFormed() ? character : '\ufffd'),
  );

/** Of the upstream's answer, without what is between it and this proxy. */
export function answerHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name.toLowerCase())));
}
