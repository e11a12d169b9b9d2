/** Names that people take for each other: `bob`, `b0b` and one with a Cyrillic o (UTS 39 4, confusable detection). */
import type { Person } from '../config/parts.ts';

/** What the eye sees of a name: two forms, because letters that differ in upper case may be one in lower case, and the other way round. */
function skeletons(name: string, unhomoglyph: (text: string) => string): string[] {
  // What is never shown tells nobody apart.
  const plain = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return [plain, plain.toLowerCase()].map((form) =>
    unhomoglyph(unhomoglyph(form.normalize('NFD')).normalize('NFD').toLowerCase()).toLowerCase(),
  );
}

const indexes = new WeakMap<readonly Person[], Map<string, Person[]>>();

function indexOf(people: readonly Person[], skeletonsOf: (name: string) => string[]): Map<string, Person[]> {
  const found = indexes.get(people);
  if (found !== undefined) return found;
  const index = new Map<string, Person[]>();
  for (const person of people) {
    for (const skeleton of new Set(skeletonsOf(person.username))) {
      const same = index.get(skeleton);
      if (same === undefined) index.set(skeleton, [person]);
      else same.push(person);
    }
  }
  indexes.set(people, index);
  return index;
}

/** Those of `people` whose user name looks like this one and is another. */
export async function lookAlikes(username: string, people: readonly Person[]): Promise<Person[]> {
  // A table of 6,000 letters: a server that nobody asks does not load it.
  const { default: unhomoglyph } = await import('unhomoglyph');
  const skeletonsOf = (name: string) => skeletons(name, unhomoglyph);
  const index = indexOf(people, skeletonsOf);
  const found = skeletonsOf(username).flatMap((skeleton) => index.get(skeleton) ?? []);
  return [...new Set(found)].filter((person) => person.username !== username);
}
