/**
 * console/: pages for people, rendered on the server, complete without scripts. They hold no rule of their own: sign-in and consent
 * belong to oidc-provider's interactions, the owner's decisions to `owner/`. Must not import stores.
 *
 * This file: the document around every page and its response headers.
 */
import { PATHS } from '../oauth/paths.ts';
import type { Markup } from './markup.ts';

/** Headers of every page: nothing foreign is loaded, no frame holds it, its address is not passed on (SEC-9700-21, ATK-25). */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/**
 * Text for a page: everything that HTML would read is written as an entity; control characters, those that turn the direction of what
 * follows and those that nobody sees are left out.
 */
export const text = (value: string) =>
  value
    .replace(/[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, ' ')
    .replace(/[&<>"']/g, (char) => ENTITIES[char]!);

/** `title` is text. @param base path of the issuer. @param kind a class for the style sheet. */
export const documentStart = (title: string, base: string, kind: 'console' | 'alone'): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<link rel="stylesheet" href="${base}${PATHS.stylesheet}">
</head>
<body class="${kind}">
`;
export const DOCUMENT_END = `
</body>
</html>
`;

/** A whole page that stands alone. `title` is text. @param base path of the issuer. */
export function page(title: string, body: Markup, base = ''): string {
  return `${documentStart(title, base, 'alone')}<main class="dialog">
<h1>${text(title)}</h1>
${body.markup}
</main>${DOCUMENT_END}`;
}
