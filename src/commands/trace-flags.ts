/** Whether a call asks for any kind of tracing, and into which file: known before the rest of it is loaded. */

/** The file to write, by flag or environment. */
export function traceFile(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return (flags.trace as string | undefined) ?? (env.UMA_TRACE || undefined);
}

export function asksForTracing(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return (
    traceFile(flags, env) !== undefined || flags.verbose !== undefined || flags.curl === true || flags.dryRun === true
  );
}
