/** Streams as a value: a test is a fake terminal. Made from the process by adapters/terminal.ts. */

export interface Io {
  stdinIsTty: boolean;
  stdoutIsTty: boolean;
  stderrIsTty: boolean;
  env: Readonly<Record<string, string | undefined>>;
  /** Working directory, for `uma.json`. */
  cwd: string;
  platform: string;
  home: string;
  /** Columns of the terminal that either stream of output leads to, or undefined. */
  columns: number | undefined;
  /** All of standard input as UTF-8. */
  readStdin(): Promise<string>;
  out(text: string): void;
  /** Bytes as they are; ends when there is room for more. A stream of text does without. */
  outBytes?(bytes: Uint8Array): Promise<void>;
  err(text: string): void;
}
