/** The requesting party's way to the claims interaction endpoint and back (UMA Grant 3.3.2): a browser and a loopback address, or paste. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import type { Interaction } from '../client/claims-interaction.ts';
import { UmaError } from '../protocol/errors.ts';
import { isLoopback } from '../protocol/metadata.ts';
import { openFor } from './sign-in.ts';

export interface VisitOptions {
  /** `--no-browser` makes it false. */
  browser?: boolean;
  claimsRedirectUri?: string;
}

/** The walkthrough's client has registered it. */
const CLAIMS_REDIRECT_URI = 'http://127.0.0.1:9402/callback';

export const VISIT_FLAGS: readonly FlagSpec[] = [
  {
    flags: '--claims-redirect-uri <url>',
    description: `where the browser comes back to with claims, as the client has registered it (default ${CLAIMS_REDIRECT_URI})`,
  },
];

/** Undefined where nobody is there to be sent (GRANT-3.3.6-13): no terminal, --no-input, CI; `--no-browser` says that somebody is. */
export function interactionOn(context: Context, options: VisitOptions): Interaction | undefined {
  const { io, prompts } = context;
  if (options.browser !== false && !prompts.possible()) return undefined;
  const redirect_uri = options.claimsRedirectUri ?? (io.env.UMA_CLAIMS_REDIRECT_URI || CLAIMS_REDIRECT_URI);
  return { redirect_uri, visit: (url) => visit(url, redirect_uri, context, options) };
}

async function visit(url: string, redirect_uri: string, context: Context, { browser }: VisitOptions): Promise<URL> {
  const { prompts, signal } = context;
  const asks = prompts.possible();
  const back = await listen(redirect_uri, signal).catch((error: UmaError) => {
    if (!asks) throw error;
    context.warn(`${error.message}: paste the address instead`);
    return undefined;
  });
  context.warn(`to give claims, go to ${url}`);
  const question = new AbortController();
  const ways = [...(back === undefined ? [] : [back.arrival]), ...(asks ? [pasted(context, question.signal)] : [])];
  // The one that loses is not waited for, and has nothing to say.
  for (const way of ways) way.catch(() => {});
  try {
    openFor(context, url, browser);
    return await Promise.race(ways);
  } finally {
    question.abort();
    await back?.close();
  }
}

/** @throws UmaError `no_way_back`, `port_in_use` (usage). */
async function listen(redirect_uri: string, signal: AbortSignal) {
  if (redirect_uri.startsWith('http:') && isLoopback(redirect_uri))
    return (await import('../adapters/browser.ts')).listenForBrowser(signal, redirect_uri);
  throw new UmaError('usage', 'no_way_back', `nobody here sees the browser come back to ${redirect_uri}`, {
    hint: 'run it on a terminal, to paste the address; or register a loopback address and name it: --claims-redirect-uri',
  });
}

async function pasted({ prompts, warn }: Context, signal: AbortSignal): Promise<URL> {
  for (;;) {
    const source = { flag: '--claims-redirect-uri' };
    // Not shown: it holds a ticket, and is longer than a line.
    const typed = await prompts.secret('or paste the address that the browser was sent back to:', source, signal);
    const url = URL.parse(typed.trim());
    if (url !== null) return url;
    warn('that is no whole address: it begins with http:// or https:// and ends with the ticket and the state');
  }
}
