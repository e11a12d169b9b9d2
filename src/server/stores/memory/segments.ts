/**
 * Records as bytes, hundreds in one piece of memory: an RPT takes 96 bytes where it took 700 as an object with its index entries,
 * and the collector has nothing to look through. What records have alike is a text that a segment keeps once for all of them.
 *
 * A record is, in words of 4 bytes: its size in units of 8; its text and flags; its end; for each list it is in, hash, next and previous
 * place, but no previous one for the first list: it is by key, and short. Then its own strings, each after its form and length.
 */

/** Where a record is; 0 is nowhere. */
export type Place = number;

const UNIT = 8;
/** Units of a segment, as bits of a place: 64 KiB. A record that does not fit has a segment of its own. */
const BITS = 13;
const UNITS = 1 << BITS;
const [SIZE, STATE, END, LISTS] = [0, 1, 2, 3];
const LINK = 3;
/** End of what has none. */
const NEVER = 0xffffffff;
const [USED, DEAD, READ, TEXT] = [1, 2, 4, 3];
/** Texts among which one is looked for when no record is added any more. */
const FEW = 64;

interface Segment {
  words: Uint32Array;
  bytes: Buffer;
  /** Units taken from its start, and those of them that hold records. */
  taken: number;
  live: number;
  /** No record of it ends before. */
  earliest: number;
  texts: string[];
  /** Where each text is, for as long as records are added. */
  known: Map<string, number> | undefined;
}

export class Segments {
  /** Words before the strings. */
  readonly #head: number;
  /** Empty ones are gone, and their number is used again. */
  readonly #segments: (Segment | undefined)[] = [undefined];
  readonly #numbers: number[] = [];
  /** The one that records are added to. */
  #open = 0;

  /** @param lists how many a record is in. */
  constructor(lists: number) {
    this.#head = LISTS + lists * LINK - 1;
  }

  /** @param end in whole seconds since the epoch, or Infinity. */
  add(own: readonly string[], end: number, text: string): Place {
    const strings = written(own);
    const place = this.#room(Math.ceil((this.#head * 4 + strings) / UNIT), end);
    const segment = this.#of(place);
    const at = word(place);
    segment.words[at + STATE] = textIn(segment, text) << TEXT;
    segment.words[at + END] = Number.isFinite(end) ? end : NEVER;
    scratch.copy(segment.bytes, (at + this.#head) * 4, 0, strings);
    return place;
  }

  remove(place: Place): void {
    const segment = this.#of(place);
    segment.words[word(place) + STATE]! |= DEAD;
    segment.live -= segment.words[word(place) + SIZE]!;
    if (segment.live > 0) return;
    const number = place >>> BITS;
    if (number === this.#open) this.#open = 0;
    this.#segments[number] = undefined;
    this.#numbers.push(number);
  }

  /** The string of this number. */
  own(place: Place, number: number): string {
    const { bytes } = this.#of(place);
    let byte = (word(place) + this.#head) * 4;
    for (let before = number; ; before -= 1) {
      const form = bytes[byte]! & HANDLE;
      let length = bytes[byte]! >> 1;
      byte += 1;
      if (length === LONG) {
        length = bytes.readUInt32LE(byte);
        byte += 4;
      }
      if (before === 0) return bytes.toString(form === HANDLE ? 'base64url' : 'utf8', byte, byte + length);
      byte += length;
    }
  }

  text(place: Place): string {
    const { words, texts } = this.#of(place);
    return texts[words[word(place) + STATE]! >>> TEXT]!;
  }

  /** Gives a record another text; what it had of its own stays. */
  rewrite(place: Place, text: string): void {
    if (text === this.text(place)) return;
    const segment = this.#of(place);
    const { words } = segment;
    words[word(place) + STATE] = (textIn(segment, text) << TEXT) | (words[word(place) + STATE]! & USED);
  }

  end(place: Place): number {
    const end = this.#of(place).words[word(place) + END]!;
    return end === NEVER ? Number.POSITIVE_INFINITY : end;
  }

  isUsed(place: Place): boolean {
    return (this.#of(place).words[word(place) + STATE]! & USED) !== 0;
  }

  use(place: Place): void {
    this.#of(place).words[word(place) + STATE]! |= USED;
  }

  /** Notes that it was read; whether it had been before. */
  wasRead(place: Place): boolean {
    const { words } = this.#of(place);
    const state = words[word(place) + STATE]!;
    words[word(place) + STATE] = state | READ;
    return (state & READ) !== 0;
  }

  /** Hash, next and, but for list 0, previous place in a list: `field` 0, 1, 2. */
  link(place: Place, list: number, field: number): number {
    return this.#of(place).words[word(place) + linkAt(list) + field]!;
  }

  setLink(place: Place, list: number, field: number, value: number): void {
    this.#of(place).words[word(place) + linkAt(list) + field] = value;
  }

  /** Numbers of the segments there are; `endedAt`: only those in which something may have ended. */
  *numbers(endedAt = Number.POSITIVE_INFINITY): Generator<number> {
    for (let number = 1; number < this.#segments.length; number += 1)
      if ((this.#segments[number]?.earliest ?? Number.POSITIVE_INFINITY) <= endedAt) yield number;
  }

  /** The records of a segment, in the order in which they were added. Each may be removed when its turn has come. */
  *places(number: number): Generator<Place> {
    const segment = this.#segments[number];
    if (segment === undefined) return;
    const { words, taken } = segment;
    for (let unit = 0; unit < taken; ) {
      const place = number * UNITS + unit;
      unit += words[word(place) + SIZE]!;
      if ((words[word(place) + STATE]! & DEAD) === 0) yield place;
    }
  }

  /** After a look at all its records: nothing in the segment ends before. */
  endsFrom(number: number, earliest: number): void {
    const segment = this.#segments[number];
    if (segment !== undefined) segment.earliest = earliest;
  }

  /** Whether more of a segment that is not added to is holes than records. */
  isSparse(number: number): boolean {
    const segment = this.#segments[number];
    return segment !== undefined && number !== this.#open && segment.live * 2 < segment.taken;
  }

  /** Puts a record elsewhere, with its links; those that link to it are the caller's, and so is removing it here. */
  copy(place: Place): Place {
    const from = this.#of(place);
    const size = from.words[word(place) + SIZE]!;
    const to = this.#room(size, this.end(place));
    const segment = this.#of(to);
    segment.words.set(from.words.subarray(word(place), word(place) + size * 2), word(to));
    const state = from.words[word(place) + STATE]!;
    segment.words[word(to) + STATE] = (textIn(segment, this.text(place)) << TEXT) | (state & USED);
    return to;
  }

  #of(place: Place): Segment {
    return this.#segments[place >>> BITS]!;
  }

  #room(size: number, end: number): Place {
    let segment = this.#segments[this.#open];
    if (segment === undefined || segment.taken + size > UNITS) {
      if (segment !== undefined) segment.known = undefined;
      segment = emptySegment(Math.max(size, UNITS));
      this.#open = this.#numbers.pop() ?? this.#segments.length;
      this.#segments[this.#open] = segment;
    }
    const place = this.#open * UNITS + segment.taken;
    segment.words[word(place) + SIZE] = size;
    segment.taken += size;
    segment.live += size;
    segment.earliest = Math.min(segment.earliest, end);
    return place;
  }
}

const linkAt = (list: number): number => (list === 0 ? LISTS : LISTS + list * LINK - 1);

/** Of a record in its segment. */
const word = (place: Place): number => (place & (UNITS - 1)) * 2;

/** In the first byte of a string: kept as the bytes that it is base64url of. The other bits are its length; if {@link LONG}, that stands in the next four bytes. */
const HANDLE = 1;
const LONG = 127;
/** Lengths of base64url that most strings have: of 128 random bits, and of a SHA-256. */
const HANDLES = new Set([22, 43]);
let scratch = Buffer.alloc(1024);

/** Writes strings to the start of `scratch`; the count of bytes. */
function written(strings: readonly string[]): number {
  let byte = 0;
  for (const string of strings) {
    const most = byte + 5 + string.length * 3;
    if (most > scratch.length) scratch = Buffer.concat([scratch], most * 2);
    if (HANDLES.has(string.length)) {
      const length = scratch.write(string, byte + 1, 'base64url');
      if (scratch.toString('base64url', byte + 1, byte + 1 + length) === string) {
        scratch[byte] = (length << 1) | HANDLE;
        byte += 1 + length;
        continue;
      }
    }
    const length = Buffer.byteLength(string);
    scratch[byte] = Math.min(length, LONG) << 1;
    byte += 1;
    if (length >= LONG) byte = scratch.writeUInt32LE(length, byte);
    byte += scratch.write(string, byte);
  }
  return byte;
}

function textIn(segment: Segment, text: string): number {
  const { texts, known } = segment;
  const index = known === undefined && texts.length <= FEW ? texts.lastIndexOf(text) : (known?.get(text) ?? -1);
  if (index >= 0) return index;
  known?.set(text, texts.length);
  return texts.push(text) - 1;
}

function emptySegment(units: number): Segment {
  const memory = new ArrayBuffer(units * UNIT);
  const [words, bytes] = [new Uint32Array(memory), Buffer.from(memory)];
  const [earliest, texts, known] = [Number.POSITIVE_INFINITY, [], new Map<string, number>()];
  return { words, bytes, taken: 0, live: 0, earliest, texts, known };
}
