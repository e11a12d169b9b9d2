/** `uma trace render`: a trace that commands wrote as `.json`, in another format. */
import { updateFile } from '../adapters/trace-file.ts';
import { defineCommand } from '../cli/command.ts';
import { RENDERERS, rendererFor } from '../trace/renderers/index.ts';
import { readTrace } from '../trace/trace.ts';

interface Options {
  file: string;
  to?: string;
  format?: string;
}

export const command = defineCommand<Options>({
  description:
    'Makes a page, a picture or a HAR file of a flow that commands recorded with --trace FILE.json or UMA_TRACE.',
  args: [{ name: '<file>', description: 'the trace (.json), - for standard input' }],
  flags: [
    { flags: '--to <file>', description: 'the file to write: .html, .mmd, .har or .json; default: the trace as .html' },
    { flags: '--format <name>', description: 'to standard output instead', choices: RENDERERS.map(({ name }) => name) },
  ],
  examples: [
    { comment: 'a page beside the trace', line: 'uma trace render flow.json' },
    { comment: 'a Mermaid diagram for an issue', line: 'uma trace render flow.json --format mmd' },
  ],
  fields: ['file', 'exchanges'],
  async run({ file: path, to, format }, context) {
    const trace = readTrace(await context.readFile('<file>', path), path);
    const exchanges = trace.entries.filter(({ kind }) => kind === 'exchange').length;
    const named = RENDERERS.find(({ name }) => name === format);
    if (named !== undefined) return { value: trace, text: named.render(trace).replace(/\n$/, '') };
    const target = to ?? `${path === '-' ? 'trace' : path.replace(/\.json$/, '')}.html`;
    const renderer = rendererFor(target);
    await updateFile(target, () => renderer.render(trace));
    return { value: { file: target, exchanges }, view: (paint) => `${paint.clean(target)}: ${exchanges} exchanges` };
  },
});
