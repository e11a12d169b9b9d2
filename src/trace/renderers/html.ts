/** One self-contained page: the flow as a sequence diagram, each exchange one click away, no script, nothing from elsewhere. */
import { LABELS, STEPS } from '../labels.ts';
import { prettyBody } from '../text.ts';
import { type SeenToken, startOf, type Trace, type TracedExchange, type TraceEntry } from '../trace.ts';
import { diagramOf } from './diagram.ts';
import { STYLE } from './html-style.ts';
import type { Renderer } from './index.ts';
import { asIs, type Markup, m } from './markup.ts';

export const html: Renderer = {
  name: 'html',
  about: 'a page to read',
  render(trace) {
    const exchanges = trace.entries.filter((entry) => entry.kind === 'exchange');
    const ids = new Map<TraceEntry, string>(exchanges.map((entry, at) => [entry, `x${at + 1}`]));
    const { head, body } = diagramOf(trace.entries, ids);
    const chosen = [...ids.values()].map((id) => `body:has(#${id}:target) a[href="#${id}"] .hit{fill:var(--pick)}`);
    // Style is ours alone; nothing else may load, whatever a peer has sent.
    return m`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>${trace.title} - uma trace</title>
<style>${asIs(STYLE + chosen.join('\n'))}</style>
</head>
<body>
<header><h1><b>uma</b>${trace.title.replace(/^uma /, '')}</h1>${facts(exchanges)}</header>
<main tabindex="0" aria-label="Flow"><div class="stage">${head}${body}</div></main>
<aside tabindex="0" aria-label="Exchange">
${intro(trace)}
${exchanges.map((entry, at) => article(entry, at, exchanges.length))}
</aside>
</body>
</html>
`.markup;
  },
};

function facts(exchanges: readonly TracedExchange[]): Markup[] {
  const [first] = exchanges;
  if (first === undefined) return [];
  const total = exchanges.reduce((sum, { time }) => sum + time, 0);
  const as = exchanges.find(({ to }) => to === 'AS');
  return [
    m`<p><b>${exchanges.length}</b> exchanges in <b>${Math.round(total)}</b> ms</p>`,
    ...(as === undefined ? [] : [m`<p>AS <b>${new URL(as.request.url).origin}</b></p>`]),
    m`<p>${startOf(first).slice(0, 19).replace('T', ' ')} UTC</p>`,
    m`<p>secrets are masked</p>`,
  ];
}

/** What stands beside the diagram until an arrow is chosen: the labels. */
function intro({ entries }: Trace): Markup {
  const used = new Set(entries.flatMap((entry) => [entry.label, entry.kind === 'exchange' ? entry.answerLabel : '']));
  const rows = LABELS.filter(([label]) => used.has(label)).map(
    ([label, meaning]) => m`<dt><span class="n">${label}</span></dt><dd>${meaning}</dd>`,
  );
  return m`<section class="intro"><h2>How to read it</h2>
<p>Time runs downwards. Choose an arrow to see its request and answer.</p>
<dl>${rows}</dl>
<p class="note">Numbers are those of the UMA 2.0 grant flow. Arrows without a number prepare it, or are the resource owner's own.</p>
<p><a href="#x1">The first exchange</a></p></section>`;
}

function article(entry: TracedExchange, at: number, count: number): Markup {
  const { label, answerLabel, what, from, to, time, request, response, error, tokens, step } = entry;
  const labels = [label, answerLabel].filter((text) => text !== '').map((text) => m`<span class="n">${text}</span>`);
  const link = (to: number, words: string) =>
    to < 0 || to >= count ? undefined : m`<a href="#x${to + 1}">${words}</a>`;
  const answer =
    response === undefined
      ? m`<p class="first status broken">${error?.code ?? 'failed'}</p><p>${error?.message}</p>`
      : m`<p class="first"><span class="status ${moodOf(response.status)}">${response.status}</span></p>${fields(response.headers)}${content(response.body)}`;
  return m`<article id="x${at + 1}" aria-labelledby="t${at + 1}">
<nav>${link(at - 1, '← before')}${link(at + 1, 'next →')}<a href="#">close</a></nav>
<h2 id="t${at + 1}">${labels}${what}</h2>
<p class="route">${from} → ${to} · ${time < 10 ? time.toFixed(1) : Math.round(time)} ms · ${startOf(entry).slice(11, 23)} · step ${step}/5 ${STEPS[step]}</p>
<h3>Request</h3>
<p class="first"><b>${request.method}</b> ${readable(request.url)}</p>
${fields(request.headers)}${isForm(request.headers) ? form(request.body) : content(request.body)}
<h3>Answer</h3>
${answer}
${tokens.map(token)}
</article>`;
}

const moodOf = (status: number) => (status >= 500 ? 'broken' : status >= 400 ? 'refused' : 'good');

/** The ellipsis of a mask, which a URL writes as three bytes. */
const readable = (url: string) => url.replaceAll('%E2%80%A6', '…');

const isForm = (headers: Readonly<Record<string, string>>) =>
  headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;

function table(rows: readonly (readonly [string, string])[]): Markup {
  return m`<table><tbody>${rows.map(([name, value]) => m`<tr><td>${name}</td><td>${value}</td></tr>`)}</tbody></table>`;
}

/** Those that matter to UMA at once, the others folded away. */
function fields(headers: Readonly<Record<string, string>>): Markup {
  const all = Object.entries(headers);
  const telling = all.filter(([name]) =>
    /^(authorization|www-authenticate|content-type|location|warning|dpop)$/.test(name),
  );
  const others = all.filter((pair) => !telling.includes(pair));
  const folded =
    others.length === 0
      ? undefined
      : m`<details><summary>${others.length} more ${others.length === 1 ? 'header' : 'headers'}</summary>${table(others)}</details>`;
  return m`${telling.length === 0 ? undefined : table(telling)}${folded}`;
}

const form = (body: string | undefined): Markup | undefined =>
  body === undefined ? undefined : m`<h3>Form</h3>${table([...new URLSearchParams(body)])}`;

const content = (body: string | undefined): Markup | undefined =>
  body === undefined || body === '' ? undefined : m`<pre>${prettyBody(body)}</pre>`;

const token = ({ place, header, payload }: SeenToken): Markup =>
  m`<details open><summary>decoded, not verified: ${place}</summary><pre>${JSON.stringify(header, null, 2)}
${JSON.stringify(payload, null, 2)}</pre></details>`;
