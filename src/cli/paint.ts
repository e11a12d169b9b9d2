/** Colour and masking for text that goes to a terminal. Meaning never hangs on colour alone. */

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  /** Text of a peer without control characters (decision 9). Lines stay lines only with `keepLines`. */
  clean(text: string, keepLines?: boolean): string;
  /** A token or ticket as it may be shown: its ends when this goes to a terminal, whole otherwise or with --show-secrets. */
  secret(token: string): string;
  /** Rows under a header, columns padded; no borders. Cells are cleaned. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): string;
}
