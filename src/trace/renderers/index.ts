/** The registry of renderers: one file and one line for each format. */
import { UmaError } from '../../protocol/errors.ts';
import type { Trace } from '../trace.ts';
import { har } from './har.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { mermaid } from './mermaid.ts';

export interface Renderer {
  /** Its name, which is the ending of its files without the dot. */
  name: string;
  /** What it is for, in a few words. */
  about: string;
  /** What it writes can be read back, so that commands add to it. */
  appends?: boolean;
  /** The whole file. */
  render(trace: Trace): string;
}

export const RENDERERS: readonly Renderer[] = [html, mermaid, har, json];

/** By the ending of a file. @throws UmaError `unknown_format` (usage) naming the endings there are. */
export function rendererFor(path: string): Renderer {
  const found = RENDERERS.find(({ name }) => path.toLowerCase().endsWith(`.${name}`));
  if (found !== undefined) return found;
  throw new UmaError('usage', 'unknown_format', `${path}: the ending says which format a trace has`, {
    hint: `one of ${RENDERERS.map(({ name, about }) => `.${name} (${about})`).join(', ')}`,
  });
}
