/** Commands of a text file, as a manual prints them, run by real curl. Nothing is changed but what the caller names. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Answered {
  status: number;
  /** Names in lower case; `set-cookie` as it came last. */
  headers: Record<string, string>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

export class Commands {
  readonly #commands: ReadonlyMap<string, string>;
  readonly #origin: string;

  /** @param origin takes the place of the manual's host. */
  constructor(file: string, origin: string) {
    this.#origin = origin;
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    const blocks = text.split(/^== /m).slice(1);
    this.#commands = new Map(
      blocks.map((block) => {
        const [name = '', ...lines] = block.split('\n');
        return [name.trim(), asTyped(lines)];
      }),
    );
  }

  get names(): string[] {
    return [...this.#commands.keys()];
  }

  /** @param values that earlier steps returned, by what stands in their place in the text. */
  async run(name: string, values: Record<string, string> = {}): Promise<Answered> {
    let command = this.#commands.get(name);
    if (command === undefined) throw new Error(`no command ${name}`);
    for (const [printed, value] of Object.entries(values)) {
      if (!command.includes(printed)) throw new Error(`${name} does not hold ${printed}`);
      command = command.replaceAll(printed, value);
    }
    command = command.replace(/https:\/\/(?:openam|am)\.example\.com:8443/g, this.#origin);
    const { stdout } = await run('sh', ['-c', command.replace(/^curl /, 'curl --silent --show-error --include ')]);
    return answered(stdout);
  }
}

/** What a reader types: without the prompt, comments, the call-outs `(1)`, and with a continuation where the page forgot it. */
function asTyped(lines: readonly string[]): string {
  const typed: string[] = [];
  for (const line of lines) {
    if (line.startsWith('#') || line.trim() === '') continue;
    typed.push(line.replace(/^\$ /, '').replace(/ ?\(\d\)$/, ''));
  }
  return typed
    .map((line, index) => {
      const next = typed[index + 1];
      if (next === undefined) return line.replace(/ ?\\$/, '');
      return /^\s*--/.test(next) && !line.endsWith('\\') ? `${line} \\` : line;
    })
    .join('\n');
}

function answered(output: string): Answered {
  const [head = '', ...rest] = output.replace(/^HTTP\/1\.1 100 [\s\S]*?\r\n\r\n/, '').split('\r\n\r\n');
  const text = rest.join('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const colon = field.indexOf(':');
    headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim();
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: Number(line.split(' ')[1]), headers, text, body };
}
