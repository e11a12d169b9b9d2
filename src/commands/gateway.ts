/** `uma gateway`: the resource server, as a proxy in front of any HTTP service; and `uma gateway explain`, which says what it would do. */
import { type Command, defineCommand, type Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { clean, type Paint } from '../cli/paint.ts';
import { parsePort } from '../cli/port.ts';
import type { PatMode } from '../gateway/pats.ts';
import type { Routes } from '../gateway/routes.ts';
import { UmaError } from '../protocol/errors.ts';
import { announce } from './announce.ts';
import { type CommonOptions, tokenFile } from './connect.ts';

interface GatewayCommandOptions extends CommonOptions {
  action?: 'explain';
  method?: string;
  url?: string;
  upstream?: string;
  config?: string;
  host?: string;
  port?: number;
  publicUrl?: string;
  data?: string;
  owner?: string;
  patFile?: string;
  grant?: 'client_credentials';
  verify?: 'introspect' | 'jwt';
  tlsCert?: string;
  tlsKey?: string;
  upstreamCaFile?: string;
  insecureHttp?: boolean;
}

const flags: Command['flags'] = [
  { flags: '--upstream <url>', description: 'the service to protect' },
  {
    flags: '--config <file>',
    description: 'routes.json: which request needs which scopes (docs/gateway.md)',
  },
  { flags: '--host <address>', description: 'the address to listen on (default 127.0.0.1)' },
  { flags: '--port <number>', description: 'the port (default 9401, 0: any free one)', parse: parsePort },
  { flags: '--public-url <url>', description: 'the address that clients know, when it is behind a proxy' },
  { flags: '--data <directory>', description: 'where to keep connected owners and shares; without it, in memory' },
  {
    flags: '--pat-file <file>',
    description: "a PAT of the routes' owner, in place of her connecting at /.uma/connect; - for stdin",
    file: true,
  },
  {
    flags: '--grant <grant>',
    description: "the client's own PAT, in place of owners' (for tests and CI)",
    choices: ['client_credentials'],
  },
  {
    flags: '--verify <how>',
    description: 'how RPTs are checked (default introspect; jwt: offline, they outlive a revocation)',
    choices: ['introspect', 'jwt'],
  },
  { flags: '--tls-cert <file>', description: 'certificate (PEM), with --tls-key' },
  { flags: '--tls-key <file>', description: 'key of the certificate (PEM)' },
  { flags: '--upstream-ca-file <file>', description: 'certificates to trust as the upstream (PEM)', file: true },
  { flags: '--insecure-http', description: 'plain http on other addresses than loopback' },
];

export const command = defineCommand<GatewayCommandOptions>({
  description:
    'Run a resource server in front of any HTTP service until Ctrl-C or SIGTERM: it answers 401 with a permission ticket, checks RPTs, and passes on what they permit. `explain METHOD URL` shows instead what it would do with a request; without a URL, the table of routes. Owners connect at /.uma/connect.',
  groups: ['as', 'rs'],
  flags: [...(flags ?? [])],
  args: [
    { name: '[action]', description: 'explain: say what would happen, and start nothing', choices: ['explain'] },
    { name: '[method]', description: 'of the request to explain' },
    { name: '[url]', description: 'its address, or path' },
  ],
  environment: [
    [
      'UMA_GATEWAY_KEY',
      'the key that refresh tokens are kept under: 32 bytes in base64 or hex (default: a file in --data)',
    ],
    ['UMA_GATEWAY_ADMIN_TOKEN', 'opens /.uma/shares to scripts'],
    ['UMA_PAT', "a PAT of the routes' owner, as --pat-file"],
  ],
  examples: [
    {
      comment: 'protect a file server; its owner connects at http://127.0.0.1:9401/.uma/connect',
      line: 'uma gateway --upstream http://127.0.0.1:8080 --config routes.json --data ./gateway-data',
    },
    {
      comment: 'with a PAT at hand, for a script',
      line: 'uma pat --owner alice | uma gateway --upstream http://127.0.0.1:8080 --config routes.json --pat-file -',
    },
    {
      comment: 'which route decides, and what it asks for',
      line: 'uma gateway explain GET /photos/cat.png --config routes.json',
    },
    { comment: 'every route, its resource and scopes', line: 'uma gateway explain --config routes.json' },
  ],
  fields: [
    ...['url', 'public_url', 'pid'],
    // With explain.
    ...['path', 'tried', 'access', 'decided_by', 'route', 'owner', 'resource', 'scopes', 'default', 'routes'],
  ],
  spec: 'UMA Grant 3.2, UMA Federated Authorization 3 to 5',
  stopsItself: true,
  async run(options, context) {
    if (options.config === undefined)
      throw new UmaError('usage', 'no_routes', 'which requests are protected? There is no --config', {
        hint: 'uma gateway --config routes.json (docs/gateway.md)',
      });
    const routes = await context.readJson('--config', options.config);
    if (options.action === 'explain') return explain(options, routes);
    return serve(options, routes, context);
  },
});

async function serve(options: GatewayCommandOptions, routes: unknown, context: Context): Promise<undefined> {
  const { io, signal, settings } = context;
  const { upstream, tlsCert, tlsKey } = options;
  if (upstream === undefined)
    throw new UmaError('usage', 'no_upstream', 'which service? There is no --upstream', {
      hint: 'uma gateway --upstream http://127.0.0.1:8080 --config routes.json',
    });
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new UmaError('usage', 'incomplete_tls', '--tls-cert and --tls-key go together');
  const pat = await patMode(options, routes, context);
  const { startGateway } = await import('../gateway/start.ts');
  const gateway = await startGateway({
    upstream,
    routes,
    issuer: settings.issuer().value,
    dialect: settings.dialect().value,
    endpoints: settings.endpoints(),
    client: await settings.rsClient(),
    // A request that is under way when Ctrl-C comes gets its answer.
    send: context.sendAs('resource server').sendToTheEnd,
    pat,
    verify: options.verify,
    host: options.host,
    port: options.port,
    publicUrl: options.publicUrl,
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { cert: tlsCert, key: tlsKey },
    upstreamCa:
      options.upstreamCaFile === undefined
        ? undefined
        : await context.readFile('--upstream-ca-file', options.upstreamCaFile),
    insecureHttp: options.insecureHttp,
    directory: options.data,
    key: io.env.UMA_GATEWAY_KEY,
    adminToken: io.env.UMA_GATEWAY_ADMIN_TOKEN || undefined,
    note: (deviation) => {
      if (options.verbose !== undefined) context.note(`not conformant, accepted: ${deviation}`);
    },
    log: (message, error) => context.warn(clean(`${message}: ${(error as Error).message}`, true)),
  });
  if (!signal.aborted) {
    // What was kept from before can be out of step with the server; nobody has to wait for that.
    const { differences } = await import('../gateway/sync.ts');
    void gateway.compare().then((reports) => {
      for (const line of differences(reports)) context.warn(line);
    });
    const connect = pat.mode === 'owners' ? `; owners connect at ${gateway.publicUrl}/.uma/connect` : '';
    context.note(`uma gateway listens on ${gateway.url} in front of ${upstream}${connect}`);
    await announce(
      { url: gateway.url, public_url: gateway.publicUrl, pid: context.pid },
      { ...options },
      context,
    ).catch(async (error: unknown) => {
      await gateway.close();
      throw error;
    });
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  await gateway.close();
  return undefined;
}

/** Never a password: who owns resources connects herself, or hands over a PAT. */
async function patMode(options: GatewayCommandOptions, routes: unknown, context: Context): Promise<PatMode> {
  if (options.grant !== undefined) return { mode: 'client' };
  const fromFile =
    options.patFile === undefined
      ? undefined
      : await tokenFile(context, '--pat-file', options.patFile, ['access_token']);
  const given = context.settings.operand('pat', fromFile);
  if (given === undefined) return { mode: 'owners' };
  const owner = (routes as { owner?: unknown }).owner;
  return { mode: 'given', pat: given.value, owner: typeof owner === 'string' ? owner : undefined };
}

async function explain(options: GatewayCommandOptions, value: unknown): Promise<Result> {
  const { readRoutes } = await import('../gateway/routes.ts');
  const { matchRequest } = await import('../gateway/match.ts');
  const routes = readRoutes(value);
  const { method, url } = options;
  if (method === undefined) return table(routes);
  if (url === undefined) throw new UmaError('usage', 'missing_argument', 'explain takes a method and a URL');
  const found = matchRequest(routes, method.toUpperCase(), targetOf(url));
  const { target, tried, rule, subject, access } = found;
  const result = {
    path: target.path,
    tried,
    access,
    ...(rule === undefined
      ? { decided_by: 'default' }
      : { decided_by: `route ${rule.number}`, route: rule.entry.path }),
    ...(subject === undefined ? {} : { owner: subject.owner, resource: subject.name, scopes: [...subject.scopes] }),
  };
  return {
    value: result,
    view: (paint) =>
      [
        `${paint.bold(paint.clean(`${method.toUpperCase()} ${target.path}`))}`,
        paint.table(
          ['route', 'path', ''],
          tried.map(({ number, path, why }) => [
            String(number),
            paint.clean(path),
            why === undefined ? 'fits' : `no: ${paint.clean(why)}`,
          ]),
        ),
        subject === undefined
          ? `${access}${rule === undefined ? ' (the default: no route fits)' : ''}`
          : `needs ${subject.scopes.join(', ') || 'any permission'} on "${paint.clean(subject.name)}" of ${paint.clean(subject.owner ?? 'the resource server')}`,
      ].join('\n'),
  };
}

/** FED-4-07: the pattern of permission requests, for people who have to know it. */
function table(routes: Routes): Result {
  const rows = routes.rules.map(({ number, entry, methods, access, resource, scopes, owner }) => ({
    route: number,
    methods: methods === undefined ? ['*'] : [...methods],
    path: entry.path,
    ...(entry.query === undefined ? {} : { query: entry.query }),
    access,
    ...(access === 'protect' ? { owner, resource, scopes: [...scopes] } : {}),
  }));
  const view = (paint: Paint) =>
    [
      paint.table(
        ['route', 'methods', 'path', 'access', 'resource', 'scopes'],
        rows.map((row) => [
          String(row.route),
          row.methods.join(','),
          paint.clean(row.path + (row.query === undefined ? '' : `?${new URLSearchParams(row.query)}`)),
          row.access,
          paint.clean(row.resource ?? ''),
          paint.clean(row.scopes?.join(' ') ?? ''),
        ]),
      ),
      paint.dim(`everything else: ${routes.file.default}`),
    ].join('\n');
  return { value: { default: routes.file.default, routes: rows }, view };
}

/** A whole address is taken apart as text: a URL parser would tidy up what has to be seen. */
const targetOf = (url: string): string => url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '') || '/';
