/** HTML of which every part that is not written here is text. */
import { text } from './page.ts';

export interface Markup {
  readonly markup: string;
}
type Part = Markup | string | number | undefined | false | readonly Part[];

/** A tagged template: texts among the parts are escaped, markup stays, lists are joined, `undefined` and `false` vanish. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return { markup: strings.reduce((before, string, at) => before + written(parts[at - 1]) + string) };
}

/** What went wrong, told to a screen reader at once; nothing without words. */
export const alert = (words: string | undefined): Markup =>
  words === undefined ? html`` : html`<p class="error" role="alert">${words}</p>`;

function written(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return text(part);
  return 'markup' in part ? part.markup : part.map(written).join('');
}
