/** Standard input of a command in a pipe: what the command before it, or curl, wrote. */

export interface PipedInput {
  /** In what form it came. */
  form: 'object' | 'token' | 'challenge' | 'response';
  /**
   * Members with the wire's names. A challenge gives `ticket`, `as_uri`, `realm`; a bare token stands under `token`;
   * a whole response gives its UMA challenge, or else its JSON body. An array (`uma request list`) stands under `items`.
   */
  members: Readonly<Record<string, unknown>>;
  /** The string member, or undefined; for a bare token every name that is asked for gives the token. */
  text(name: string): string | undefined;
}
