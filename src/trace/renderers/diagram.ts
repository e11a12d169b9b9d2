/** The sequence diagram of the HTML page, as SVG: lifelines, a band for each section, an arrow there and one back for each exchange. */
import type { Actor } from '../../protocol/actors.ts';
import { answerWord, verbAndPath } from '../summary.ts';
import { actorsIn, arrowsOf, type TracedExchange, type TraceEntry } from '../trace.ts';
import { type Markup, m } from './markup.ts';

/** Pixels. */
const COLUMN = 188;
const EDGE = 92;
const BAND = { plain: 40, withReason: 58 };
const ROW = { there: 52, back: 42, deed: 42 };
/** Of a band's distance to what is above it. */
const ABOVE = 14;
const HEAD = 44;
/** Of a character of the diagram's fonts, about. */
const CHARACTER = { text: 7.1, code: 6.7 };

export interface Diagram {
  /** The actors, which stay in view. */
  head: Markup;
  body: Markup;
  width: number;
}

/** `ids`: the anchor of each exchange. */
export function diagramOf(entries: readonly TraceEntry[], ids: ReadonlyMap<TraceEntry, string>): Diagram {
  const actors = actorsIn(entries);
  const x = (actor: Actor) => EDGE + actors.indexOf(actor) * COLUMN;
  const width = 2 * EDGE + Math.max(0, actors.length - 1) * COLUMN;
  const rows: Markup[] = [];
  let y = 8;
  let section: string | undefined;
  for (const arrow of arrowsOf(entries)) {
    const { kind, entry } = arrow;
    if (kind !== 'back' && entry.section.title !== section) {
      section = entry.section.title;
      y += ABOVE;
      rows.push(band(entry.section, y, width));
      y += entry.section.why === undefined ? BAND.plain : BAND.withReason;
    }
    const ends = { y: y + 28, from: x(entry.from), to: x(entry.to) };
    if (kind === 'deed') rows.push(m`<g class="deed">${line(ends, entry.label, entry.what, 'there')}</g>`);
    else rows.push(half(kind, entry, ids.get(entry) ?? '', ends));
    y += ROW[kind];
  }
  const height = y + 16;
  const lines = actors.map((actor) => m`<line class="life" x1="${x(actor)}" x2="${x(actor)}" y1="0" y2="${height}"/>`);
  const heads = actors.map(
    (actor) => m`<g class="actor ${actor === 'owner' || actor === 'requesting party' ? 'person' : 'machine'}">
<rect x="${x(actor) - 82}" y="6" width="164" height="${HEAD - 12}" rx="${actor === 'owner' || actor === 'requesting party' ? 16 : 7}"/>
<text x="${x(actor)}" y="${HEAD / 2 + 5}">${NAMES[actor]}</text></g>`,
  );
  return {
    width,
    head: m`<svg class="head" width="${width}" height="${HEAD}" viewBox="0 0 ${width} ${HEAD}" role="presentation">${heads}</svg>`,
    body: m`<svg class="flow" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="Sequence diagram">
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z"/></marker></defs>
${lines}${rows}</svg>`,
  };
}

const NAMES: Record<Actor, string> = {
  owner: 'Resource owner',
  'requesting party': 'Requesting party',
  client: 'Client',
  'resource server': 'Resource server',
  AS: 'Authorization server',
};

function band({ title, why }: TraceEntry['section'], y: number, width: number): Markup {
  const height = (why === undefined ? BAND.plain : BAND.withReason) - 12;
  const reason =
    why === undefined ? undefined : m`<text class="why" x="26" y="${y + 37}">${cut(why, width - 60, 5.9)}</text>`;
  return m`<g class="band"><rect x="10" y="${y}" width="${width - 20}" height="${height}" rx="6"/>
<text class="title" x="26" y="${y + 19}">${cut(title, width - 60, 7.4)}</text>${reason}</g>`;
}

interface Place {
  y: number;
  from: number;
  to: number;
}

/** One arrow of an exchange, which leads to the whole of it. */
function half(kind: 'there' | 'back', entry: TracedExchange, id: string, ends: Place): Markup {
  const { request, response, error, label, answerLabel, what } = entry;
  const word = response === undefined ? (error?.code ?? 'failed') : answerWord(response, what);
  const mood =
    response === undefined || response.status >= 500 ? 'broken' : response.status >= 400 ? 'refused' : 'good';
  const address = verbAndPath(request);
  const there = kind === 'there';
  const own = there ? label : answerLabel;
  const said = `${own === '' ? '' : `${own}: `}${there ? `${what}, ${address}` : `${word}, to ${what}`}`;
  const back = { y: ends.y - 2, from: ends.to, to: ends.from };
  const left = Math.min(ends.from, ends.to);
  const span = Math.abs(ends.to - ends.from);
  return m`<a href="#${id}" class="exchange ${mood}" aria-label="${said}"><title>${said}</title>
<rect class="hit" x="${left - 12}" y="${ends.y - 24}" width="${span + 24}" height="${ROW[kind]}" rx="7"/>
${there ? line(ends, label, what, kind) : line(back, answerLabel, word, kind)}
${there ? m`<text class="code" x="${middle(ends, label)}" y="${ends.y + 16}">${cut(address.replace('/.well-known/', '…/'), room(ends, label), CHARACTER.code)}</text>` : undefined}</a>`;
}

/** The badge of a label stands where its arrow begins; words have the rest. */
const BADGE = { at: 18, radius: 11, room: 34 };
const middle = ({ from, to }: Place, label: string) =>
  (from + to) / 2 + (label === '' ? 0 : (Math.sign(to - from) * BADGE.room) / 2 - Math.sign(to - from) * 5);
const room = ({ from, to }: Place, label: string) => Math.abs(to - from) - 16 - (label === '' ? 0 : BADGE.room - 6);

/** A line with its words above it, and its label as a badge where it begins. */
function line(place: Place, label: string, words: string, kind: 'there' | 'back'): Markup {
  const { y, from, to } = place;
  const step = Math.sign(to - from);
  const x = from + step * BADGE.at;
  const badge =
    label === ''
      ? undefined
      : m`<g class="badge"><circle cx="${x}" cy="${y}" r="${BADGE.radius}"/><text x="${x}" y="${y + 4}">${label}</text></g>`;
  return m`<line class="${kind}" x1="${from}" x2="${to - step}" y1="${y}" y2="${y}" marker-end="url(#tip)"/>
<text class="words" x="${middle(place, label)}" y="${y - 7}">${cut(words, room(place, label), CHARACTER.text)}</text>${badge}`;
}

/** As much as fits into so many pixels. */
function cut(text: string, pixels: number, character: number): string {
  const fits = Math.max(4, Math.floor(pixels / character));
  return text.length <= fits ? text : `${text.slice(0, fits - 1)}…`;
}
