/** JSON as a strict server reads it: a member named twice is an error (FED-3.2-10, Q20), which `JSON.parse` hides. */

/**
 * `JSON.parse` that refuses a repeated member name at any depth.
 * @throws SyntaxError with the member's name, or as `JSON.parse` does.
 */
export function parseUniqueJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Only objects can repeat a name, and the grammar is known to hold: a scan of the strings before colons is enough.
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x22 /* " */) {
      const start = at;
      for (at += 1; text.charCodeAt(at) !== 0x22; at += 1) if (text.charCodeAt(at) === 0x5c /* \ */) at += 1;
      const names = open.at(-1);
      if (names === undefined || !isMemberName(text, at + 1)) continue;
      const written = text.slice(start + 1, at);
      const name = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written;
      if (names.has(name)) throw new SyntaxError(`the member "${name}" appears more than once`);
      names.add(name);
    } else if (character === 0x7b /* { */) open.push(new Set());
    else if (character === 0x5b /* [ */) open.push(undefined);
    else if (character === 0x7d /* } */ || character === 0x5d /* ] */) open.pop();
  }
  return value;
}

function isMemberName(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === 0x3a; /* : */
}
