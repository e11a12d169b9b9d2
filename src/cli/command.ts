/** What a command file exports: one {@link Command}, made by {@link defineCommand}. Data for help, parsing and completion, and `run`. */
import type { Context } from './context.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Paint } from './paint.ts';

/**
 * Groups of shared flags. `as` adds issuer, dialect, trust, TLS and endpoints by hand; the roles add the flags of their
 * row in DESIGN's table (`--owner`, `--owner-password-file`, ...), whose values are read through `context.settings`.
 */
export type FlagGroup = 'as' | 'owner' | 'party' | 'rs' | 'client';

/** Values that completion knows (commands/complete.ts): profiles from the settings, the others from a server. */
export type Completable = 'profiles' | 'resources' | 'requests' | 'policies' | 'scopes';

export interface FlagSpec {
  /** Commander's notation: `--ticket <ticket>`, `-y, --yes`, `--wait [duration]`. Becomes `options.ticket`, `options.yes`, ... in camelCase. */
  flags: string;
  description: string;
  choices?: readonly string[];
  /** Repeatable and split at commas: the option is a `string[]`. */
  list?: boolean;
  /** Repeatable, not split (values that hold commas): the option is a `string[]`. */
  repeat?: boolean;
  /** Turns the text into the option's value; throws UmaError of category `usage` on a bad one. See duration.ts. */
  parse?: (text: string) => unknown;
  /** The value names a file, `-` is standard input. Read it with `context.readFile`; two `-` in one call are refused. */
  file?: boolean;
  /** How often it stands there, as a number (`-vv`). */
  count?: boolean;
  /** What its values are, for completion. */
  complete?: Completable;
  /** Left out of help and completion. */
  hidden?: boolean;
  /** What to use instead. It works as ever and warns, until the next major version (cli.md 48). */
  deprecated?: string;
}

export interface ArgumentSpec {
  /** Commander's notation: `<url>`, `[id...]`. Becomes `options[name]`. */
  name: string;
  description: string;
  choices?: readonly string[];
  complete?: Completable;
}

export interface Example {
  /** What it does, without `#`. */
  comment: string;
  /** The line as typed, without `$`. */
  line: string;
}

export interface Result {
  /** The answer with the wire's own names: an object, or an array for a list. Printed as JSON when piped or with `-o json`. */
  value: object;
  /** The short readable view for a terminal (`-o text`), without final newline. Without it: `told`, or indented JSON, tokens masked. */
  view?: (paint: Paint) => string;
  /** Standard output in a format of its own (a JUnit report), instead of JSON and view; without final newline. */
  text?: string;
  /** Outcomes that are results have their own (EXIT.need_info, ...). Default 0. */
  exitCode?: ExitCode;
  /** The token that `--header` writes as `Authorization: Bearer ...`; default: `value.access_token`. */
  token?: string;
  /** What was changed, in words: the view where there is no other; where no view is shown, told on standard error before the note (not with --quiet). */
  told?: string;
  /** What else is worth knowing, such as the next command to run, told on standard error (not with --quiet). */
  note?: string | undefined;
  /** When value is []: what to say on a terminal's standard error. */
  emptyHint?: string;
}

export interface Command<O = never> {
  /** One sentence, as the registry's summary but free to say more. */
  description: string;
  flags?: readonly FlagSpec[];
  args?: readonly ArgumentSpec[];
  groups?: readonly FlagGroup[];
  /** Two to five. Each is run by a test against `uma serve`. */
  examples: readonly Example[];
  /** Names that `--json a,b` accepts, in the order of help. Absent: what it prints is no object. */
  fields?: readonly string[];
  /** True: a peer may send members of its own beside them, which `--json` takes as well. */
  openFields?: true;
  /** True when it understands standard input (`context.input()`). Named in help. */
  reads?: string;
  /** Environment variables of its own, beside those of its groups. */
  environment?: readonly (readonly [name: string, meaning: string])[];
  /** False: its next request depends on answers, so that `--dry-run` has nothing to show. */
  dryRun?: false;
  /** It ends by itself when `context.signal` aborts (a server); others end at once on Ctrl-C. */
  stopsItself?: boolean;
  /** `UMA Grant 3.3`: section for SEE ALSO. */
  spec?: string;
  /**
   * Behaviour. `options` is plain data: own flags in camelCase and own arguments by name; absent flags are undefined.
   * @throws UmaError. An undefined result prints nothing.
   */
  run(options: O, context: Context): Promise<Result | undefined>;
}

/** Any command, whatever its options are: what the registry loads. */
export type AnyCommand = Command<never>;

/** Gives a command its option type; the frame hands `run` what the flags say. */
export function defineCommand<O>(command: Command<O>): AnyCommand {
  return command as AnyCommand;
}

/** A line of the registry: what help and completion need without loading the command. */
export interface CommandEntry {
  name: string;
  /** One line, no full stop. */
  summary: string;
  load: () => Promise<{ command: AnyCommand }>;
}

/** `uma resource list`: a noun with verbs. */
export interface GroupEntry {
  name: string;
  summary: string;
  commands: readonly CommandEntry[];
}

export type Entry = CommandEntry | GroupEntry;

export function isGroup(entry: Entry): entry is GroupEntry {
  return 'commands' in entry;
}
