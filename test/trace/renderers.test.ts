import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { UmaError } from '../../src/protocol/errors.ts';
import { bearer, formPost, jsonRequest } from '../../src/protocol/http.ts';
import { UMA_TICKET_GRANT } from '../../src/protocol/outcome.ts';
import { RENDERERS, rendererFor } from '../../src/trace/renderers/index.ts';
import { merge, readTrace, type Trace } from '../../src/trace/trace.ts';
import { AS, answer, RS, recorded } from './exchange.ts';

const EVIL = '</title><script>alert(1)</script><img src=x onerror=alert(1)>"\'&\u202e\u0007';

async function flow(): Promise<Trace> {
  const { trace } = await recorded([
    [
      { method: 'GET', url: RS, headers: {} },
      answer(401, '', { 'www-authenticate': `UMA as_uri="${AS}", ticket="t1"` }),
    ],
    [
      jsonRequest('POST', `${AS}/permission`, { resource_id: 'r', resource_scopes: ['s'] }),
      answer(201, { ticket: 't1' }),
    ],
    [
      formPost(`${AS}/token`, { grant_type: UMA_TICKET_GRANT, ticket: 't1' }),
      answer(403, { error: 'request_submitted' }),
    ],
    [
      { method: 'GET', url: `${RS}?a=b`, headers: bearer('r') },
      answer(200, 'the photo', { 'content-type': 'text/plain', 'set-cookie': 'a=b; Path=/\nc=d' }),
    ],
    [jsonRequest('GET', `${AS}/owner/requests`), new UmaError('network', 'timeout', `no answer: ${EVIL}`)],
  ]);
  return trace;
}

const render = async (name: string, trace?: Trace) => rendererFor(`x.${name}`).render(trace ?? (await flow()));

test('the format is the ending of the file; another one is a usage error that names them all', () => {
  assert.equal(rendererFor('/tmp/Flow.HTML').name, 'html');
  assert.throws(
    () => rendererFor('flow.txt'),
    (error: UmaError) => {
      assert.deepEqual([error.code, error.category], ['unknown_format', 'usage']);
      for (const { name } of RENDERERS) assert.match(error.hint ?? '', new RegExp(`\\.${name}\\b`));
      return true;
    },
  );
});

test('html: what peers say is text, wherever it stands; nothing is loaded, no script', async () => {
  const { trace } = await recorded(
    [
      [
        {
          method: 'POST',
          url: `${AS}/${encodeURIComponent(EVIL)}?q=${EVIL}`,
          headers: { [EVIL]: EVIL, 'content-type': EVIL },
          body: EVIL,
        },
        answer(200, EVIL, { [EVIL]: EVIL, location: 'javascript:alert(1)' }),
      ],
      [jsonRequest('GET', `${AS}/x`), new UmaError('peer', EVIL, EVIL)],
    ],
    EVIL,
  );
  const page = await render('html', trace);
  assert.doesNotMatch(page, /<script|<img|onerror=(?!alert\(1\)&gt;)/i);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the point of the test
  assert.doesNotMatch(page, /[\u0000-\u0008\u000b-\u001f\u202e]/);
  const tags = [...page.matchAll(/<([a-z0-9]+)([^>]*)>/gi)];
  const known =
    'html head meta title style body header h1 b p main div svg g rect text line defs marker path circle a aside section h2 h3 dl dt dd span article nav table tbody tr td pre details summary'.split(
      ' ',
    );
  for (const [, name = ''] of tags) assert.ok(known.includes(name.toLowerCase()), name);
  for (const [, , attributes = ''] of tags) {
    assert.doesNotMatch(attributes.replace(/"[^"]*"/g, ''), /\son\w+|\ssrc|\sstyle/i);
    const href = /\shref="([^"]*)"/.exec(attributes)?.[1];
    if (href !== undefined) assert.match(href, /^#(x\d+)?$/);
  }
  assert.doesNotMatch(page.replace(/<style>[\s\S]*?<\/style>/, ''), /url\(https?/);
  assert.match(page, /default-src 'none'/);
});

test('html: each arrow leads to its exchange, in the order of time, with its label', async () => {
  const page = await render('html');
  const ids = [...page.matchAll(/<article id="(x\d+)"/g)].map(([, id]) => id);
  assert.deepEqual(ids, ['x1', 'x2', 'x3', 'x4', 'x5']);
  for (const id of ids) assert.equal(page.split(`<a href="#${id}" class="exchange`).length - 1, 2);
  const labels = [...page.matchAll(/<g class="badge">.*?<text[^>]*>(\d+)</g)];
  assert.deepEqual(
    labels.map(([, label]) => label),
    ['2', '4', '3', '6', '7', '9', '11'],
  );
});

test('an answer stands after what was asked meanwhile: 2, 3, 4', async () => {
  const trace = await flow();
  const [ask, ticket] = trace.entries;
  assert.ok(ask?.kind === 'exchange' && ticket?.kind === 'exchange');
  ask.time = 5000;
  ticket.begun = ask.begun + 1;
  const picture = await render('mmd', { ...trace, entries: [ask, ticket] });
  assert.deepEqual(
    picture.split('\n').flatMap((line) => /: (\d+): /.exec(line)?.[1] ?? /: (201.*)/.exec(line)?.[1] ?? []),
    ['2', '3', '201, ticket', '4'],
  );
});

test('mmd: a sequence diagram; what peers say cannot end a line or a statement', async () => {
  const { trace } = await recorded(
    [[jsonRequest('GET', `${AS}/x`), answer(403, { error: 'a;b\nclient->>AS: forged #quot; %% x' })]],
    'a\nb;c',
  );
  const lines = (await render('mmd', trace)).trimEnd().split('\n');
  assert.equal(lines[0], 'sequenceDiagram');
  assert.match(
    lines.slice(1).join('\n'),
    /^( {2}(accTitle: |participant |actor |Note over |\w+-{1,2}(>>|x)\w+: )[^\n;]*(#\d+;[^\n;]*)*\n?)+$/,
  );
  assert.ok(!lines.some((line) => line.startsWith('client->>AS: forged')));
});

/** HAR 1.2 as JSON Schema, from the package that validators use. */
function harFaults(value: unknown): unknown {
  const require = createRequire(import.meta.url);
  const schemas = require('har-schema') as Record<string, object>;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addMetaSchema(require('ajv/dist/refs/json-schema-draft-06.json') as object);
  (require('ajv-formats') as (to: Ajv) => void)(ajv);
  for (const [name, schema] of Object.entries(schemas)) if (name !== 'har') ajv.addSchema(schema);
  ajv.validate(schemas.har!, value);
  return ajv.errors;
}

test('har: valid by the schema of HAR 1.2, also without an answer and with what peers make up', async () => {
  assert.equal(harFaults(JSON.parse(await render('har'))), null);
  const { trace } = await recorded([
    [
      { method: 'POST', url: `${AS}/x?${EVIL}`, headers: { cookie: 'a; b=', [EVIL]: EVIL }, body: EVIL },
      answer(200, EVIL, { location: EVIL, 'set-cookie': 'x\n=y' }),
    ],
    [jsonRequest('GET', `${AS}/x`), new UmaError('peer', EVIL, EVIL)],
  ]);
  assert.equal(harFaults(JSON.parse(await render('har', trace))), null);
  assert.equal(harFaults(JSON.parse(await render('har', { uma_trace: 1, title: 'x', entries: [] }))), null);
  assert.notEqual(harFaults({ log: { version: '1.2', entries: [] } }), null, 'the schema finds faults');
});

test('har: every member that HAR 1.2 requires, with its type', async () => {
  const { log } = JSON.parse(await render('har')) as { log: Record<string, never> };
  const shape = (value: unknown, spec: object, path: string): void => {
    for (const [name, type] of Object.entries(spec)) {
      const member = (value as Record<string, unknown>)[name];
      if (typeof type === 'string')
        assert.equal(Array.isArray(member) ? 'array' : typeof member, type, `${path}.${name}`);
      else shape(member, type as object, `${path}.${name}`);
    }
  };
  shape(log, { version: 'string', creator: { name: 'string', version: 'string' }, entries: 'array' }, 'log');
  const message = {
    httpVersion: 'string',
    cookies: 'array',
    headers: 'array',
    headersSize: 'number',
    bodySize: 'number',
  };
  for (const entry of log.entries as unknown as { startedDateTime: string }[]) {
    const timings = { send: 'number', wait: 'number', receive: 'number' };
    shape(
      entry,
      {
        startedDateTime: 'string',
        time: 'number',
        request: { method: 'string', url: 'string', queryString: 'array', ...message },
        response: {
          status: 'number',
          statusText: 'string',
          redirectURL: 'string',
          content: { size: 'number', mimeType: 'string' },
          ...message,
        },
        cache: 'object',
        timings,
      },
      'entry',
    );
    assert.match(entry.startedDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  const [, , post, photo, lost] = log.entries as unknown as { request: never; response: never }[];
  assert.deepEqual((post!.request as { postData: { params: unknown } }).postData.params, [
    { name: 'grant_type', value: UMA_TICKET_GRANT },
    { name: 'ticket', value: '…' },
  ]);
  assert.deepEqual((photo!.request as { queryString: unknown }).queryString, [{ name: 'a', value: 'b' }]);
  assert.deepEqual(
    (photo!.response as { cookies: { name: string }[] }).cookies.map(({ name }) => name),
    ['a', 'c'],
  );
  assert.equal((lost!.response as { status: number }).status, 0);
});

test('json: read back as it was; two traces of one flow become one, in the order of time', async () => {
  const trace = await flow();
  assert.deepEqual(readTrace(await render('json', trace), 'f'), trace);
  const [first, ...others] = trace.entries;
  const later: Trace = { ...trace, entries: others };
  const earlier: Trace = { ...trace, title: 'first', entries: [first!] };
  assert.deepEqual(merge(later, earlier).entries, trace.entries);
  assert.equal(merge(undefined, earlier).title, 'first');
  assert.equal(merge(later, earlier).title, 'uma flow');
});

test('a file that is no trace is named, with what is wrong', async () => {
  const good = await flow();
  const broken = (change: (trace: Trace) => unknown) => JSON.stringify(change(structuredClone(good)));
  const cases: [text: string, fault: RegExp][] = [
    ['nope', /not JSON/],
    [broken((trace) => Object.assign(trace.entries[0]!, { to: 'nobody' }) && trace), /entries\[0\]/],
    [broken((trace) => Object.assign(trace.entries[0]!, { section: { title: 'x', why: 1 } }) && trace), /entries\[0\]/],
    [
      broken(
        (trace) =>
          Object.assign(trace.entries[0]!, { request: { method: 'GET', url: RS, headers: { a: 1 } } }) && trace,
      ),
      /entries\[0\]/,
    ],
    ['[]', /uma_trace/],
    ['{"uma_trace":2}', /uma_trace/],
    ['{"uma_trace":1,"title":"x"}', /missing/],
    [broken((trace) => ({ ...trace, entries: [{}] })), /entries\[0\]/],
    [broken((trace) => Object.assign(trace.entries[1]!, { begun: 1e99 }) && trace), /entries\[1\]/],
    [
      broken((trace) => Object.assign(trace.entries[2]!, { request: { method: 'GET', url: 'x' } }) && trace),
      /entries\[2\]/,
    ],
  ];
  for (const [text, fault] of cases)
    assert.throws(
      () => readTrace(text, 'flow.json'),
      (error: UmaError) =>
        error.category === 'usage' && fault.test(error.message) && error.message.includes('flow.json'),
      text.slice(0, 60),
    );
});

test('every format takes a trace without entries', () => {
  for (const renderer of RENDERERS)
    assert.ok(renderer.render({ uma_trace: 1, title: 'uma x', entries: [] }).endsWith('\n'));
});
