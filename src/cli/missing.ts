/** The error for data that nobody gave: how to give it, in every way there is. */
import { UmaError } from '../protocol/errors.ts';

export interface Missing {
  /** `a permission ticket` */
  what: string;
  /** `--ticket T`, or `--token-file F` */
  flag: string;
  variable?: string;
  /** A pipe that feeds it: `uma ticket --resource photo --scope view | uma rpt`. */
  pipe?: string;
}

/** UmaError `missing_input` (usage, exit 2). */
export function missing({ what, flag, variable, pipe }: Missing): UmaError {
  const ways = [
    flag,
    ...(variable === undefined ? [] : [variable]),
    ...(pipe === undefined ? [] : [`a pipe: ${pipe}`]),
  ];
  return new UmaError('usage', 'missing_input', `${what} is needed`, { hint: `give it by ${ways.join(', or ')}` });
}
