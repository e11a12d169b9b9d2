/** The Chromium that the tests of this folder look through: UMA_INTEROP_CHROMIUM, default /usr/bin/chromium. */
import { type Browser, chromium, type Page } from 'playwright-core';

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.UMA_INTEROP_CHROMIUM ?? '/usr/bin/chromium',
    // Chromium's sandbox does not start for root, which is who runs in containers.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });

export interface View {
  colorScheme?: 'light' | 'dark';
  width?: number;
  script?: boolean;
}

/** A page of a browser of its own: no cookies, nothing remembered. */
export async function newPage(
  browser: Browser,
  { colorScheme = 'light', width = 1200, script = true }: View = {},
): Promise<Page> {
  const viewport = { width, height: 844 };
  const context = await browser.newContext({ colorScheme, viewport, javaScriptEnabled: script });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return page;
}

/** Fills in the sign-in page that is open. */
export async function signIn(page: Page, username = 'alice', password = 'password'): Promise<void> {
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** How much of a page sticks out of the window to the right. */
export const overflow = (page: Page): Promise<number> =>
  page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
