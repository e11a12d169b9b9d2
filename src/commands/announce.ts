/** What a server that has started prints: where it is, once, as any result. */

import type { Context } from '../cli/context.ts';
import { outputOptions, printResult } from '../cli/output.ts';

/** On a terminal the note says it; piped, or asked for by an output flag, its object goes to standard output. @throws UmaError `unknown_field`. */
export async function announce(
  value: object,
  options: Readonly<Record<string, unknown>>,
  { io }: Pick<Context, 'io'>,
): Promise<void> {
  const output = outputOptions(options, io);
  if (output.mode === 'text' && output.field === undefined && !output.header) return;
  await printResult({ value }, output, io);
}
