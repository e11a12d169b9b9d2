/** `--grant browser|device`: how a command lets a person sign in at the server itself. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import type { SignIn } from '../client/sign-in.ts';

export interface SignInOptions {
  /** `--no-browser` makes it false. */
  browser?: boolean;
}

export const NO_BROWSER: FlagSpec = {
  flags: '--no-browser',
  description: 'with --grant browser: only print the address, open nothing',
};

/** The ports of a sign-in on this terminal. What the person has to do is told under --quiet, too. */
export function signInOn(context: Context, grant: SignIn['grant'], { browser }: SignInOptions): SignIn {
  const { io, signal } = context;
  return {
    grant,
    listen: async () => (await import('../adapters/browser.ts')).listenForBrowser(signal),
    show({ url, code }) {
      context.warn(code === undefined ? `sign in at ${url}` : `sign in at ${url} with the code ${code}`);
      if (grant !== 'browser' || browser === false || !io.stderrIsTty || io.env.CI !== undefined) return;
      void import('../adapters/browser.ts').then(({ openBrowser }) => openBrowser(url, io.platform));
    },
    sleep: (seconds) => context.clock.sleep(seconds, signal),
  };
}
