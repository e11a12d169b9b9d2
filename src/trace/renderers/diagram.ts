/** The sequence diagram of the HTML page, as SVG: lifelines, a band for each section, an arrow there and one back for each exchange. */
import type { Actor } from '../../protocol/actors.ts';
import { answerWord, verbAndPath } from '../summary.ts';
import { actorsIn, type TracedExchange, type TraceEntry } from '../trace.ts';
import { type Markup, m } from './markup.ts';

/** Pixels. */
const COLUMN = 208;
const EDGE = 104;
const BAND = { plain: 40, withReason: 58 };
const ROW = { there: 50, back: 38, deed: 44, gap: 10 };
const HEAD = 44;
/** Of a character of the diagram's fonts, about. */
const CHARACTER = { text: 6.7, code: 6.6 };

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
  for (const entry of entries) {
    if (entry.section.title !== section) {
      section = entry.section.title;
      rows.push(band(entry.section, y, width));
      y += entry.section.why === undefined ? BAND.plain : BAND.withReason;
    }
    const at = { y, from: x(entry.from), to: x(entry.to) };
    rows.push(entry.kind === 'deed' ? deed(entry.label, entry.what, at) : exchange(entry, ids.get(entry) ?? '', at));
    y += entry.kind === 'deed' ? ROW.deed : ROW.there + ROW.back + ROW.gap;
  }
  const height = y + 16;
  const lines = actors.map((actor) => m`<line class="life" x1="${x(actor)}" x2="${x(actor)}" y1="0" y2="${height}"/>`);
  const heads = actors.map(
    (actor) => m`<g class="actor ${actor === 'owner' || actor === 'requesting party' ? 'person' : 'machine'}">
<rect x="${x(actor) - 78}" y="6" width="156" height="${HEAD - 12}" rx="${actor === 'owner' || actor === 'requesting party' ? 16 : 7}"/>
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

function exchange(entry: TracedExchange, id: string, { y, from, to }: Place): Markup {
  const { request, response, error, label, answerLabel, what } = entry;
  const there = { y: y + 28, from, to };
  const back = { y: y + ROW.there + 22, from: to, to: from };
  const left = Math.min(from, to);
  const span = Math.abs(to - from);
  const word = response === undefined ? (error?.code ?? 'failed') : answerWord(response, what);
  const mood =
    response === undefined || response.status >= 500 ? 'broken' : response.status >= 400 ? 'refused' : 'good';
  const said = `${label === '' ? '' : `${label}: `}${what}, ${verbAndPath(request)}, ${word}`;
  return m`<a href="#${id}" class="exchange ${mood}" aria-label="${said}"><title>${said}</title>
<rect class="hit" x="${left - 14}" y="${y + 2}" width="${span + 28}" height="${ROW.there + ROW.back}" rx="8"/>
${arrow(there, label, what, 'there')}
<text class="code" x="${middle(there)}" y="${there.y + 15}">${cut(verbAndPath(request), span - 24, CHARACTER.code)}</text>
${arrow(back, answerLabel, word, 'back')}</a>`;
}

const deed = (label: string, what: string, { y, from, to }: Place): Markup =>
  m`<g class="deed">${arrow({ y: y + 28, from, to }, label, what, 'there')}</g>`;

const middle = ({ from, to }: Place) => (from + to) / 2;

/** A line with its words above it, and its label as a badge where it begins. */
function arrow(place: Place, label: string, words: string, kind: 'there' | 'back'): Markup {
  const { y, from, to } = place;
  const step = Math.sign(to - from);
  const badge =
    label === ''
      ? undefined
      : m`<g class="badge"><circle cx="${from + step * 18}" cy="${y}" r="11"/><text x="${from + step * 18}" y="${y + 4}">${label}</text></g>`;
  const shift = label === '' ? 0 : step * 12;
  return m`<line class="${kind}" x1="${from}" x2="${to - step}" y1="${y}" y2="${y}" marker-end="url(#tip)"/>
<text class="words" x="${middle(place) + shift}" y="${y - 7}">${cut(words, Math.abs(to - from) - (label === '' ? 12 : 44), CHARACTER.text)}</text>${badge}`;
}

/** As much as fits into so many pixels. */
function cut(text: string, pixels: number, character: number): string {
  const fits = Math.max(4, Math.floor(pixels / character));
  return text.length <= fits ? text : `${text.slice(0, fits - 1)}…`;
}
