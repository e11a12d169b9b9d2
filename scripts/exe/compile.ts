/**
 * Writes `NAME.code` beside each file of a folder: compiled as far as a walk through the program needs it. Run by the Node that
 * gets the program: the code is of use to that one only. Arguments: the folder with the files, the one for the code.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';
import type * as Program from '../../src/commands/program.ts';
import { makeLoader } from './loader.ts';

// V8 takes compiled code only under the flags it was made with, and `uma serve` sets some for itself.
Object.assign(process.getBuiltinModule('node:v8'), { setFlagsFromString: () => {} });
const [from, to] = process.argv.slice(2) as [string, string];
const { load, scripts } = makeLoader((name) => ({ text: readFileSync(join(from, name), 'utf8') }));
const { run } = load('program.cjs') as typeof Program;

let printed = '';
const io: Io = {
  stdinIsTty: true,
  stdoutIsTty: false,
  stderrIsTty: false,
  env: { UMA_CONFIG_DIR: to, CI: '1' },
  cwd: to,
  platform: process.platform,
  home: to,
  columns: undefined,
  readStdin: async () => '',
  out: (text) => {
    printed += text;
  },
  err: () => {},
};

/** What a call prints. @throws Error when it ends with another exit code. */
async function call(line: string, expected = 0): Promise<string> {
  printed = '';
  const code = await run(line.split(' '), io, new AbortController().signal);
  if (code !== expected) throw new Error(`exe: uma ${line} ended with ${code}`);
  return printed;
}

await call('demo --quiet');
const stop = new AbortController();
printed = '';
const served = run(['serve', '--port', '0', '--output', 'json'], io, stop.signal);
while (!printed.includes('"issuer"')) await new Promise((resolve) => setImmediate(resolve));
const at = `--issuer ${(JSON.parse(printed) as { issuer: string }).issuer}`;
await call(`register --name Photo --scope view ${at}`);
const { ticket } = JSON.parse(await call(`ticket --resource Photo --scope view ${at}`)) as { ticket: string };
await call(`rpt --ticket ${ticket} --party bob ${at}`, 7);
await call(`request list ${at}`);
await call(`approve --all ${at}`);
await call('profile list');
await call('help ticket');
stop.abort();
await served;

// main.cjs looks at the arguments when it is loaded.
process.argv.splice(2, 2, '--version');
// What the walk did not load is compiled as far as loading goes.
for (const name of readdirSync(from).filter((entry) => entry.endsWith('.cjs'))) if (!scripts.has(name)) load(name);
for (const [name, script] of scripts) writeFileSync(join(to, `${name}.code`), script.createCachedData());
