/** `uma serve check`: what `uma serve` with the same flags would stumble over, all at once, without starting it. */
import type { Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { EXIT } from '../cli/exit-codes.ts';
import type { UmaError } from '../protocol/errors.ts';
import { attempts, checkServer } from '../server/check.ts';
import { InvalidConfig, written } from '../server/config/faults.ts';
import { checkLineFile } from '../server/operation/audit-file.ts';
import { checkShared, plainOptions, readConfig, readImport, type ServeOptions } from './serve-start.ts';
import { storePlace } from './serve-store.ts';

/** A fault as it is printed. */
interface Told {
  code: string;
  /** Of the member, in a configuration file. */
  path?: string;
  message: string;
  hint?: string;
}

/** @throws UmaError of category `usage`, as `uma serve`. */
export async function checkServe(options: ServeOptions, context: Context): Promise<Result> {
  const given = plainOptions(options);
  const errors: UmaError[] = [];
  const attempt = attempts(errors);
  const place = await attempt(() => storePlace(options, context));
  if ((options.workers ?? 1) > 1 && place !== undefined) await checkShared(options, context);
  const config = await attempt(() => readConfig(options));
  const imported = await attempt(() => readImport(options));
  const unread =
    (options.config !== undefined && config === undefined) || (options.import !== undefined && imported === undefined);
  const { auditLog } = options;
  if (auditLog !== undefined && auditLog !== '-') await attempt(() => checkLineFile(auditLog));
  const now = Math.floor(context.clock.now());
  const { issuer, notes, store, faults } = await checkServer({ ...given, config, imported, place, unread, now });
  const told = [...errors, ...faults].flatMap((error) => toldOf(error, options));
  const not_taken_over = [...notes];
  const named = not_taken_over.map((note) => `not taken over from ${options.import}: ${note}`);
  const listed = told.map(({ message, hint }) => `${message}${hint === undefined ? '' : `\n  Try: ${hint}`}`);
  return {
    value: { ok: told.length === 0, issuer, store, not_taken_over, faults: told },
    view: (paint) =>
      [
        ...named,
        ...(told.length === 0 ? [`uma serve would start as ${issuer}`] : listed.map((line) => paint.clean(line, true))),
      ].join('\n'),
    ...(told.length === 0 ? {} : { exitCode: EXIT.config }),
  };
}

function toldOf(error: UmaError, { config }: ServeOptions): Told[] {
  if (!(error instanceof InvalidConfig)) return [plain(error)];
  return error.faults.map((fault) => ({
    ...(fault.path === '' ? {} : { path: fault.path }),
    ...(fault.error === undefined
      ? { code: 'invalid_config', message: `${config}${fault.path === '' ? ' ' : ': '}${written(fault)}` }
      : plain(fault.error)),
  }));
}

const plain = ({ code, message, hint }: UmaError): Told => ({ code, message, ...(hint === undefined ? {} : { hint }) });
