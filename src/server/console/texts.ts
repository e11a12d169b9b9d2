/** Everything that the console says, in one place. Functions where words depend on something; `html` marks what is emphasized. */
import type { HistoryType, RequestStatus } from '../../protocol/owner.ts';
import { html } from './markup.ts';

/** What is made at the first call and kept. */
export function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const list = once(() => new Intl.ListFormat('en', { type: 'conjunction' }));
/** `view, download and print`. */
export const listed = (names: readonly string[]): string => list().format(names);

export const TEXTS = {
  product: 'Shares',
  skip: 'Skip to the content',
  signOut: 'Sign out',
  signedInAs: 'Signed in as',
  nav: {
    requests: 'Requests',
    resources: 'Resources',
    shared: 'Shared with me',
    history: 'History',
  },
  waiting: (count: number | string) => `${count} waiting`,
  earlier: 'Newer',
  next: 'More',
  first: 'Back to the first page',
  pages: 'Pages',
  unnamed: 'Unnamed resource',
  gone: 'A resource that is no longer there',
  justNow: 'just now',

  requests: {
    title: 'Requests',
    intro: 'People who ask for something of yours. Nobody gets anything before you allow it.',
    show: 'Which requests',
    status: { pending: 'Waiting', approved: 'Allowed', denied: 'Denied' } satisfies Record<RequestStatus, string>,
    none: {
      pending: 'Nobody is waiting for you',
      approved: 'You have not allowed a request yet',
      denied: 'You have not denied a request',
    } satisfies Record<RequestStatus, string>,
    noneHint: 'When somebody asks for one of your resources, the request appears here.',
    asks: (who: string, what: string) => html`<strong>${who}</strong> asks for <strong>${what}</strong>`,
    through: (client: string) => `through ${client}`,
    asked: 'asked',
    may: 'Allow to',
    noScopes: 'Asks for the resource as a whole, without single permissions.',
    more: 'Add a message or an end',
    message: 'Message',
    messageHint: 'Kept with the request.',
    until: 'For how long',
    allow: 'Allow',
    deny: 'Deny',
    to: (who: string, what: string) => `${who}: ${what}`,
    nothingChosen: 'Choose at least one permission, or deny the request.',
    detail: 'Request',
    notSeen: 'The request is no longer there. The resource may be gone, or you took back what you had allowed.',
    wanted: 'Asked for',
    given: 'Allowed',
    decided: 'Decided',
    back: 'All requests',
    manage: 'Who may use this resource',
    said: {
      allowed: (who: string, scopes: string, what: string) =>
        html`Allowed. <strong>${who}</strong> may now use <strong>${what}</strong>${scopes === '' ? '' : `: ${scopes}`}.`,
      denied: (who: string, what: string) =>
        html`Denied. <strong>${who}</strong> does not get <strong>${what}</strong>.`,
      late: (who: string, what: string, status: string) =>
        html`Nothing was changed: the request of <strong>${who}</strong> for <strong>${what}</strong> had been decided already. It is: ${status}.`,
    },
    arrived: (count: number) => (count === 1 ? 'A new request has arrived.' : `${count} new requests have arrived.`),
  },

  lookAlike: (who: string, others: string) =>
    html`<strong>Look twice:</strong> the name <strong>${who}</strong> looks like ${others}, and is somebody else.`,

  duration: {
    never: 'Until I take it back',
    '1h': 'One hour',
    '1d': 'One day',
    '7d': 'One week',
    '30d': '30 days',
    '365d': 'One year',
  },

  errors: {
    foreign: {
      title: 'Nothing was changed',
      body: 'This did not come from a page that you have open here, or you have signed in anew since. Open the page again and repeat what you did.',
    },
    ended: {
      title: 'You are signed out',
      body: 'Your sign-in has ended, so nothing was changed. Sign in, and do it once more.',
      action: 'Sign in',
    },
    notFound: {
      title: 'There is nothing here',
      body: 'The page does not exist, or what it was about is gone.',
    },
    outage: { title: 'Try again in a moment', body: 'The server cannot reach its database now. Nothing was changed.' },
    failed: {
      title: 'This did not work',
      body: 'The server met an error. Its operator finds the details in the log.',
    },
    home: 'Go to your requests',
  },
  bye: {
    title: 'You are signed out',
    body: 'Nobody can use your shares in this browser any more.',
    again: 'Sign in again',
  },
} as const;

/** What the history says of each kind of entry. */
export const HISTORY_WORDS: Record<HistoryType, string> = {
  resource_registered: 'registered',
  resource_updated: 'changed',
  resource_deleted: 'removed',
  request_submitted: 'asked',
  request_approved: 'allowed',
  request_denied: 'denied',
  policy_created: 'shared',
  policy_updated: 'share changed',
  policy_deleted: 'share ended',
  rpt_issued: 'used',
  access_revoked: 'taken back',
};
