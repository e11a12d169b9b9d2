/** `5m`, `30s`, `500ms`, `1h`, `120` (seconds): durations as flags take them. */
import { UmaError } from '../protocol/errors.ts';

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds. @throws UmaError `invalid_duration` (usage). */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  if (match === null) {
    throw new UmaError('usage', 'invalid_duration', `"${text}" is not a duration`, {
      hint: 'write a number with a unit, for instance 30s, 5m or 1h',
    });
  }
  return Number(match[1]) * UNITS[match[2] ?? 's']!;
}
