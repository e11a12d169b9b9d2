/** Seeded chance, and what it does to bytes. The same seed gives the same inputs. */

export interface Chance {
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32 (public domain): small, and good enough to pick inputs. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const below = (count: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
  return { below, pick: (from) => from[below(from.length)]! };
}

/** What parsers stumble over. */
const PIECES: readonly Buffer[] = [
  ...[
    '',
    '\0',
    '\r\n',
    '\n',
    '"',
    '\\',
    '\\u0000',
    '\\ud800',
    '{',
    '[',
    '}',
    ']',
    ',',
    ':',
    ';',
    '=',
    '&',
    '%',
    '%00',
    '%zz',
    '%c0%af',
  ],
  ...[
    '+',
    '.',
    '..',
    '/',
    '//',
    '/../',
    '?',
    '#',
    '@',
    ' ',
    '\t',
    '-1',
    '1e999',
    '99999999999999999999',
    'null',
    'true',
    '[]',
    '{}',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'UMA ',
    'Bearer ',
    'Basic ',
    'DPoP ',
    'ticket=',
    'eyJ',
    'é',
    '\u2028',
    '😀',
    "'; DROP TABLE x;--",
  ],
  ...['<script>', '{"a":1,"a":2}', 'a'.repeat(1000), '['.repeat(500), '{"a":'.repeat(300), '%41'.repeat(300)],
].map((text) => Buffer.from(text));
const RAW: readonly Buffer[] = [
  Buffer.from([0xff]),
  Buffer.from([0xc3, 0x28]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0x7f]),
];

/** One to four changes: bits, bytes, pieces, parts left out, doubled or moved. */
export function mutated(input: Uint8Array, chance: Chance): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let changes = 1 + chance.below(4); changes > 0; changes -= 1) bytes = changed(bytes, chance);
  return bytes;
}

function changed(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + chance.below(16));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (chance.below(8)) {
    case 0: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = copy[at]! ^ (1 << chance.below(8));
      return copy;
    }
    case 1:
      return Buffer.concat([before, Buffer.from([chance.below(256)]), after]);
    case 2:
      return Buffer.concat([before, after]);
    case 3:
      return Buffer.concat([before, part, part, after]);
    case 4:
      return Buffer.concat([after, part, before]);
    case 5:
      return Buffer.concat([before, chance.pick(RAW), part, after]);
    default:
      return Buffer.concat([before, chance.pick(PIECES), part, after]);
  }
}
