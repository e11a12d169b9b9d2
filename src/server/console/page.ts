/**
 * console/: pages for people, rendered on the server, without scripts. They hold no rule of their own: sign-in and consent
 * belong to oidc-provider's interactions, the owner's decisions to `owner/`. Must not import stores.
 *
 * This file: the frame of a page and its response headers.
 */
import { PATHS } from '../oauth/paths.ts';

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
/** Text for a page: everything that HTML would read is written as an entity, control characters are left out. */
export const text = (value: string) => value.replace(/\p{Cc}/gu, ' ').replace(/[&<>"']/g, (char) => ENTITIES[char]!);

/** A whole page. `title` is text; `body` is HTML whose parts went through {@link text}. @param base path of the issuer. */
export function page(title: string, body: string, base = ''): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<link rel="stylesheet" href="${base}${PATHS.stylesheet}">
</head>
<body>
<main>
<h1>${text(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

export const STYLESHEET = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0; display: grid; place-items: center; min-height: 100vh }
main { width: min(26rem, 100% - 2rem); padding: 1rem }
h1 { font-size: 1.4rem }
form { display: grid; gap: .75rem }
label { display: grid; gap: .25rem }
input, button { font: inherit; padding: .5rem .75rem; border: 1px solid; border-radius: .375rem }
button { cursor: pointer; font-weight: 600 }
button:focus-visible, input:focus-visible { outline: 3px solid Highlight; outline-offset: 2px }
.error { border-left: .25rem solid; padding-left: .75rem; font-weight: 600 }
code { font-size: 1.25em }
`;
