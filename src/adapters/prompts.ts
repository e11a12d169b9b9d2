/** Questions by inquirer on the controlling terminal, written to standard error: standard input and output may be pipes. */
import { closeSync, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { PromptSource, Prompts } from '../cli/context.ts';
import type { Io } from '../cli/io.ts';
import { UmaError } from '../protocol/errors.ts';

export function terminalPrompts(io: Io, allowed: boolean): Prompts {
  const open = () => (allowed && io.stderrIsTty && !isSet(io.env.CI) ? openTerminal(io.platform) : undefined);
  const ask = async <T>(question: Record<string, unknown>, source: PromptSource, signal?: AbortSignal): Promise<T> => {
    const fd = open();
    if (fd === undefined) throw cannotPrompt(String(question.message), source);
    const input = new ReadStream(fd);
    try {
      const { createPromptModule } = (await import('inquirer')).default;
      const prompt = createPromptModule({ input, output: process.stderr, ...(signal === undefined ? {} : { signal }) });
      const answers = (await prompt([{ ...question, name: 'answer' }] as never)) as { answer: T };
      return answers.answer;
    } catch (error) {
      if (/^(ExitPromptError|AbortPromptError)$/.test((error as Error).name))
        throw new UmaError('interrupted', 'interrupted', 'interrupted');
      throw error;
    } finally {
      input.destroy();
    }
  };
  return {
    possible() {
      const fd = open();
      if (fd !== undefined) closeSync(fd);
      return fd !== undefined;
    },
    secret: (message, source, signal) => ask<string>({ type: 'password', message }, source, signal),
    text: (message, source) => ask<string>({ type: 'input', message }, source),
    select: (message, choices, source) => ask<string>({ type: 'select', message, choices: [...choices] }, source),
    confirm: (message, source) => ask<boolean>({ type: 'confirm', message, default: false }, source),
  };
}

const isSet = (value: string | undefined) => value !== undefined && value !== '' && value !== 'false' && value !== '0';

function openTerminal(platform: string): number | undefined {
  try {
    const fd = openSync(platform === 'win32' ? '\\\\.\\CONIN$' : '/dev/tty', 'r+');
    return fd;
  } catch {
    return undefined;
  }
}

function cannotPrompt(question: string, { flag, variable, instead }: PromptSource): UmaError {
  const what = clip(question);
  return new UmaError(
    'usage',
    'cannot_prompt',
    `cannot ask "${what}" here: there is no terminal, or --no-input or CI is set`,
    {
      hint: `pass ${[flag, ...(variable === undefined ? [] : [`set ${variable}`])].join(' or ')}${instead === undefined ? '' : `, or ${instead}`}`,
    },
  );
}

const clip = (question: string) => question.replace(/[:?]?\s*$/, '');
