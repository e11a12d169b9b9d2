/** The frame of the console's pages: navigation, who is signed in, the content. */
import type { FastifyReply } from 'fastify';
import { PATHS } from '../oauth/paths.ts';
import { html, type Markup } from './markup.ts';
import { DOCUMENT_END, documentStart, PAGE_HEADERS } from './page.ts';
import { TEXTS } from './texts.ts';

/** Who looks at a page. */
export interface Visit {
  /** Subject. */
  owner: string;
  name: string;
  /** Goes with every form (SEC-9700-21): a foreign page does not know it. */
  csrf: string;
}

export type Section = keyof typeof TEXTS.nav;

/** The console has one script of its own and forms that lead to itself. */
const HEADERS = {
  ...PAGE_HEADERS,
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
};

const SECTIONS: Record<Section, string> = {
  requests: '/requests',
  resources: '/resources',
  shared: '/shared',
  history: '/history',
};

export interface ConsolePage {
  title: string;
  content: Markup;
  section?: Section;
  /** What just happened. */
  notice?: { tone: 'good' | 'warn'; words: Markup } | undefined;
}

export interface Frame {
  /** Path of the issuer and `/console`. */
  home: string;
  /** @param waiting requests that wait, as text; empty = none. */
  send(reply: FastifyReply, visit: Visit, waiting: string, page: ConsolePage): FastifyReply;
  /** A page for somebody who is not, or no longer, signed in. */
  outside(reply: FastifyReply, title: string, content: Markup): FastifyReply;
}

/** @param base path of the issuer. */
export function consoleFrame(base: string): Frame {
  const home = base + PATHS.console;
  return {
    home,
    send(reply, visit, waiting, { title, content, section, notice }) {
      const items = (Object.keys(SECTIONS) as Section[]).map(
        (name) =>
          html`<li><a href="${home}${SECTIONS[name]}"${name === section ? CURRENT : ''}>${TEXTS.nav[name]}${name === 'requests' ? badge(waiting) : ''}</a></li>`,
      );
      const shell = html`<a class="skip" href="#content">${TEXTS.skip}</a>
<header class="bar"><div class="inner">
<a class="brand" href="${home}/requests">${MARK}${TEXTS.product}</a>
<nav aria-label="${TEXTS.product}"><ul>${items}</ul></nav>
<form class="who" method="post" action="${home}/sign-out"><span><span class="quiet">${TEXTS.signedInAs}</span> ${visit.name}</span>
${hidden('csrf', visit.csrf)}<button class="plain" type="submit">${TEXTS.signOut}</button></form>
</div></header>
<main id="content" class="wide" tabindex="-1">
${notice === undefined ? '' : html`<p class="notice ${notice.tone}" role="status">${notice.tone === 'good' ? TICK : ALERT}<span>${notice.words}</span></p>`}
${content}
</main>
<script src="${base}${PATHS.script}" defer></script>`;
      return reply
        .headers(HEADERS)
        .send(`${documentStart(`${title} · ${TEXTS.product}`, base, 'console')}${shell.markup}${DOCUMENT_END}`);
    },
    outside(reply, title, content) {
      const shell = html`<main class="dialog"><p class="brand">${MARK}${TEXTS.product}</p><h1>${title}</h1>${content}</main>`;
      return reply.headers(HEADERS).send(`${documentStart(title, base, 'alone')}${shell.markup}${DOCUMENT_END}`);
    },
  };
}

export const hidden = (name: string, value: string): Markup =>
  html`<input type="hidden" name="${name}" value="${value}">`;

const CURRENT: Markup = { markup: ' aria-current="page"' };
const badge = (waiting: string): Markup =>
  html`<span class="badge" id="waiting"${waiting === '' ? HIDDEN : ''}><span>${waiting}</span><span class="sr"> ${TEXTS.waiting('').trim()}</span></span>`;
const HIDDEN: Markup = { markup: ' hidden' };

const icon = (path: string): Markup => ({
  markup: `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">${path}</svg>`,
});
const MARK = icon(
  '<path d="m7 9 6-3M7 11l6 3"/><circle cx="5" cy="10" r="2.5"/><circle cx="15" cy="5" r="2.5"/><circle cx="15" cy="15" r="2.5"/>',
);
export const TICK = icon('<path d="m4 10.5 4 4 8-9"/>');
export const CROSS = icon('<path d="m5 5 10 10M15 5 5 15"/>');
export const CLOCK = icon('<circle cx="10" cy="10" r="7"/><path d="M10 6v4l3 2"/>');
export const ALERT = icon('<path d="M10 3 2 17h16L10 3Zm0 5v4m0 2.4v.1"/>');
