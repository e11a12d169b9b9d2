/** The answers that AM's public documents print, by name. */
import { readFileSync } from 'node:fs';

export interface Example {
  source: string;
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
  body: any;
}

const file = new URL('forgerock-examples.json', import.meta.url);
const { examples } = JSON.parse(readFileSync(file, 'utf8')) as { examples: Record<string, Example> };

export const EXAMPLE_NAMES = Object.keys(examples);

export function example(name: string): Example {
  const found = examples[name];
  if (found === undefined) throw new Error(`no example ${name}`);
  return found;
}

/** Members and types: an object's names in order of the alphabet, an array's as the union of its items', a text as `string`. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))].sort();
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, shapeOf((value as Record<string, unknown>)[name])]),
  );
}
