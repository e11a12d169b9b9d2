/** Pages of the device flow (RFC 8628 3.3), in the frames that oidc-provider calls. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { PAGE_HEADERS, page, text } from './page.ts';

/** @param base path of the issuer. */
export function devicePages(base: string) {
  const show = (ctx: KoaContextWithOIDC, title: string, body: string) => {
    ctx.set(PAGE_HEADERS);
    ctx.body = page(title, body, base);
  };
  return {
    async userCodeInputSource(ctx: KoaContextWithOIDC, form: string, out?: unknown, error?: Error): Promise<void> {
      const fault =
        error === undefined && out === undefined
          ? ''
          : `<p class="error" role="alert">${error?.name === 'AbortedError' ? 'The sign-in was stopped.' : 'This code is not known or no longer valid.'}</p>`;
      show(
        ctx,
        'Connect a device',
        `<p>Enter the code that your device or terminal shows.</p>${fault}${form.replace('onfocus="this.select(); this.onfocus = undefined;" ', 'aria-label="Code" ')}<p><button type="submit" form="op.deviceInputForm">Continue</button></p>`,
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
        'Is this your device?',
        `<p><strong>${text(client.clientName ?? client.clientId)}</strong> should show this code:</p>
<p><code>${text(userCode)}</code></p>
<p>If you did not start this, or the codes differ, stop.</p>${form}
<p><button type="submit" form="op.deviceConfirmForm">The codes are the same</button>
<button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Stop</button></p>`,
      );
    },
    async successSource(ctx: KoaContextWithOIDC): Promise<void> {
      const name = ctx.oidc.client?.clientName ?? ctx.oidc.client?.clientId ?? 'The device';
      show(ctx, 'Connected', `<p>${text(name)} is connected. You can close this page.</p>`);
    },
  };
}
