/** HTML and SVG by escaping: what is put into a template is text, unless another template made it. */

export interface Markup {
  readonly markup: string;
}

type Content = Markup | string | number | undefined | readonly Markup[];

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** C0 but tab and line feed, and what reorders text: a page has no use for them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escapeText = (text: string) => text.replace(CONTROL, '').replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');

function contentOf(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeText(String(content));
  if ('markup' in content) return content.markup;
  return content.map(({ markup }) => markup).join('');
}

/** `` m`<b>${name}</b>` `` */
export function m(strings: TemplateStringsArray, ...contents: Content[]): Markup {
  return { markup: strings.reduce((all, part, at) => all + contentOf(contents[at - 1]) + part) };
}

/** A constant of ours, put in as it is. */
export const asIs = (text: string): Markup => ({ markup: text });
