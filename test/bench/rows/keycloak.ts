/**
 * A real Keycloak and `uma serve --layout keycloak` on one realm file, in turns: launch, memory, and the three hot requests by the same
 * generator with 1, 2 and 4 clients. Nothing is pinned: both may use every core, as on a machine of their own.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ID_TOKEN_FORMAT } from '../../../src/protocol/claims.ts';
import { clientAuthentication, formBody } from '../../../src/protocol/http.ts';
import { UMA_TICKET_GRANT } from '../../../src/protocol/outcome.ts';
import { KEYCLOAK_OWNER_PATHS, KEYCLOAK_PATHS, KEYCLOAK_RPT_HINT } from '../../../src/wire/keycloak.ts';
import { type Process, start } from '../processes.ts';
import { type Bench, type Chain, type LoadResult, median, type Result, type Row, type Shot } from '../row.ts';

/** Launches of each, turns of each load, seconds of a turn, seconds and clients of the warm-up of each kind of request. */
const LAUNCHES = 3;
const TURNS = 3;
const SECONDS = 3;
const WARM = { seconds: 12, clients: 4 };
const CLIENTS = [1, 2, 4];

const realm = fileURLToPath(new URL('../../interop/keycloak/photoz-realm.json', import.meta.url));

/** A server under measurement; `url` is its issuer. */
type Peer = Process;
type Kind = 'permission' | 'exchange' | 'introspection';

export const keycloak: Row = {
  id: 'keycloak',
  needs: 'Keycloak (Java 17, Maven): scripts/keycloak.ts',
  async run(bench) {
    // Beside one that tests may have left running.
    process.env.KEYCLOAK_PORT ??= '18991';
    process.env.KEYCLOAK_REALM = realm;
    const launched = { theirs: [] as number[], ours: [] as number[] };
    // Once unmeasured: it fetches, builds and seeds, and its files are in the machine's memory then.
    await (await launchKeycloak()).peer.stop();
    await (await launchOurs(bench)).peer.stop();
    let theirs!: Peer;
    let ours!: Peer;
    try {
      for (let launch = 1; launch <= LAUNCHES; launch += 1) {
        const [a, b] = [await launchKeycloak(), await launchOurs(bench)];
        launched.theirs.push(a.took);
        launched.ours.push(b.took);
        [theirs, ours] = [a.peer, b.peer];
        if (launch < LAUNCHES) await Promise.all([theirs.stop(), ours.stop()]);
      }
      const idle = { theirs: resident(theirs.pid), ours: resident(ours.pid) };
      const rates = await compared(bench, theirs, ours);
      return [
        beside('launch to first answer', 'ms', launched.ours, launched.theirs, { at: 'most', limit: 1 / 15 }),
        beside('resident memory, started', 'MiB', [idle.ours], [idle.theirs], { at: 'most', limit: 1 / 3 }),
        beside('resident memory, after the load', 'MiB', [resident(ours.pid)], [resident(theirs.pid)], {
          at: 'most',
          limit: 1 / 3,
        }),
        ...rates,
      ];
    } finally {
      await Promise.all([theirs?.stop(), ours?.stop()]);
    }
  },
};

async function launchKeycloak(): Promise<{ peer: Peer; took: number }> {
  const { keycloakGroup, startKeycloak, stopKeycloak } = await import('../../../scripts/keycloak.ts');
  await stopKeycloak();
  let before = 0;
  const url = await startKeycloak(() => {
    before = performance.now();
  });
  const took = performance.now() - before;
  return { peer: { url, pid: largestOf(keycloakGroup()), stop: stopKeycloak }, took };
}

async function launchOurs({ node, uma }: Bench): Promise<{ peer: Peer; took: number }> {
  const before = performance.now();
  const server = await start(
    node,
    [...uma, 'serve', '--layout', 'keycloak', '--import', realm, '--allow-readable-files', '--port', '0'],
    {
      ...process.env,
    },
  );
  const url = `${server.url}/realms/photoz`;
  const answer = await fetch(`${url}/.well-known/uma2-configuration`);
  await answer.text();
  if (answer.status !== 200) throw new Error(`the first answer of uma serve has status ${answer.status}`);
  return { peer: { ...server, url }, took: performance.now() - before };
}

/** Every kind of request at every number of clients, Keycloak's turn and ours after each other. */
async function compared({ load }: Bench, theirs: Peer, ours: Peer): Promise<Result[]> {
  const subjects = [await prepared(theirs), await prepared(ours)] as const;
  const kinds: [Kind, string, number][] = [
    ['permission', 'permission requests', 2],
    ['exchange', 'ticket -> RPT exchanges (two requests)', 2],
    ['introspection', 'introspections', 4],
  ];
  for (const [kind] of kinds)
    for (const subject of subjects) await load.fire(subject.peer, await subject.shot(kind), WARM.seconds, WARM.clients);
  const results: Result[] = [];
  for (const [kind, name, least] of kinds) {
    for (const clients of CLIENTS) {
      const turns: [LoadResult, LoadResult][] = [];
      for (let turn = 0; turn < TURNS; turn += 1) {
        const of = async (subject: (typeof subjects)[number]) =>
          load.fire(subject.peer, await subject.shot(kind), SECONDS, clients);
        turns.push([await of(subjects[0]), await of(subjects[1])]);
      }
      const middle = (which: 0 | 1, value: (of: LoadResult) => number) =>
        median(turns.map((turn) => value(turn[which])));
      const side = (which: 0 | 1) => ({
        rate: middle(which, ({ rate }) => rate),
        p50: middle(which, ({ p50 }) => p50),
        p99: middle(which, ({ p99 }) => p99),
        busy: middle(which, ({ busy }) => busy.server),
      });
      const [a, b] = [side(0), side(1)];
      const title = `${name}, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
      results.push(
        {
          name: `Keycloak: ${title}`,
          unit: '/s',
          value: a.rate,
          clock: a.rate,
          p50: a.p50,
          p99: a.p99,
          busy: { server: a.busy, generator: middle(0, ({ busy }) => busy.generator) },
        },
        {
          name: title,
          unit: '/s',
          value: b.rate,
          clock: b.rate,
          p50: b.p50,
          p99: b.p99,
          busy: { server: b.busy, generator: middle(1, ({ busy }) => busy.generator) },
          baseline: { name: 'Keycloak', value: a.rate },
          ratio: median(turns.map(([first, second]) => second.rate / first.rate)),
          goal: { at: 'least', limit: least },
        },
      );
    }
  }
  return results;
}

/** Alice's resource, shared with bob by her policy; the same requests at either server, tokens new for each turn (they live 300 s). */
async function prepared(peer: Peer): Promise<{ peer: Peer; shot(kind: Kind): Promise<Shot | Chain> }> {
  const rs = basic('photoz-restful-api', 'secret');
  const client = basic('photoz-client', 'password');
  const at = (path: string) => new URL(peer.url).pathname + path;
  const send = async (path: string, headers: Record<string, string>, body: string) => {
    const answer = await fetch(peer.url + path, { method: 'POST', headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${peer.url}${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as Record<string, string>;
  };
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const signIn = (authorization: string, username: string) =>
    send(
      KEYCLOAK_PATHS.token,
      { ...form, Authorization: authorization },
      formBody({ grant_type: 'password', username, password: 'password', scope: 'openid' }),
    );
  const pat = async () => (await signIn(rs, 'alice')).access_token!;
  const json = (token: string) => ({ 'Content-Type': 'application/json', Authorization: `Bearer ${token}` });
  const owner = await pat();
  const { _id: resource_id = '' } = await send(
    KEYCLOAK_PATHS.resources,
    json(owner),
    JSON.stringify({ name: 'Bench', resource_scopes: ['album:view'], ownerManagedAccess: true }),
  );
  const rule = { name: 'bench', scopes: ['album:view'], users: ['bob'] };
  await send(
    `${KEYCLOAK_PATHS.protection}${KEYCLOAK_OWNER_PATHS.policies}/${resource_id}`,
    json(owner),
    JSON.stringify(rule),
  );

  const permission = async (): Promise<Shot> => ({
    method: 'POST',
    path: at(KEYCLOAK_PATHS.permission),
    headers: json(await pat()),
    body: JSON.stringify([{ resource_id, resource_scopes: ['album:view'] }]),
  });
  const exchange = async (): Promise<Chain> => {
    const claim_token = (await signIn(client, 'bob')).id_token!;
    const members = { grant_type: UMA_TICKET_GRANT, claim_token, claim_token_format: ID_TOKEN_FORMAT };
    const headers = { ...form, Authorization: client };
    const body = `${formBody(members)}&ticket=`;
    return { permission: await permission(), token: { method: 'POST', path: at(KEYCLOAK_PATHS.token), headers, body } };
  };
  const introspection = async (): Promise<Shot> => {
    const { permission, token } = await exchange();
    const sent = (shot: Shot, body: string) => send(shot.path.slice(at('').length), shot.headers, body);
    const { ticket } = await sent(permission, permission.body!);
    const { access_token } = await sent(token, token.body! + ticket);
    return {
      method: 'POST',
      path: at(KEYCLOAK_PATHS.introspection),
      headers: { ...form, Authorization: rs },
      body: formBody({ token: access_token, token_type_hint: KEYCLOAK_RPT_HINT }),
    };
  };
  const shots = { permission, exchange, introspection };
  return { peer, shot: (kind) => shots[kind]() };
}

const basic = (id: string, secret: string): string =>
  clientAuthentication({ id, secret, method: 'client_secret_basic' }).headers.authorization!;

function beside(name: string, unit: Result['unit'], ours: number[], theirs: number[], goal: Result['goal']): Result {
  return {
    name,
    unit,
    value: median(ours),
    ...(ours.length > 1 ? { min: Math.min(...ours), max: Math.max(...ours) } : {}),
    baseline: { name: 'Keycloak', value: median(theirs) },
    ratio: median(ours.map((value, turn) => value / theirs[turn]!)),
    ...(goal === undefined ? {} : { goal }),
  };
}

/** MiB of a process in the machine's memory. */
function resident(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** The process of a group with the most memory: the JVM, not the script around it. */
function largestOf(group: number): number {
  const { stdout } = spawnSync('ps', ['-eo', 'pgid=,rss=,pid='], { encoding: 'utf8' });
  const members = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const [, , pid] = members.filter(([pgid]) => pgid === group).toSorted((a, b) => b[1]! - a[1]!)[0] ?? [];
  if (pid === undefined) throw new Error('Keycloak has ended');
  return pid;
}
