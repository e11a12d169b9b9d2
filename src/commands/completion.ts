/** `uma completion SHELL` */
import { defineCommand } from '../cli/command.ts';
import { completionScript, SHELLS, type Shell } from '../cli/completion.ts';

interface CompletionOptions {
  shell: Shell;
}

export const command = defineCommand<CompletionOptions>({
  description:
    'Print the completion script for a shell: a few lines around `uma __complete`, which knows the commands.',
  args: [{ name: '<shell>', description: 'the shell', choices: SHELLS }],
  examples: [
    { comment: 'complete in this shell', line: 'eval "$(uma completion bash)"' },
    { comment: 'keep it for zsh', line: 'uma completion zsh > ~/.zfunc/_uma' },
  ],
  async run({ shell }, { io }) {
    io.out(completionScript(shell));
    return undefined;
  },
});
