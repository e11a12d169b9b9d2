import { defineCommand, type Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { demoStepExit, EXIT } from '../cli/exit-codes.ts';
import { makePaint, type Paint, wantsColor } from '../cli/paint.ts';
import { UmaError } from '../protocol/errors.ts';
import { Narrator } from './demo/narrator.ts';
import { type Cast, makePlay, type Step } from './demo/play.ts';
import { type DemoReport, junit, type StepReport } from './demo/report.ts';
import { STORIES, type Story } from './demo/stories.ts';

interface Options {
  issuer?: string;
  profile?: string;
  story?: Story['name'];
  report?: 'junit';
  quiet?: boolean;
  color?: 'auto' | 'always' | 'never';
}

export const command = defineCommand<Options>({
  description:
    'Plays the whole UMA 2.0 flow with real requests and shows each of them: on a server of its own, or, as a smoke check, with --issuer or --profile on yours. Everything that it registers is removed again.',
  groups: ['as', 'owner', 'party', 'rs', 'client'],
  flags: [
    { flags: '--story <name>', description: 'which story to play', choices: Object.keys(STORIES) },
    { flags: '--report <format>', description: 'standard output as a report for CI', choices: ['junit'] },
  ],
  examples: [
    { comment: 'Alice shares a photo with Bob, on a server of its own', line: 'uma demo' },
    { comment: 'the story with the album a4', line: 'uma demo --story photoz' },
    { comment: 'a smoke check of a running server', line: 'uma demo --issuer http://127.0.0.1:9400 --report junit' },
  ],
  fields: ['story', 'issuer', 'ok', 'failed', 'steps'],
  spec: 'UMA Grant 1.1',
  dryRun: false,
  // Ctrl-C has to remove what was registered, so the command ends by itself.
  stopsItself: true,
  async run(options, context) {
    const story = STORIES[options.story ?? 'alice-bob'];
    const stderrPaint = await makePaint({
      color: wantsColor(options.color ?? 'auto', context.io, context.io.stderrIsTty),
      masked: true,
    });
    // Painted, so not a note: those lose every control character. The narrator cleans what peers said.
    const tell = (line: string) => {
      if (!options.quiet) context.io.err(`${line}\n`);
    };
    const stage = await openStage(options, story, context);
    const columns = context.io.stderrIsTty ? context.io.columns : undefined;
    const narrator = new Narrator(stderrPaint, tell, stage.cast.issuer, columns);
    try {
      tell(`${stderrPaint.bold(story.title)}  ${stderrPaint.dim(`(AS ${stage.cast.issuer})`)}`);
      const play = makePlay(story, stage.cast, narrator, context);
      const report = await perform(
        play.steps,
        narrator,
        { story: story.name, issuer: stage.cast.issuer },
        context,
      ).finally(() => {
        context.trace.section('Everything is removed again');
        return play.cleanUp();
      });
      // With --quiet nothing was told so far, and a log needs the reason however little of the result is printed.
      if (options.quiet) tellFailure(report, context);
      return resultOf(report, play.steps, options);
    } finally {
      await stage.close();
    }
  },
});

/** Plays until the first step that fails. @throws UmaError `interrupted`. */
async function perform(
  steps: readonly Step[],
  narrator: Narrator,
  { story, issuer }: { story: string; issuer: string },
  context: Context,
): Promise<DemoReport> {
  const done: StepReport[] = [];
  for (const [index, { id, title, why, run }] of steps.entries()) {
    if (context.signal.aborted) throw new UmaError('interrupted', 'interrupted', 'interrupted');
    narrator.step(index + 1, title, why);
    context.trace.section(`${index + 1}. ${title}`, why);
    const first = narrator.told.length;
    const differed = narrator.differences.length;
    const began = performance.now();
    const error = await run().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const step = {
      step: id,
      title,
      seconds: (performance.now() - began) / 1000,
      exchanges: narrator.told.slice(first),
      ...(narrator.differences.length === differed ? {} : { differs: narrator.differences.slice(differed) }),
    };
    if (error === undefined) {
      done.push({ ...step, ok: true });
      continue;
    }
    if (!(error instanceof UmaError) || error.category === 'interrupted') throw error;
    narrator.failed(error.message);
    if (error.hint !== undefined) context.note(`   Try: ${error.hint}`);
    const { code, message, hint } = error;
    done.push({ ...step, ok: false, error: { code, message, ...(hint === undefined ? {} : { hint }) } });
    return { story, issuer, ok: false, failed: id, steps: done };
  }
  return { story, issuer, ok: true, steps: done };
}

function tellFailure({ steps }: DemoReport, { warn }: Context): void {
  const { step, error } = steps.at(-1) ?? {};
  if (error === undefined) return;
  const { message, hint } = error;
  warn(`step ${steps.length} (${step}): ${message}${hint === undefined ? '' : `\nTry: ${hint}`}`);
}

function resultOf(report: DemoReport, steps: readonly Step[], { report: format }: Options): Result {
  const failedAt = report.steps.length;
  const result: Result = {
    value: report,
    exitCode: report.ok ? EXIT.done : demoStepExit(failedAt),
    view: (paint: Paint) => {
      const exchanges = report.steps.reduce((count, step) => count + step.exchanges.length, 0);
      const differs = report.steps.reduce((count, step) => count + (step.differs?.length ?? 0), 0);
      const as =
        differs === 0
          ? 'every answer as it should be'
          : `${differs} known ${differs === 1 ? 'deviation' : 'deviations'}`;
      return report.ok
        ? `${paint.green('✓')} ${report.steps.length} steps, ${exchanges} exchanges, ${as}`
        : `${paint.red('✗')} step ${failedAt} (${report.failed}) failed: exit code ${demoStepExit(failedAt)}`;
    },
  };
  return format === 'junit' ? { ...result, text: junit(report, steps) } : result;
}

interface Stage {
  cast: Cast;
  close(): Promise<void>;
}

/** The server named by flag or profile, with the roles that the settings give; else one of our own, with the story's people. */
async function openStage(options: Options, story: Story, { settings, io }: Context): Promise<Stage> {
  const named = options.issuer ?? options.profile ?? io.env.UMA_ISSUER ?? io.env.UMA_PROFILE;
  if (named !== undefined && named !== '') {
    const cast: Cast = {
      issuer: settings.issuer().value,
      endpoints: settings.endpoints(),
      dialect: settings.dialect().value,
      owner: settings.owner(),
      party: settings.party(),
      rs: await settings.rsClient(),
      client: await settings.client(),
      app: () => settings.app(),
      builtIn: false,
    };
    return { cast, close: async () => {} };
  }
  const { startServer } = await import('../server/start.ts');
  const { walkthroughConfig } = await import('../server/config/walkthrough.ts');
  const config = walkthroughConfig();
  // The story's clients are the walkthrough's under the story's names.
  config.clients = config.clients.map((client) => {
    if (client.client_id === 'UMA-Resource-Server')
      return { ...client, client_id: story.rs.id, client_secret: story.rs.secret };
    if (client.client_id === 'UmaClient')
      return { ...client, client_id: story.client.id, client_secret: story.client.secret };
    return client;
  });
  const server = await startServer({ host: '127.0.0.1', port: 0, config });
  const person = (name: string) => ({ name, password: async () => 'password' });
  const confidential = ({ id, secret }: { id: string; secret: string }) => ({
    id,
    secret,
    method: 'client_secret_basic' as const,
  });
  const cast: Cast = {
    issuer: server.issuer,
    endpoints: {},
    dialect: 'standard',
    owner: person(story.owner),
    party: person(story.party),
    rs: confidential(story.rs),
    client: confidential(story.client),
    app: () => ({ id: 'uma-cli', method: 'none' }),
    builtIn: true,
  };
  return { cast, close: () => server.close() };
}
