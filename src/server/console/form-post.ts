/** An authorization response that the browser posts (OAuth 2.0 Form Post Response Mode 2): the library's page has a script in it. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { PATHS } from '../oauth/paths.ts';
import { hidden } from './frame.ts';
import { html } from './markup.ts';
import { PAGE_HEADERS, page } from './page.ts';
import { TEXTS } from './texts.ts';

/** A file of its own; the button does the same. */
export const FORM_POST_SCRIPT = "'use strict';\ndocument.forms[0].submit();\n";

/** @param base path of the issuer. */
export function formPostPage(base: string) {
  return (ctx: KoaContextWithOIDC, action: string, inputs: Record<string, unknown>): void => {
    const fields = Object.entries(inputs)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => hidden(name, String(value)));
    ctx.set({
      ...PAGE_HEADERS,
      'content-security-policy': `${PAGE_HEADERS['content-security-policy']}; script-src 'self'`,
    });
    ctx.status = 'error' in inputs ? 400 : 200;
    ctx.body = page(
      TEXTS.formPost.title,
      html`<form method="post" action="${action}">
${fields}
<button type="submit">${TEXTS.formPost.submit}</button>
</form>
<script src="${base}${PATHS.form_post_script}" defer></script>`,
      base,
    );
  };
}
