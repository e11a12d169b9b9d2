/** An authorization response that the browser posts (OAuth 2.0 Form Post Response Mode 2): the library's page has a script in it. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { PATHS } from '../oauth/paths.ts';
import { PAGE_HEADERS, page, text } from './page.ts';

/** A file of its own; the button does the same. */
export const FORM_POST_SCRIPT = "'use strict';\ndocument.forms[0].submit();\n";

/** @param base path of the issuer. */
export function formPostPage(base: string) {
  return (ctx: KoaContextWithOIDC, action: string, inputs: Record<string, unknown>): void => {
    const fields = Object.entries(inputs)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `<input type="hidden" name="${text(name)}" value="${text(String(value))}">`)
      .join('\n');
    ctx.set({
      ...PAGE_HEADERS,
      'content-security-policy': `${PAGE_HEADERS['content-security-policy']}; script-src 'self'`,
    });
    ctx.status = 'error' in inputs ? 400 : 200;
    ctx.body = page(
      'Back to the application',
      `<form method="post" action="${text(action)}">
${fields}
<button type="submit">Continue</button>
</form>
<script src="${base}${PATHS.form_post_script}" defer></script>`,
      base,
    );
  };
}
