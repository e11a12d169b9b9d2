/** `uma get`: the client's half of the flow in one command, like curl. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, defineCommand, type Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { parseDuration } from '../cli/duration.ts';
import { clean } from '../cli/paint.ts';
import { type FetchOptions, fetchProtected, mayReceive } from '../client/protected-resource.ts';
import { obtainRpt } from '../client/requesting-party.ts';
import { UmaError } from '../protocol/errors.ts';
import type { HttpRequest } from '../protocol/http.ts';
import type { Outcome } from '../protocol/outcome.ts';
import type { ResourceAnswer, ResourceRequest } from '../protocol/resource-request.ts';
import { askingParty, CLAIM_FLAGS, type ClaimOptions } from './asking-party.ts';
import { connect } from './connect.ts';
import { KeptRpts } from './kept-rpts.ts';
import { waiting } from './rpt.ts';
import { REFUSED_FIELDS, resultOf } from './rpt-result.ts';

interface Options extends ClaimOptions {
  url: string;
  request?: HttpRequest['method'];
  requestHeader?: string[];
  body?: string;
  out?: string;
  wait?: number;
  trustRs?: string[];
  dpop?: boolean;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
/** Headers whose value is a secret: never in argv. */
const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'cookie']);
/** Seconds. */
const YEAR = 365 * 86_400;

const flags: Command['flags'] = [
  { flags: '-X, --request <method>', description: 'the method (default GET, with -d POST)', choices: METHODS },
  {
    flags: '-H, --request-header <header>',
    description: '`Name: value`, or @FILE with one a line (@- for stdin), repeatable; secrets only in a file',
    repeat: true,
  },
  { flags: '-d, --body <data>', description: 'the body: text, or @FILE (@- for stdin)' },
  { flags: '-o, --out <file>', description: 'write the answer there' },
  {
    flags: '--wait <duration>',
    description: 'wait so long for the owner, asking again as the server says',
    parse: parseDuration,
  },
  { flags: '--trust-rs <origin>', description: 'a resource server that RPTs of this server may go to', repeat: true },
  { flags: '--dpop', description: 'an RPT bound to a key of its own (RFC 9449), useless to whoever copies it' },
  ...CLAIM_FLAGS,
];

export const command = defineCommand<Options>({
  description:
    'Gets a protected resource: tries, and when the resource server answers with a permission ticket, gets an RPT for the requesting party and tries again. RPTs are kept, and sent only to the origin they were obtained for. When there is none to be had, the refusal is printed and the exit code says which one it is.',
  groups: ['as', 'client', 'party'],
  args: [{ name: '<url>', description: 'the address of the resource' }],
  flags: [...(flags ?? [])],
  examples: [
    { comment: "Alice's photo, for Bob", line: 'uma get https://rs.example/photo.png --party bob --out photo.png' },
    { comment: 'wait until the owner has decided', line: 'uma get https://rs.example/photo.png --party bob --wait 5m' },
    { comment: 'change something', line: 'uma get https://rs.example/photo.png -X PUT -d @new.png --party bob' },
    {
      comment: 'with a header that is a secret',
      line: 'uma get https://rs.example/photo.png -H @headers.txt --party bob',
    },
  ],
  environment: [
    ['UMA_CLAIM_TOKEN', 'the claim token, as --claim-token-file'],
    ['UMA_CLAIMS_REDIRECT_URI', 'as --claims-redirect-uri'],
  ],
  // Of a refusal; an answer is printed as it is.
  fields: REFUSED_FIELDS,
  openFields: true,
  spec: 'UMA Grant 3.1 to 3.5',
  async run(options, context) {
    const request = await requestOf(options, context);
    const connection = connect(context, options);
    const client = await context.settings.client();
    const { origin } = new URL(request.url);
    const party = context.settings.party();
    const rpts = new KeptRpts(context, connection.issuer, [client.id, party.name, origin], options.dpop === true);
    const fetched = await fetchProtected({
      request,
      ask: context.ask,
      rpts,
      authorize: (rpt, to) => rpts.authorize(rpt, to),
      checkTrust: (as_uri) => context.settings.checkTrust(as_uri),
      checkResourceServer: (pair) => checkResourceServer(pair, options, context, client.id),
      async redeem({ ticket, rpt, resource }) {
        const { claims, gather } = await askingParty(options, context, connection, client);
        const request = { ticket, rpt, resource, ...claims };
        const wait = options.wait === undefined ? {} : { wait: waiting(options.wait, context) };
        return (await obtainRpt(connection, client, request, {
          gather,
          prove: await rpts.prover(),
          ...wait,
        })) as Outcome;
      },
    });
    if (fetched.kind === 'answer') return written(fetched.answer, request, options, context);
    return resultOf(fetched.outcome, context, 'in the same way');
  },
});

/**
 * ATK-01: a resource server can hand over the ticket of another one. Where the AS does not say whose ticket it was, whoever runs the
 * command says it: by flag, or once on the terminal; a yes is remembered for this issuer, client and origin.
 * @throws UmaError `untrusted_rs` (config).
 */
async function checkResourceServer(
  pair: Parameters<FetchOptions['checkResourceServer']>[0],
  options: Options,
  { cache, clock, prompts }: Context,
  client: string,
): Promise<void> {
  if (mayReceive(pair, options.trustRs)) return;
  const { origin, as_uri } = pair;
  const key = ['rs', as_uri, client, origin];
  if ((await cache.get(key)) === true) return;
  const question = `${as_uri} does not say whether the ticket is of ${origin}. Send it the RPT?`;
  if (prompts.possible() && (await prompts.confirm(question, { flag: '--trust-rs' }))) {
    await cache.put(key, { value: true, expires_at: clock.now() + YEAR });
    return;
  }
  throw new UmaError(
    'config',
    'untrusted_rs',
    `${as_uri} does not say whether the ticket is of ${origin}: no RPT is sent there`,
    {
      hint: `if you trust that resource server: --trust-rs ${origin}; or --dpop, with which no other can use the RPT`,
      spec: 'RFC 8707 2',
    },
  );
}

async function requestOf(options: Options, context: Context): Promise<ResourceRequest> {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UmaError('usage', 'invalid_url', `"${clean(options.url)}" is no http or https address`);
  if (url.username !== '' || url.password !== '')
    throw new UmaError(
      'usage',
      'secret_in_argv',
      'a name or password in the address: secrets never stand on the command line',
      {
        hint: 'put an Authorization header in a file: -H @FILE',
      },
    );
  url.hash = '';
  const headers: Record<string, string> = {};
  for (const given of options.requestHeader ?? []) {
    const fromFile = given.startsWith('@');
    const lines = fromFile ? (await context.readFile('-H', given.slice(1))).split(/\r?\n/) : [given];
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const [, name = '', value = ''] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
      if (name === '') throw new UmaError('usage', 'invalid_header', '-H takes `Name: value`, or @FILE');
      if (!fromFile && SECRET_HEADERS.has(name.toLowerCase()))
        throw new UmaError('usage', 'secret_in_argv', `${name} does not stand on the command line: it holds a secret`, {
          hint: 'put the line in a file: -H @FILE; the RPT is sent without being asked for',
        });
      headers[name.toLowerCase()] = value;
    }
  }
  let body: Uint8Array | undefined;
  if (options.body !== undefined) {
    const text = options.body;
    body = text.startsWith('@') ? await bytesOf(context, text.slice(1)) : new TextEncoder().encode(text);
    headers['content-type'] ??= 'application/x-www-form-urlencoded';
  }
  const method = options.request ?? (body === undefined ? 'GET' : 'POST');
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    throw new UmaError(
      'usage',
      'conflicting_flags',
      `-d and -X ${method} exclude each other: such a request has no body`,
    );
  return { method, url: url.href, headers, ...(body === undefined ? {} : { body }) };
}

async function bytesOf(context: Context, path: string): Promise<Uint8Array> {
  if (path === '-') return new TextEncoder().encode(await context.readFile('-d', path));
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(path);
  } catch (error) {
    throw new UmaError(
      'usage',
      'unreadable_file',
      `-d: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

/** The answer as it is, on standard output or in a file. @throws UmaError `http_404` and the like (refused; from 500 on peer). */
async function written(
  answer: ResourceAnswer,
  request: ResourceRequest,
  options: Options,
  context: Context,
): Promise<Result | undefined> {
  const { status } = answer;
  if (options.out !== undefined && status < 400) await toFile(answer, options.out, context);
  else await toStandardOutput(answer, context);
  if (status < 400) return undefined;
  throw new UmaError(
    status >= 500 ? 'peer' : status === 401 ? 'authentication' : 'refused',
    `http_${status}`,
    `${request.method} ${request.url.split('?')[0]} answered ${status}`,
    { status, hint: status === 401 ? 'the resource server wants something other than an RPT' : undefined },
  );
}

async function toFile(answer: ResourceAnswer, path: string, context: Context): Promise<void> {
  try {
    await pipeline(Readable.from(answer.body, { objectMode: false }), createWriteStream(path));
  } catch (error) {
    if (error instanceof UmaError) throw error;
    throw new UmaError(
      'usage',
      'unwritable_file',
      `--out: ${path} cannot be written (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  context.note(`written to ${path}`);
}

async function toStandardOutput({ body, headers, discard }: ResourceAnswer, { io }: Context): Promise<void> {
  const text = /^(text\/|application\/([\w.-]+\+)?(json|xml)\b)/i.test(headers['content-type'] ?? '');
  if (io.stdoutIsTty && !text && headers['content-length'] !== '0' && headers['content-type'] !== undefined) {
    discard();
    throw new UmaError('usage', 'binary_on_terminal', `${headers['content-type']} is nothing for a terminal`, {
      hint: 'write it to a file: --out FILE, or into a pipe',
    });
  }
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    if (io.stdoutIsTty) io.out(clean(decoder.decode(chunk, { stream: true }), true));
    else if (io.outBytes !== undefined) await io.outBytes(chunk);
    else io.out(decoder.decode(chunk, { stream: true }));
  }
}
