/** The life of one call: find the command, load it, parse, run, print, exit code. */
import { systemClock } from '../adapters/clock.ts';
import { logError, shownOf } from '../adapters/error-log.ts';
import { onInterrupt, onUncaught, processIo } from '../adapters/terminal.ts';
import { type CommandEntry, type Entry, type GroupEntry, isGroup } from '../cli/command.ts';
import { errorText } from '../cli/error-text.ts';
import { EXIT, type ExitCode, exitCodeOfWireError } from '../cli/exit-codes.ts';
import { checkFields } from '../cli/fields.ts';
import type { Io } from '../cli/io.ts';
import { type Located, locate } from '../cli/locate.ts';
import { outputOptions, printResult } from '../cli/output.ts';
import { type ColorWhen, makePaint, wantsColor } from '../cli/paint.ts';
import { UmaError } from '../protocol/errors.ts';
import type { Rehearsed } from './dry-run.ts';
import { REGISTRY } from './registry.ts';

/** Runs with the streams of the process. */
export function runProcess(argv: readonly string[]): Promise<ExitCode> {
  const controller = new AbortController();
  const call: Call = { title: 'uma', stopsItself: false };
  const io = processIo();
  onInterrupt(controller, () => call.stopsItself);
  onUncaught((error) => report(error, argv, io, call));
  return run(argv, io, controller.signal, REGISTRY, call);
}

interface Call {
  /** Set once the command is known, as what follows: `uma rpt`. */
  title: string;
  stopsItself: boolean;
  /** For usage errors. */
  usage?: string;
}

/** Never throws: whatever goes wrong is told on `io.err` and becomes the exit code. */
export async function run(
  argv: readonly string[],
  io: Io,
  signal: AbortSignal,
  registry: readonly Entry[] = REGISTRY,
  call: Call = { title: 'uma', stopsItself: false },
): Promise<ExitCode> {
  try {
    if (argv[0] === '__complete') {
      const { complete } = await import('./complete.ts');
      return await complete(argv.slice(1), io, registry);
    }
    const located = locate(argv, registry);
    const { entry, path, rest } = located;
    if (entry === undefined || located.unknown !== undefined) return await withoutCommand(located, io, registry, call);
    if (isGroup(entry)) {
      call.title = `uma ${entry.name}`;
      await flagsAlone(rest, groupUsage(entry), call);
      return await showHelp(path, entry, rest, io, registry);
    }
    return await runCommand(entry, path, rest, io, signal, call);
  } catch (error) {
    return report(error, argv, io, call);
  }
}

async function runCommand(
  entry: CommandEntry,
  path: readonly string[],
  words: readonly string[],
  io: Io,
  signal: AbortSignal,
  call: Call,
): Promise<ExitCode> {
  const title = ['uma', ...path].join(' ');
  call.title = title;
  const { command } = await entry.load();
  call.stopsItself = command.stopsItself === true;
  const { usageLine } = await import('../cli/help.ts');
  call.usage = usageLine(path, command);
  const { parseCommand } = await import('../cli/parse.ts');
  const parsed = parseCommand(path, command, words);
  if (parsed.kind === 'help') return await showHelp(path, entry, words, io, REGISTRY);
  for (const warning of parsed.warnings) io.err(`uma: warning: ${warning}\n`);
  const output = outputOptions(parsed.options, io);
  const known = command.openFields === true ? undefined : command.fields;
  if (output.fields !== undefined && known !== undefined) checkFields(output.fields, known);
  if (parsed.options.dryRun === true) (await import('./dry-run.ts')).checkDryRun(title, command);
  const { makeContext, PassOn } = await import('./context.ts');
  const { context, tracing } = await makeContext(parsed.options, output, io, signal, title);
  if (tracing?.rehearsed !== undefined)
    return await rehearse(() => command.run(parsed.options as never, context), tracing.rehearsed, parsed.options, io);
  const finished = async () => {
    const result = await command.run(parsed.options as never, context);
    return result === undefined ? EXIT.done : await printResult(result, output, io, known);
  };
  const code = await finished().catch(async (error: unknown) => {
    if (error instanceof PassOn) {
      const { value, error: wire } = error.refused;
      return await printResult({ value, exitCode: exitCodeOfWireError(wire) }, output, io, Object.keys(value));
    }
    // What failed is what a trace is for; the failure is told before that of writing it.
    await tracing?.finish().catch((second: Error) => context.warn(`warning: ${second.message}`));
    throw error;
  });
  await tracing?.finish();
  return code;
}

/** `--dry-run`: the requests in place of the result. Without answers a command may well fail; what it meant to send by then counts. */
async function rehearse(
  run: () => Promise<unknown>,
  rehearsed: readonly Rehearsed[],
  flags: Readonly<Record<string, unknown>>,
  io: Io,
): Promise<ExitCode> {
  const { dryRunResult } = await import('./dry-run.ts');
  await run().catch((error: unknown) => {
    if (rehearsed.length === 0) throw error;
  });
  return await printResult(dryRunResult(rehearsed, flags), outputOptions(flags, io), io);
}

/** `uma`, `uma help X`, `uma --help`, and words that are no command. */
async function withoutCommand(located: Located, io: Io, registry: readonly Entry[], call: Call): Promise<ExitCode> {
  const { unknown, path, rest, entry } = located;
  if (unknown === 'help' && path.length === 0) {
    const topic = rest.filter((word) => !word.startsWith('-'));
    const { TOPICS } = await import('../cli/help.ts');
    const found = TOPICS.find(({ name }) => name === topic[0]);
    if (found !== undefined) {
      io.out(`${found.text(await helpPaint(rest, io), helpColumns(io))}\n`);
      return EXIT.done;
    }
    const inner = locate(topic, registry);
    if (inner.unknown !== undefined) return await unknownWord(inner.unknown, inner.path, inner.entry, registry, call);
    return await showHelp(inner.path, inner.entry, rest, io, registry);
  }
  if (unknown !== undefined) return await unknownWord(unknown, path, entry, registry, call);
  await flagsAlone(rest, ROOT_USAGE, call);
  return await showHelp([], undefined, rest, io, registry);
}

const ROOT_USAGE = 'uma <command> [flags]';
const groupUsage = ({ name, commands }: GroupEntry): string =>
  `uma ${name} {${commands.map((command) => command.name).join('|')}} [flags]`;

/** Flags without a command: an unknown one is an error, the common ones alone ask for nothing but help. */
async function flagsAlone(words: readonly string[], usage: string, call: Call): Promise<void> {
  if (words.length === 0 || words.includes('-h') || words.includes('--help')) return;
  const { parseCommand } = await import('../cli/parse.ts');
  call.usage = usage;
  parseCommand(
    [],
    { description: '', examples: [], groups: ['as', 'owner', 'party', 'rs', 'client'], run: async () => undefined },
    words,
  );
}

async function unknownWord(
  word: string,
  path: readonly string[],
  entry: Entry | undefined,
  registry: readonly Entry[],
  call: Call,
): Promise<never> {
  const { unknownCommand } = await import('../cli/parse.ts');
  const inGroup = entry !== undefined && isGroup(entry);
  call.usage = inGroup ? groupUsage(entry) : ROOT_USAGE;
  const names = (inGroup ? entry.commands : registry).map(({ name }) => name);
  throw unknownCommand(word, path, names);
}

async function showHelp(
  path: readonly string[],
  entry: Entry | undefined,
  words: readonly string[],
  io: Io,
  registry: readonly Entry[],
): Promise<ExitCode> {
  const { commandHelp, groupHelp, rootHelp } = await import('../cli/help.ts');
  const paint = await helpPaint(words, io);
  const columns = helpColumns(io);
  if (entry === undefined) io.out(`${rootHelp(registry, paint, columns)}\n`);
  else if (isGroup(entry)) io.out(`${groupHelp(entry, paint, columns)}\n`);
  else io.out(`${commandHelp(path, (await entry.load()).command, paint, columns)}\n`);
  return EXIT.done;
}

/** The same in every file and pipe. */
const helpColumns = (io: Io) => (io.stdoutIsTty ? io.columns : undefined) ?? 100;

const helpPaint = (words: readonly string[], io: Io) =>
  makePaint({ color: wantsColor(colorIn(words), io, io.stdoutIsTty), masked: false });

async function report(error: unknown, argv: readonly string[], io: Io, call: Call): Promise<ExitCode> {
  if (error instanceof UmaError && error.category === 'interrupted') return EXIT.interrupted;
  const { text, exitCode } = errorText(error, {
    json: argv.some(
      (word, at) =>
        /^--json(=|$)/.test(word) ||
        /^(--output=|-o=?|-[a-z]*o)json$/.test(word) ||
        (/^(-o|--output)$/.test(word) && argv[at + 1] === 'json'),
    ),
    debug: argv.includes('--debug') || io.env.UMA_DEBUG === '1',
    usage: call.usage,
    title: call.title,
    paint: await makePaint({ color: wantsColor(colorIn(argv), io, io.stderrIsTty), masked: false }),
    mask: (shown) => shownOf(error, shown, io.env),
    writeDown: (unexpected) => logError(unexpected, call.title, systemClock.now(), io),
  });
  io.err(text);
  return exitCode;
}

/** `--color` as written: also for argv that could not be parsed. */
function colorIn(words: readonly string[]): ColorWhen {
  if (words.includes('--no-color')) return 'never';
  const at = words.indexOf('--color');
  const value = at === -1 ? words.find((word) => word.startsWith('--color='))?.slice(8) : words[at + 1];
  return value === 'always' || value === 'never' ? value : 'auto';
}
