/** The trace itself: what `uma trace render` reads. */
import type { Trace } from '../trace.ts';
import type { Renderer } from './index.ts';

export const json: Renderer = {
  name: 'json',
  about: 'added to by each command, for uma trace render',
  appends: true,
  render: (trace: Trace) => `${JSON.stringify(trace, null, 2)}\n`,
};
