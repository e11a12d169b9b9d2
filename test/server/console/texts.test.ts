// What pages say stands in texts.ts: a page that holds words of its own would be missed by whoever changes or translates them.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { TEXTS } from '../../../src/server/console/texts.ts';

const PAGES = globSync('src/server/{console,oauth,layouts/*}/*.ts').filter((file) => !file.endsWith('/texts.ts'));

/** The text of every `html` template of a file, `0` for each part that is put in. */
function templatesIn(code: string): string[] {
  const found: string[] = [];
  /** From behind a backquote to behind its end. */
  const template = (start: number, tagged: boolean): number => {
    let text = '';
    for (let at = start; at < code.length; at += 1) {
      if (code[at] === '`') {
        if (tagged) found.push(text);
        return at + 1;
      }
      if (code.startsWith('${', at)) {
        text += '0';
        at = expression(at + 2, '}') - 1;
      } else text += code[at];
    }
    return code.length;
  };
  /** To behind the `end` that closes it. Strings and comments may hold no lone backquote or brace. */
  const expression = (start: number, end: string): number => {
    let depth = 0;
    let at = start;
    while (at < code.length) {
      if (code[at] === '`') at = template(at + 1, code.slice(at - 4, at) === 'html');
      else {
        if (code[at] === end && depth === 0) return at + 1;
        if (code[at] === '{') depth += 1;
        if (code[at] === '}') depth -= 1;
        at += 1;
      }
    }
    return at;
  };
  expression(0, '');
  return found;
}

/** Words between tags, and in attributes that people read. */
function wordsIn(file: string): string[] {
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/ .*/g, '');
  return templatesIn(code)
    .flatMap((text) => [
      text.replace(/<[^>]*>|[\w-]+="[^"]*"/g, ' '),
      ...[...text.matchAll(/ (?:aria-label|title|alt|placeholder)="([^"]*)"/g)].map(([, value]) => value!),
    ])
    .filter((text) => /\p{L}/u.test(text));
}

/** `requests.said.allowed` and so on, of objects only. */
function leaves(value: object, path: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'object' && inner !== null && !('markup' in inner)
      ? leaves(inner, [...path, name])
      : [[...path, name]],
  );
}

describe('texts of the pages', () => {
  it('stand in texts.ts and nowhere else', () => {
    const strays = PAGES.flatMap((file) => wordsIn(file).map((words) => `${file}: ${words.trim()}`));
    assert.deepEqual(strays, []);
    const nested = ['`a`; html`<b>$', '{{ c: html`d$', '{`e`}` }}</b>f`'].join('');
    assert.deepEqual(templatesIn(nested), ['d0', '<b>0</b>f']);
  });

  it('are all said somewhere', () => {
    const code = PAGES.map((file) => readFileSync(file, 'utf8')).join('\n');
    const words = new Set(code.match(/[A-Za-z_][\w]*/g));
    // Members that a value chooses are read as a whole.
    const chosen = /^(nav|duration|consent\.scopes|shared\.via|requests\.(status|none))\./;
    const dead = leaves(TEXTS).filter((path) => !chosen.test(path.join('.')) && !words.has(path.at(-1)!));
    assert.deepEqual(dead, []);
  });
});
