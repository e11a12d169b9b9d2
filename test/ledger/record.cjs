// Loaded into every process of a test run (NODE_OPTIONS, by scripts/test.ts), tests and programs alike: writes down what an HTTP
// server of the process takes and gives, so that every secret of the run is known, and what the process tells people on standard
// error, where none of them may stand. scripts/secrets.ts compares the two. CommonJS without a library: it must start in no time.
const { appendFileSync } = require('node:fs');
const { join } = require('node:path');

const directory = process.env.UMA_TEST_LEDGER;
if (directory !== undefined) record(directory);

function record(to) {
  const append = (kind, text) => {
    try {
      appendFileSync(join(to, `${kind}-${process.pid}`), text);
    } catch {
      // The run is over and its directory gone.
    }
  };
  passOn(to);
  watchServers((exchange) => append('wire', `${JSON.stringify(exchange)}\n`));
  const shows = process.argv.includes('--show-secrets');
  if (shows) return;
  const told = (text) => append('told', text);
  // Argv is for everybody on the machine to read. A permission ticket may stand in it.
  const words = process.argv.slice(1).filter((_word, at, all) => all[at - 1] !== '--ticket');
  told(`\n$ ${words.join(' ')}\n`);
  listen(process.stderr, told);
  // The result of a command is for its caller, secrets and all; a server has none.
  if (['serve', 'gateway'].includes(process.argv[2]) && !process.argv.includes('export')) listen(process.stdout, told);
  // For programs that run inside a test with streams of their own.
  globalThis.toldToPeople = told;
}

function listen(stream, told) {
  const { write } = stream;
  stream.write = function (chunk, ...rest) {
    told(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    return write.call(this, chunk, ...rest);
  };
}

/** Tests start programs with an environment of their own, which would lose this file. */
function passOn(to) {
  const childProcess = require('node:child_process');
  const own = { NODE_OPTIONS: process.env.NODE_OPTIONS, UMA_TEST_LEDGER: to };
  const { spawn } = childProcess.ChildProcess.prototype;
  childProcess.ChildProcess.prototype.spawn = function (options) {
    const given = new Set((options.envPairs ?? []).map((pair) => pair.split('=', 1)[0]));
    for (const [name, value] of Object.entries(own)) {
      if (!given.has(name) && value !== undefined) options.envPairs?.push(`${name}=${value}`);
    }
    return spawn.call(this, options);
  };
  const { spawnSync } = childProcess;
  childProcess.spawnSync = (file, args, options) => {
    const [words, rest] = Array.isArray(args) ? [args, options] : [[], args];
    return spawnSync(file, words, rest?.env === undefined ? rest : { ...rest, env: { ...own, ...rest.env } });
  };
  require('node:module').syncBuiltinESMExports();
}

const LIMIT = 64 * 1024;
const TEXT = /json|form|text|javascript/;

/** Both sides of every exchange: headers, and bodies that are short texts. */
function watchServers(seen) {
  for (const name of ['node:http', 'node:https']) {
    const { Server } = require(name);
    const { emit } = Server.prototype;
    Server.prototype.emit = function (event, request, response, ...rest) {
      if (event === 'request') watch(request, response, seen);
      return emit.call(this, event, request, response, ...rest);
    };
  }
}

function watch(request, response, seen) {
  const asked = collect(request, ['push']);
  const answered = collect(response, ['write', 'end']);
  const { url, headers } = request;
  const sent = { ...headers };
  response.once('close', () => {
    const type = String(response.getHeader('content-type') ?? sent['content-type'] ?? '');
    seen({
      url,
      headers: sent,
      body: TEXT.test(String(sent['content-type'])) ? asked() : '',
      answer: {
        headers: Object.fromEntries(
          Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
        ),
        // Headers given to writeHead are not kept: a body that looks like one of ours is taken.
        body: TEXT.test(type) || /^\s*[{[<]/.test(answered()) ? answered() : '',
      },
    });
  });
}

function collect(stream, methods) {
  const parts = [];
  let size = 0;
  for (const name of methods) {
    const method = stream[name];
    stream[name] = function (chunk, ...rest) {
      if (chunk !== null && (typeof chunk === 'string' || chunk instanceof Uint8Array) && size <= LIMIT) {
        size += chunk.length;
        if (size <= LIMIT) parts.push(Buffer.from(chunk));
      }
      return method.call(this, chunk, ...rest);
    };
  }
  return () => Buffer.concat(parts).toString('utf8');
}
