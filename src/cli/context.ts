/** The one object through which everything outside comes to a command (a test hands in a fake one: test/cli/fake-context.ts). */
import type { Actor } from '../protocol/actors.ts';
import type { HttpExchange, Send } from '../protocol/http.ts';
import type { Ask } from '../protocol/resource-request.ts';
import type { PipedInput } from './input.ts';
import type { Io } from './io.ts';
import type { Settings } from './settings.ts';
import type { SettingsStore } from './store.ts';

export interface Clock {
  /** Seconds since the epoch. */
  now(): number;
  /** Ends early with UmaError `interrupted` when the signal aborts. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
}

/** How the question can be answered without a prompt; named in the error when prompting is not allowed. */
export interface PromptSource {
  flag: string;
  variable?: string;
  /** What makes the question needless: `uma login`. */
  instead?: string;
}

/**
 * Questions on the controlling terminal, written to standard error.
 * @throws UmaError `cannot_prompt` (usage) naming flag and variable when it is not allowed or possible (--no-input, CI, no terminal).
 */
export interface Prompts {
  /** Whether there is somebody to ask. */
  possible(): boolean;
  /** Without echo. `signal` takes the question back (`interrupted`). */
  secret(question: string, source: PromptSource, signal?: AbortSignal): Promise<string>;
  text(question: string, source: PromptSource): Promise<string>;
  /** One of `choices`. */
  select(question: string, choices: readonly string[], source: PromptSource): Promise<string>;
  /** For destructive verbs; the caller skips it with `--yes`. `source.flag` is normally `--yes`. */
  confirm(question: string, source: PromptSource): Promise<boolean>;
}

/** A token (or other answer) kept between runs. `value` is JSON. Times in seconds since the epoch. */
export interface CachedItem {
  value: unknown;
  expires_at: number;
}

/** Files of the user's own (0600), keyed by every part given, for instance `['pat', issuer, clientId, owner]`. */
export interface Cache {
  /** Undefined when absent or within 30 s of its end. */
  get(key: readonly string[]): Promise<unknown>;
  put(key: readonly string[], item: CachedItem): Promise<void>;
  /** A server may have forgotten what we remember: on `invalid_token`, forget, get anew, try once more. */
  forget(key: readonly string[]): Promise<void>;
  /** What is kept, without the tokens; also what has ended and was not asked for since. */
  list(): Promise<KeptToken[]>;
  /** Runs `act` while no other process does so for this key. */
  alone<T>(key: readonly string[], act: () => Promise<T>): Promise<T>;
}

export interface KeptToken {
  /** Short, for a command line. */
  id: string;
  /** Purpose, issuer, client, person, ... */
  key: readonly string[];
  expires_at: number;
}

/** For a command that plays several parts: what the exchanges belong to, and what people do beside them. Without a trace, nothing. */
export interface FlowTrace {
  /** What follows belongs to this. */
  section(title: string, why?: string): void;
  /** Something that people do without a request. `label` as in the flow picture. */
  deed(from: Actor, to: Actor, label: string, what: string): void;
}

export interface Context {
  io: Io;
  settings: Settings;
  /** Those of another profile, with nothing of this call's flags and environment: its server gets its own credentials only. */
  settingsOf(profile: string): Promise<Settings>;
  /** The HTTP port: --timeout, TLS flags, `-v`, `--curl`, `--dry-run` and the trace are in it. */
  send: Send;
  /** The same, not cut off by Ctrl-C: for removing what a command has made. */
  sendToTheEnd: Send;
  /** The same ports for a command that plays several parts: the trace names this one. */
  sendAs(from: Actor): { send: Send; sendToTheEnd: Send };
  /** A port of the command's own, so that the trace has what passes. */
  listened(send: Send): Send;
  trace: FlowTrace;
  /** `send`, and the pair that `readX` functions take. */
  exchange(request: Parameters<Send>[0]): Promise<HttpExchange>;
  /** To a protected resource: a streamed answer of any size. Traced as every exchange, without its body. */
  ask: Ask;
  clock: Clock;
  prompts: Prompts;
  cache: Cache;
  store: SettingsStore;
  /** Of this process. */
  pid: number;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** From now on SIGHUP calls this instead of ending the process. */
  onHangup(called: () => void): void;
  /**
   * What standard input holds, read once; ask for it only when the flag is absent (a script's loop may own it). Undefined on a terminal and when nothing came. An object with `error` never gets
   * here: the frame prints it unchanged and ends with that outcome's exit code.
   */
  input(): Promise<PipedInput | undefined>;
  /**
   * The content of the file that a `--...-file F|-` flag names, as it is; `-` is standard input.
   * @throws UmaError usage: no such file, standard input is a terminal, or is already spoken for.
   */
  readFile(flag: string, path: string): Promise<string>;
  /** As {@link readFile} without white space at the ends; never empty. For tokens and passwords. */
  readSecret(flag: string, path: string): Promise<string>;
  /** As {@link readFile}, parsed as a JSON (`--input`). @throws UmaError usage naming the place of the fault. */
  readJson(flag: string, path: string): Promise<unknown>;
  /** A line for people on standard error, left out with --quiet. */
  note(text: string): void;
  /** A line on standard error in any case. */
  warn(text: string): void;
}
