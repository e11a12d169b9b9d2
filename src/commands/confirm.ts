/** The question before a verb that cannot be taken back. */
import type { FlagSpec } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';

export const YES: FlagSpec = { flags: '-y, --yes', description: 'do not ask' };

/** True with `--yes` or a yes; a no is told and is not an error. @throws UmaError `cannot_prompt` (usage) where nobody can be asked. */
export async function confirmed(context: Context, options: { yes?: boolean }, question: string): Promise<boolean> {
  if (options.yes || (await context.prompts.confirm(question, { flag: '--yes' }))) return true;
  context.note('nothing was changed');
  return false;
}
