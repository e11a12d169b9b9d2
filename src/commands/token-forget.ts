import { defineCommand } from '../cli/command.ts';
import { UmaError } from '../protocol/errors.ts';
import { forget, keptTokens } from './kept-tokens.ts';

interface Options {
  id: string[];
  all?: boolean;
}

export const command = defineCommand<Options>({
  description:
    'Forgets kept tokens, so that the next command gets new ones. It tells no server: what was forgotten stays valid there until it ends; `uma logout` revokes.',
  args: [{ name: '[id...]', description: 'which, by the ids of `uma token list`' }],
  flags: [{ flags: '--all', description: 'every one, of every server' }],
  examples: [
    { comment: 'one', line: 'uma token forget "$(uma token list --field \'[0].id\')"' },
    { comment: 'everything', line: 'uma token forget --all' },
  ],
  fields: ['forgotten'],
  dryRun: false,
  async run({ id: ids, all }, { cache }) {
    if (ids.length > 0 === (all === true)) {
      throw new UmaError('usage', 'nothing_to_forget', 'forget which tokens?', {
        hint: 'ids of uma token list, or --all',
      });
    }
    const kept = await keptTokens(cache);
    const unknown = ids.find((id) => !kept.some((token) => token.id === id));
    if (unknown !== undefined)
      throw new UmaError('usage', 'no_such_token', `no token "${unknown}" is kept`, { hint: 'uma token list' });
    const chosen = kept.filter(({ id }) => all === true || ids.includes(id));
    for (const token of chosen) await forget(cache, token);
    return {
      value: { forgotten: chosen.length },
      told: `${chosen.length} forgotten`,
      note: 'what is left: uma token list',
    };
  },
});
