/** Everything that the console says, in one place. Functions where words depend on something; `html` marks what is emphasized. */
import type { HistoryType, RequestStatus } from '../../protocol/owner.ts';
import { html, type Markup } from './markup.ts';

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
  next: 'More',
  first: 'Back to the first page',
  pages: 'Pages',
  unnamed: 'Unnamed resource',
  gone: 'A resource that is no longer there',
  justNow: 'just now',
  utc: (moment: string) => `${moment} UTC`,

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
  },

  resources: {
    title: 'Resources',
    intro: 'What services keep for you here, and who may use it.',
    none: 'You have no resources yet',
    noneHint: 'When a service registers something of yours, it appears here.',
    at: (client: string) => `kept at ${client}`,
    since: 'registered',
    private: 'Only you',
    sharedWith: (people: string) => `Shared with ${people}`,
    othersToo: (count: string) => `${count} others`,
    permissions: 'Permissions',
    back: 'All resources',
    who: 'Who may use it',
    nobody: 'Nobody but you',
    nobodyHint: 'Share it below, or wait until somebody asks.',
    everything: 'Everything',
    blocked: 'Blocked',
    allowed: 'Allowed',
    ended: 'Ended',
    anyone: 'Anybody',
    anyoneHint: 'whoever meets the conditions',
    group: (name: string) => `The group ${name}`,
    groupHint: 'all its members',
    emailHint: 'whoever has this verified address',
    claims: (names: string) => `has to prove: ${names}`,
    only: (clients: string) => `only through ${clients}`,
    any: 'Any application',
    through: 'Through which application',
    ends: 'ends',
    noEnd: 'until you take it back',
    stop: 'Stop sharing',
    unblock: 'Unblock',
    change: 'Change the end',
    save: 'Save',
    changeHint: 'What was given under the old end is asked for anew.',
    share: 'Share with somebody',
    username: 'User name',
    usernameHint: 'The exact name with which the person signs in here.',
    may: 'What the person may do',
    give: 'Share',
    stopAll: 'Stop all sharing',
    stopAllHint:
      'Ends every share of this resource at once, and forgets all requests for it. What is blocked stays blocked.',
    stopAllYes: 'Yes, stop all',
    unknown: (username: string) => `Nobody here has the user name “${username}”.`,
    yourself: 'It is yours already.',
    sure: 'Is this the right person?',
    sureYes: (who: string) => `Yes, share with ${who}`,
    cancel: 'Cancel',
    said: {
      shared: 'It is shared.',
      already: 'It had been shared already. Nothing was done twice.',
      changed: 'The end was changed.',
      stopped: 'It is not shared any more.',
      none: 'Nothing was changed: this share had ended already.',
      all: 'Nobody but you may use it now.',
    },
  },

  shared: {
    title: 'Shared with me',
    intro: 'What other people let you use.',
    none: 'Nobody shares anything with you',
    noneHint: 'When somebody allows what you asked for, or shares something with you, it appears here.',
    from: (owner: string) => `from ${owner}`,
    via: {
      party: '',
      email: 'through your e-mail address',
      group: 'through a group of yours',
    },
    viaHint: 'Only its owner can end this.',
    giveUp: 'Give up',
    said: { given: 'You gave it up.', none: 'Nothing was changed: it was not shared with you any more.' },
  },

  history: {
    title: 'History',
    intro: 'What happened to your resources, newest first.',
    none: 'Nothing happened yet',
    noneMatching: 'Nothing matches',
    noneHint: 'Registrations, requests, your decisions and every use appear here.',
    noneMatchingHint: 'Choose another kind, or leave the name empty.',
    type: 'What',
    all: 'Everything',
    by: 'By whom',
    byHint: 'user name',
    filter: 'Show',
    unknown: (username: string) => `Nobody here has the user name “${username}”.`,
    of: (what: string) => `Only ${what}`,
    clear: 'Show everything',
    somebody: 'Somebody',
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
    ofClient: (code: string) =>
      html`The application that sent you here made a mistake. Its developer can look for <code>${code}</code>.`,
    home: 'Go to your requests',
  },
  bye: {
    title: 'You are signed out',
    body: 'Nobody can use your shares in this browser any more.',
    again: 'Sign in again',
  },

  username: 'User name',
  password: 'Password',
  cancel: 'Cancel',
  over: 'It was finished, took too long, or belongs to another browser. Start again where you came from.',

  signIn: {
    title: 'Sign in',
    to: (client: string) => html`to go on to <strong>${client}</strong>`,
    submit: 'Sign in',
    over: 'This sign-in is over',
    wrong: 'The name or the password is wrong.',
    tooMany: (seconds: number) => `Too many attempts. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
  },

  consent: {
    title: 'Allow access?',
    wants: (client: string) => html`<strong>${client}</strong> wants to:`,
    allow: 'Allow',
    scopes: {
      openid: 'know who you are',
      profile: 'see your name',
      email: 'see your e-mail address',
      groups: 'see your groups',
      offline_access: 'keep this access while you are away',
      uma_protection: 'register your resources here and have access to them checked',
      uma_owner: 'decide for you who may use your resources',
    } as Readonly<Record<string, string>>,
  },

  claims: {
    who: 'Who are you?',
    share: 'Share what they need to know?',
    asks: (client: string, owner: string, resourceServer: string) =>
      html`<strong>${client}</strong> asks, for you, for what <strong>${owner}</strong> keeps at <strong>${resourceServer}</strong>:`,
    item: (name: string, scopes: readonly string[]) => (scopes.length === 0 ? name : `${name}: ${scopes.join(', ')}`),
    used: 'To decide, the server uses:',
    you: (name: string) => `who you are: ${name}`,
    known: (name: string, value: string) => `${name}: ${value}`,
    remember: 'Remember this for later requests of the same application',
    agree: 'Share and continue',
    choose: 'Choose one of the buttons.',
    unknownClient: 'The application that sent you here is not known.',
    foreignAddress: 'The application that sent you here has no right to get you back there.',
    forDeveloper: (detail: string) => html`Its developer can look for: <code>${detail}</code>`,
    over: 'This is over',
  },

  device: {
    title: 'Connect a device',
    enter: 'Enter the code that your device or terminal shows.',
    code: 'Code',
    stopped: 'The sign-in was stopped.',
    unknown: 'This code is not known or no longer valid.',
    submit: 'Continue',
    confirm: 'Is this your device?',
    shows: (client: string) => html`<strong>${client}</strong> should show this code:`,
    doubt: 'If you did not start this, or the codes differ, stop.',
    same: 'The codes are the same',
    stop: 'Stop',
    done: 'Connected',
    connected: (client: string) => `${client} is connected. You can close this page.`,
    nameless: 'The device',
    tooMany: { title: 'Too many codes', body: 'Wait a minute, then try again.' },
  },

  /** A client sends somebody to sign out (layouts/keycloak). */
  logout: {
    title: 'Sign out?',
    who: (name: string) => html`You are signed in here as <strong>${name}</strong>.`,
    submit: 'Sign out',
    done: 'Signed out',
    close: 'You are logged out. You can close this page.',
    mistake: 'The application that sent you here made a mistake. Nobody was signed out.',
  },

  formPost: { title: 'Back to the application', submit: 'Continue' },
} as const;

export interface Told {
  /** The other person; empty = nobody. */
  who: string;
  what: string;
  scopes: readonly string[];
  /** The application, or the service that keeps the resource. */
  through: string;
}

const emphasized = (word: string) => html`<strong>${word}</strong>`;
const of = (scopes: readonly string[]) => (scopes.length === 0 ? '' : `: ${listed(scopes)}`);
const withWhom = (who: string) => (who === '' ? '' : html` with ${emphasized(who)}`);
/** The entry does not say whether it was allowed or forbidden. */
const rule = (verb: string, who: string, what: string) =>
  who === ''
    ? html`You ${verb} who may use ${emphasized(what)}`
    : html`You ${verb} what ${emphasized(who)} may do with ${emphasized(what)}`;

/** What the history says of each kind of entry: a word for the list of kinds, and a sentence. */
export const HISTORY_WORDS: Record<HistoryType, { kind: string; tells: (told: Told) => Markup }> = {
  resource_registered: {
    kind: 'Registered',
    tells: ({ what, through }) => html`${through} registered ${emphasized(what)}`,
  },
  resource_updated: { kind: 'Changed', tells: ({ what, through }) => html`${through} changed ${emphasized(what)}` },
  resource_deleted: { kind: 'Removed', tells: ({ what, through }) => html`${through} removed ${emphasized(what)}` },
  request_submitted: {
    kind: 'Asked',
    tells: ({ who, what, scopes, through }) =>
      html`${emphasized(who)} asked for ${emphasized(what)}${of(scopes)} <span class="quiet">through ${through}</span>`,
  },
  request_approved: {
    kind: 'Allowed',
    tells: ({ who, what, scopes }) => html`You allowed ${emphasized(who)} to use ${emphasized(what)}${of(scopes)}`,
  },
  request_denied: {
    kind: 'Denied',
    tells: ({ who, what, scopes }) => html`You denied ${emphasized(who)} the use of ${emphasized(what)}${of(scopes)}`,
  },
  policy_created: {
    kind: 'Shared',
    tells: ({ who, what, scopes }) => html`${rule('set', who, what)}${of(scopes)}`,
  },
  policy_updated: {
    kind: 'Share changed',
    tells: ({ who, what, scopes }) => html`${rule('changed', who, what)}${of(scopes)}`,
  },
  policy_deleted: {
    kind: 'Share ended',
    tells: ({ who, what }) => html`You ended a share of ${emphasized(what)}${withWhom(who)}`,
  },
  rpt_issued: {
    kind: 'Access given',
    tells: ({ who, what, scopes, through }) =>
      html`${emphasized(who)} was given access to ${emphasized(what)}${of(scopes)} <span class="quiet">through ${through}</span>`,
  },
  // A resource server asks about the RPT, not about one scope of it.
  rpt_used: {
    kind: 'Used',
    tells: ({ who, what, through }) =>
      html`${emphasized(who)} used ${emphasized(what)} <span class="quiet">through ${through}</span>`,
  },
  access_revoked: {
    kind: 'Taken back',
    tells: ({ who, what }) =>
      who === ''
        ? html`You took back all that you had allowed for ${emphasized(what)}`
        : html`You took back what ${emphasized(who)} could do with ${emphasized(what)}`,
  },
  share_given_up: {
    kind: 'Given up',
    tells: ({ who, what }) => html`${emphasized(who)} gave up ${emphasized(what)}`,
  },
};
