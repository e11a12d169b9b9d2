/** As much of HTML as a scripted person needs: the forms of a login or consent page, and what the page says. */

export interface Field {
  type: string;
  name: string;
  value: string;
  checked: boolean;
}
export interface Button {
  name: string;
  value: string;
  label: string;
  /** `formaction`, where the button sends the form elsewhere. */
  action?: string;
}
export interface Form {
  action: string;
  method: 'GET' | 'POST';
  fields: Field[];
  buttons: Button[];
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

export function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (all, name: string) => {
    if (name.startsWith('#x') || name.startsWith('#X')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return ENTITIES[name] ?? all;
  });
}

function attributesOf(tag: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const match of tag.matchAll(/([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
    const name = (match[1] ?? '').toLowerCase();
    found[name] ??= decodeEntities(match[2] ?? match[3] ?? match[4] ?? '');
  }
  return found;
}

/** Every form of a page, in order; an absent action is the page itself. */
export function formsOf(html: string, pageUrl: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', inner = '']) => {
    const { action = '', method = 'get' } = attributesOf(head);
    const fields: Field[] = [];
    const buttons: Button[] = [];
    for (const [, tag = ''] of inner.matchAll(/<input\b([^>]*)>/gi)) {
      const { type = 'text', name = '', value, checked, formaction } = attributesOf(tag);
      if (type === 'submit') buttons.push(button(name, value ?? '', value ?? '', formaction));
      else if (name !== '')
        fields.push({ type, name, value: value ?? (type === 'checkbox' ? 'on' : ''), checked: checked !== undefined });
    }
    for (const [, tag = '', label = ''] of inner.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)) {
      const { type = 'submit', name = '', value = '', formaction } = attributesOf(tag);
      if (type === 'submit') buttons.push(button(name, value, textOf(label), formaction));
    }
    return {
      action: new URL(action === '' ? pageUrl : action, pageUrl).href,
      method: method.toUpperCase() === 'POST' ? 'POST' : 'GET',
      fields,
      buttons,
    };
  });
}

function button(name: string, value: string, label: string, action: string | undefined): Button {
  return action === undefined ? { name, value, label } : { name, value, label, action };
}

/** What a page says, without its markup, in one line. */
export function textOf(html: string): string {
  return decodeEntities(html.replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}
