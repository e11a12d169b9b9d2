/** A Mermaid sequence diagram, for pages and issues that draw it. */
import type { Actor } from '../../protocol/actors.ts';
import { answerWord, verbAndPath } from '../summary.ts';
import { actorsIn, arrowsOf, type TracedArrow } from '../trace.ts';
import type { Renderer } from './index.ts';

export const mermaid: Renderer = {
  name: 'mmd',
  about: 'Mermaid',
  render({ title, entries }) {
    const present = actorsIn(entries);
    const lines = ['sequenceDiagram', `  accTitle: ${text(title)}`];
    for (const actor of present) {
      const kind = actor === 'owner' || actor === 'requesting party' ? 'actor' : 'participant';
      lines.push(`  ${kind} ${id(actor)} as ${actor}`);
    }
    let section = '';
    for (const arrow of arrowsOf(entries)) {
      const { kind, entry } = arrow;
      if (kind !== 'back' && entry.section.title !== section) {
        section = entry.section.title;
        const [first, last] = [present[0], present.at(-1)];
        if (first !== undefined && last !== undefined)
          lines.push(`  Note over ${first === last ? id(first) : `${id(first)},${id(last)}`}: ${text(section)}`);
      }
      lines.push(`  ${arrowText(arrow)}`);
    }
    return `${lines.join('\n')}\n`;
  },
};

function arrowText({ kind, entry }: TracedArrow): string {
  const [from, to] = [id(entry.from), id(entry.to)];
  const said = (label: string, words: string) => text(label === '' ? words : `${label}: ${words}`);
  if (kind === 'deed') return `${from}->>${to}: ${said(entry.label, entry.what)}`;
  const { request, response, error, label, answerLabel, what } = entry;
  if (kind === 'there') return `${from}->>${to}: ${said(label, `${what} (${verbAndPath(request)})`)}`;
  if (response === undefined) return `${to}--x${from}: ${text(error?.code ?? 'failed')}`;
  return `${to}-->>${from}: ${said(answerLabel, answerWord(response, what))}`;
}

const id = (actor: Actor) => actor.replaceAll(' ', '_');

/** On one line, and without the characters that mean something to Mermaid. */
const text = (words: string) =>
  words.replace(/[\r\n\t]+/g, ' ').replace(/[#;<>{}`"%&\\]/g, (sign) => `#${sign.codePointAt(0)};`);
