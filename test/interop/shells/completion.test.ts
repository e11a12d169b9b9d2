/** Completion in the real shells, on a terminal of their own (`script`), against a running server. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { before, suite, type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { BIN, serve, temporaryDirectory, uma } from '../../cli/uma.ts';

const directory = temporaryDirectory();
const program = join(directory, 'uma');
writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
chmodSync(program, 0o755);
const { issuer, child } = await serve();
const env = {
  PATH: [directory, process.env.PATH].join(delimiter),
  HOME: directory,
  UMA_CONFIG_DIR: join(directory, 'config'),
  UMA_ISSUER: issuer,
  TERM: 'xterm',
};
const typed = async (line: string, input?: string) =>
  uma(line.split(' '), { env, ...(input === undefined ? {} : { stdin: input }) });

before(async () => {
  await uma(['register', '--name', 'Photo Album', '--scope', 'album:view', '--scope', 'album:edit'], { env });
  const ticket = await uma(['ticket', '--resource', 'Photo Album', '--scope', 'album:view'], { env });
  assert.equal((await typed('rpt --party bob', ticket.stdout)).code, 7);
  // On a busy machine a server may be too slow for somebody who types; from its first answer on, that one is known.
  for (const line of ['ticket --resource ', 'ticket --scope ', 'approve ']) await known(line);
});

async function known(line: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1)
    if ((await uma(['__complete', ...line.split(' ')], { env })).stdout !== '') return;
  assert.fail(`never completed: ${line}`);
}

/** A shell on a terminal. */
function startShell(context: TestContext, line: string) {
  const shell: ChildProcess = spawn('script', ['-qec', line, '/dev/null'], {
    env,
    cwd: directory,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let seen = () => {};
  shell.stdout!.setEncoding('utf8').on('data', (text: string) => {
    screen += stripVTControlCharacters(text);
    seen();
  });
  context.after(async () => {
    const gone = once(shell, 'close');
    shell.kill();
    await gone;
  });
  return {
    /** Types, and waits until the screen shows what it should from here on. */
    async type(keys: string, shows: RegExp): Promise<void> {
      screen = '';
      shell.stdin!.write(keys);
      const { signal } = context;
      while (!shows.test(screen)) {
        if (signal.aborted)
          throw new Error(`typed ${JSON.stringify(keys)}, the screen shows ${JSON.stringify(screen)}`);
        await new Promise<void>((resolve) => {
          seen = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    },
  };
}

/** Ends the line as it stands and clears it. */
const CLEAR = '\u0015';

suite('40, 41: completion in real shells', { timeout: 100_000 }, () => {
  for (const [name, start, ready] of [
    ['bash', 'bash --norc --noprofile -i', 'PS1="> "; eval "$(uma completion bash)"; echo re""ady\n'],
    ['zsh', 'zsh -f -i', 'PS1="> "; autoload -Uz compinit; compinit -u; eval "$(uma completion zsh)"; echo re""ady\n'],
  ] as const)
    test(name, { timeout: 40_000 }, async (context) => {
      const shell = startShell(context, start);
      await shell.type(ready, /ready\r?\n/);
      await shell.type('uma disc\t', /uma discover/);
      await shell.type(`${CLEAR}uma resource sh\t`, /uma resource show/);
      await shell.type(`${CLEAR}uma ticket --resource Ph\t`, /--resource Photo\\ Album/);
      await shell.type('--scope album:v\t', /--scope album:view/);
      await shell.type(`${CLEAR}uma rpt --output=j\t`, /--output=json/);
      await shell.type(`${CLEAR}uma ticket --resource "Pho\t`, /"Photo Album"/);
      await shell.type(`${CLEAR}uma approve \t`, /uma approve [\w-]{10,}/);
    });

  test('fish', () => {
    const complete = (line: string) =>
      execFileSync('fish', ['--no-config', '-c', 'uma completion fish | source; complete -C $argv[1]', line], {
        env,
        encoding: 'utf8',
      }).split('\n');
    assert.match(complete('uma disc')[0]!, /^discover\t/);
    assert.deepEqual(complete('uma resource sh')[0]?.split('\t')[0], 'show');
    assert.deepEqual(complete('uma ticket --resource ')[0], 'Photo Album\talbum:view album:edit');
    assert.deepEqual(complete('uma ticket --scope album:v')[0], 'album:view');
    assert.deepEqual(complete('uma rpt --output=j')[0], '--output=json');
    assert.match(complete('uma approve ')[0]!, /^[\w-]{10,}\tbob: Photo Album album:view$/);
  });

  test('cli 41: without the server, what was known is still completed; a question nobody asked gives nothing', async () => {
    child.kill();
    await once(child, 'exit');
    const resources = await typed('__complete ticket --resource Ph');
    assert.deepEqual(resources, { code: 0, stdout: 'Photo Album\talbum:view album:edit\n', stderr: '' });
    assert.deepEqual(await typed('__complete policy show p'), { code: 0, stdout: '', stderr: '' });
  });
});
