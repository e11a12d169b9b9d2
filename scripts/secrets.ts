// Searches everything that the processes of a test run told people for every secret that went over the wire in it: passwords, client
// secrets, tickets, tokens, codes, cookies (test/ledger/record.cjs wrote both down). Short ones (`password`) are words and cannot be
// searched for; test/walkthrough/secrets.test.ts plays the walkthrough with long ones.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSecretName, type Mask, maskBody, maskHeader, maskText } from '../src/protocol/secrets.ts';

/** Characters that a secret has at least to be searched for. */
const SEARCHABLE = 16;

/** Where a secret is told on purpose, to the person whom it is for. */
const ON_PURPOSE: readonly { why: string; line: RegExp }[] = [
  {
    why: 'the address that the requesting party opens by hand has the ticket in it (UMA Grant 3.3.2)',
    // On a terminal, behind what was erased.
    line: /^(?:waiting for .*)?uma: to give claims, go to /,
  },
];

export interface Ledger {
  /** For the processes of the run. */
  env: Record<string, string>;
  /** A file for the reporter's output, which is searched too. */
  report: string;
  /** Prints what was found, and forgets the run. False when a secret stood where people read, or in a whole run none was seen. */
  check(whole: boolean): boolean;
}

export function openLedger(): Ledger {
  const directory = mkdtempSync(join(tmpdir(), 'uma-ledger-'));
  const recorder = fileURLToPath(new URL('../test/ledger/record.cjs', import.meta.url));
  return {
    env: {
      UMA_TEST_LEDGER: directory,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${recorder}`.trim(),
    },
    report: join(directory, 'told-reporter'),
    check(whole) {
      const files = readdirSync(directory);
      const read = (kind: string) =>
        files.filter((file) => file.startsWith(kind)).map((file) => readFileSync(join(directory, file), 'utf8'));
      const exchanges = read('wire-').flatMap((text) => text.split('\n').filter(Boolean));
      const published = new Set(exchanges.flatMap(publishedIn));
      const secrets = new Set(exchanges.flatMap(secretsOf).filter((secret) => !published.has(secret)));
      const told = read('told-');
      const found = told.flatMap((text) => standingIn(text, secrets));
      rmSync(directory, { recursive: true });
      const size = told.reduce((sum, text) => sum + text.length, 0);
      console.log(
        `secrets: ${secrets.size} searched for in ${told.length} outputs (${size} characters): ${found.length} found`,
      );
      for (const place of found.slice(0, 20)) console.log(`  ${place}`);
      // A whole run without a secret or an output means that the recorder is broken.
      return found.length === 0 && (!whole || (secrets.size > 0 && told.length > 1));
    },
  };
}

interface Exchange {
  url: string;
  headers: Record<string, string>;
  body: string;
  answer: { headers: Record<string, string>; body: string };
}

/** By the one list of the house: what traces and logs mask is what is searched for. */
export function secretsOf(line: string): string[] {
  const { url, headers, body, answer } = JSON.parse(line) as Exchange;
  const found = new Set<string>();
  const add = (value: string) => {
    // An address is none, wherever a test of bad input put one.
    for (const form of [value, decoded(value)])
      if (form.length >= SEARCHABLE && !/^https?:\/\//.test(form)) found.add(form);
  };
  const collect: Mask = (value, name) => {
    add(value);
    if (name === 'Basic') add(Buffer.from(value, 'base64').toString().split(':').slice(1).join(':'));
    // Each cookie by itself, and the parts of what is dressed as a form.
    if (isSecretName(name)) for (const part of value.split(/[&;]\s*/)) add(part);
    return '';
  };
  maskText(url, collect);
  for (const side of [headers, answer.headers])
    for (const [name, value] of Object.entries(side)) maskHeader(name.toLowerCase(), value, collect);
  maskBody(body, headers['content-type'] ?? '', collect);
  maskBody(answer.body, answer.headers['content-type'] ?? '', collect);
  return [...found];
}

/** What a server tells everybody in its documents is no secret, also where a test of bad input sent `authorization_code` as a token. */
export function publishedIn(line: string): string[] {
  const { url, answer } = JSON.parse(line) as Exchange;
  if (!url.includes('/.well-known/')) return [];
  return [...answer.body.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

/** Where any of the secrets stands in a text: the line without it, and the call that it belongs to. */
export function standingIn(text: string, secrets: ReadonlySet<string>): string[] {
  const byStart = new Map<string, string[]>();
  for (const secret of secrets) {
    const start = secret.slice(0, SEARCHABLE);
    const same = byStart.get(start);
    if (same === undefined) byStart.set(start, [secret]);
    else same.push(secret);
  }
  const found: string[] = [];
  for (let at = 0; at + SEARCHABLE <= text.length; at += 1) {
    const candidates = byStart.get(text.slice(at, at + SEARCHABLE));
    const secret = candidates?.find((candidate) => text.startsWith(candidate, at));
    if (secret === undefined) continue;
    const call = /\n\$ ([^\n]*)\n/.exec(text.slice(Math.max(0, text.lastIndexOf('\n$ ', at))))?.[1] ?? 'the reporter';
    const line = text.slice(
      text.lastIndexOf('\n', at) + 1,
      text.indexOf('\n', at) === -1 ? undefined : text.indexOf('\n', at),
    );
    at += secret.length;
    if (ON_PURPOSE.some((purpose) => purpose.line.test(line))) continue;
    found.push(`${line.replaceAll(secret, '[SECRET]').slice(0, 300)}   (${call.slice(0, 200)})`);
  }
  return [...new Set(found)];
}
