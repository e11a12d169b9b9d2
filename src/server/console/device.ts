/** Pages of the device flow (RFC 8628 3.3), in the frames that oidc-provider calls. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { alert, html, type Markup } from './markup.ts';
import { PAGE_HEADERS, page } from './page.ts';
import { TEXTS } from './texts.ts';

const WORDS = TEXTS.device;
/** A form as the library wrote it. */
const asGiven = (markup: string): Markup => ({ markup });

/** @param base path of the issuer. */
export function devicePages(base: string) {
  const show = (ctx: KoaContextWithOIDC, title: string, body: Markup) => {
    ctx.set(PAGE_HEADERS);
    ctx.body = page(title, body, base);
  };
  return {
    async userCodeInputSource(ctx: KoaContextWithOIDC, form: string, out?: unknown, error?: Error): Promise<void> {
      const fault =
        error === undefined && out === undefined
          ? undefined
          : error?.name === 'AbortedError'
            ? WORDS.stopped
            : WORDS.unknown;
      const named = form.replace(
        'onfocus="this.select(); this.onfocus = undefined;" ',
        html`aria-label="${WORDS.code}" `.markup,
      );
      show(
        ctx,
        WORDS.title,
        html`<p>${WORDS.enter}</p>${alert(fault)}${asGiven(named)}<p><button type="submit" form="op.deviceInputForm">${WORDS.submit}</button></p>`,
      );
    },
    async userCodeConfirmSource(
      ctx: KoaContextWithOIDC,
      form: string,
      client: { clientName?: string | undefined; clientId: string },
      _device: unknown,
      userCode: string,
    ): Promise<void> {
      show(
        ctx,
        WORDS.confirm,
        html`<p>${WORDS.shows(client.clientName ?? client.clientId)}</p>
<p><code>${userCode}</code></p>
<p>${WORDS.doubt}</p>${asGiven(form)}
<p><button type="submit" form="op.deviceConfirmForm">${WORDS.same}</button>
<button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">${WORDS.stop}</button></p>`,
      );
    },
    async successSource(ctx: KoaContextWithOIDC): Promise<void> {
      const name = ctx.oidc.client?.clientName ?? ctx.oidc.client?.clientId ?? WORDS.nameless;
      show(ctx, WORDS.done, html`<p>${WORDS.connected(name)}</p>`);
    },
  };
}
