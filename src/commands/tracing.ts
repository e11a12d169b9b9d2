/** `--trace`, `UMA_TRACE`, `-v`, `--curl` and `--dry-run` of one run: the recorder around the HTTP port, and where its record goes. */
import { updateFile } from '../adapters/trace-file.ts';
import type { FlowTrace } from '../cli/context.ts';
import type { Io } from '../cli/io.ts';
import type { OutputOptions } from '../cli/output.ts';
import { clean } from '../cli/paint.ts';
import type { Settings } from '../cli/settings.ts';
import type { Actor } from '../protocol/actors.ts';
import type { Send } from '../protocol/http.ts';
import { curlLine } from '../trace/curl.ts';
import { Recorder } from '../trace/recorder.ts';
import { rehearse } from '../trace/rehearsal.ts';
import { rendererFor } from '../trace/renderers/index.ts';
import { exchangeBlock, exchangeLine } from '../trace/text.ts';
import { merge, readTrace } from '../trace/trace.ts';
import { assumedMetadata, type Rehearsed } from './dry-run.ts';
import { traceFile } from './trace-flags.ts';

export interface Tracing extends FlowTrace {
  listen(send: Send, from?: Actor): Send;
  /** Of a dry run: what would have been sent so far. */
  rehearsed: Rehearsed[] | undefined;
  /** Writes the trace, if one was asked for. @throws UmaError `unwritable_file`, `invalid_trace`. */
  finish(): Promise<void>;
}

export interface TracingOptions {
  flags: Readonly<Record<string, unknown>>;
  output: OutputOptions;
  io: Io;
  settings: Settings;
  /** `uma rpt` */
  title: string;
}

/** @throws UmaError `unknown_format` (usage) for a trace file whose ending names no format. */
export function makeTracing(options: TracingOptions): Tracing {
  const { flags, io, output, title } = options;
  const path = traceFile(flags, io.env);
  const renderer = path === undefined ? undefined : rendererFor(path);
  const rehearsed: Rehearsed[] | undefined = flags.dryRun === true ? [] : undefined;
  const tell = (text: string) => io.err(`${clean(text, true)}\n`);
  const detail = flags.verbose as number | undefined;
  const known = knownOf(options.settings);
  const recorder = new Recorder({
    title,
    known,
    keep: path !== undefined,
    now: () => performance.timeOrigin + performance.now(),
    onRequest(request, arrow) {
      if (flags.curl === true && rehearsed === undefined) tell(curlLine(request, arrow));
    },
    onExchange(seen) {
      if (detail === undefined || rehearsed !== undefined) return;
      tell(detail > 1 ? exchangeBlock(seen, output.showSecrets) : exchangeLine(seen.masked));
    },
  });
  const stage =
    rehearsed === undefined
      ? undefined
      : rehearse(
          (request) => recorder.flow.arrow(request),
          assumedMetadata(known.issuer, options.settings),
          (request, arrow) => void rehearsed.push({ request, arrow, curl: curlLine(request, arrow) }),
        );
  return {
    rehearsed,
    section: (name, why) => recorder.section(name, why),
    deed: (from, to, label, what) => recorder.deed(from, to, label, what),
    listen: (send, from) => recorder.listen(stage ?? send, from),
    async finish() {
      if (path === undefined || renderer === undefined || rehearsed !== undefined) return;
      const trace = recorder.trace();
      if (trace.entries.length === 0) {
        if (flags.trace !== undefined) tell(`uma: warning: there was no exchange to record: ${path} is not written`);
        return;
      }
      await updateFile(path, (before) => {
        // Only a trace that can be read back is added to.
        const earlier = before === undefined || !renderer.appends ? undefined : readTrace(before, path);
        return renderer.render(merge(earlier, trace));
      });
    },
  };
}

function knownOf(settings: Settings): Record<string, string | undefined> {
  try {
    return { issuer: settings.issuer().value, ...settings.endpoints() };
  } catch {
    // Without an issuer the command says so itself, if it needs one.
    return { ...settings.endpoints() };
  }
}
