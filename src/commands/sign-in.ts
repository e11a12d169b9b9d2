/** How a command lets a person sign in at the server itself: in a browser, or with a code on another device. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { parsePort } from '../cli/port.ts';
import type { SignIn } from '../client/sign-in.ts';

export interface SignInOptions {
  /** `--no-browser` makes it false. */
  browser?: boolean;
  port?: number;
}

export const SIGN_IN_FLAGS: readonly FlagSpec[] = [
  { flags: '--no-browser', description: 'open no browser: the address is printed' },
  {
    flags: '--port <port>',
    description: 'the port of 127.0.0.1 that the browser comes back to (default 0: any free one)',
    parse: parsePort,
  },
];

/** The ports of a sign-in on this terminal. What the person has to do is told under --quiet, too. */
export function signInOn(
  context: Context,
  grant: SignIn['grant'],
  { browser, port }: SignInOptions,
  person?: SignIn['person'],
): SignIn {
  const { signal } = context;
  return {
    grant,
    ...(person === undefined ? {} : { person }),
    listen: async () => (await import('../adapters/browser.ts')).listenForBrowser(signal, port),
    show({ url, code }) {
      context.warn(code === undefined ? `sign in at ${url}` : `sign in at ${url} with the code ${code}`);
      if (grant === 'browser') openFor(context, url, browser);
    },
    sleep: (seconds) => context.clock.sleep(seconds, signal),
  };
}

/** Opens the address for a person who sits here, unless it is not wanted. */
export function openFor({ io }: Pick<Context, 'io'>, url: string, browser: boolean | undefined): void {
  if (browser === false || !io.stderrIsTty || io.env.CI !== undefined) return;
  void import('../adapters/browser.ts').then(({ openBrowser }) => openBrowser(url, io.platform));
}

/** Whether a browser that this program opens is on the screen of who types. */
export function hasBrowser({ env, platform }: Pick<Context['io'], 'env' | 'platform'>): boolean {
  if (env.SSH_CONNECTION) return false;
  return platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
