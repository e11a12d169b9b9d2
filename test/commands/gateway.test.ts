import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startUma, type Uma } from './uma.ts';

describe('uma gateway explain', () => {
  let uma: Uma;
  let config: string;
  before(async () => {
    uma = await startUma();
    config = uma.file(
      'routes.json',
      JSON.stringify({
        default: 'deny',
        routes: [
          { path: '/health', access: 'pass' },
          { path: '/users/{owner}/album/{id}', methods: ['GET'], scopes: ['view'], resource: 'Photo {id} of {owner}' },
          { path: '/users/{owner}/album/{id}', methods: ['PUT'], scopes: ['edit'], resource: 'Photo {id} of {owner}' },
        ],
      }),
    );
  });
  after(() => uma.close());
  const explain = (...words: string[]) => uma.run(['gateway', 'explain', ...words, '--config', config]);

  it('P21: the normalised path, the rules tried, the match, and the scopes it would ask for', async () => {
    const { code, json } = await explain('put', 'https://rs.example/users/%61lice/album/7?x=1');
    assert.equal(code, 0);
    assert.deepEqual(json(), {
      path: '/users/alice/album/7',
      tried: [
        { number: 1, path: '/health', why: 'another path' },
        { number: 2, path: '/users/{owner}/album/{id}', why: 'only GET, HEAD' },
        { number: 3, path: '/users/{owner}/album/{id}' },
      ],
      access: 'protect',
      decided_by: 'route 3',
      route: '/users/{owner}/album/{id}',
      owner: 'alice',
      resource: 'Photo 7 of alice',
      scopes: ['edit'],
    });
  });

  it('P21: what no route fits is said to fall to the default', async () => {
    const { out } = await uma.run(['gateway', 'explain', 'GET', '/favicon.ico', '--config', config], { tty: true });
    assert.match(out, /deny \(the default: no route fits\)/);
    assert.match(out, /another path/);
  });

  it('P20: the spelling in docs/gateway.md covers a place, with and without a slash, and all below it', async () => {
    const rules = { default: 'pass', routes: [{ path: '/secret{/*}?', scopes: ['view'] }] };
    const file = uma.file('secret.json', JSON.stringify(rules));
    for (const [path, access] of Object.entries({
      '/secret': 'protect',
      '/secret/': 'protect',
      '/secret/x': 'protect',
      '/secretx': 'pass',
    }))
      assert.equal((await uma.run(['gateway', 'explain', 'GET', path, '--config', file])).json().access, access, path);
  });

  it('an ambiguous path is refused with the reason, as the gateway would', async () => {
    const { code, err } = await explain('GET', 'https://rs.example/users/..%2fx');
    assert.equal(code, 2);
    assert.match(err, /ambiguous_path|separator/);
  });

  it('FED-4-07: without a URL, the table of routes, resources and scopes', async () => {
    const { json } = await explain();
    const { routes } = json<{ routes: { resource?: string; scopes?: string[] }[] }>();
    assert.deepEqual(
      routes.map(({ resource, scopes }) => [resource, scopes]),
      [
        [undefined, undefined],
        ['Photo {id} of {owner}', ['view']],
        ['Photo {id} of {owner}', ['edit']],
      ],
    );
  });

  it('what is missing or wrong is said before anything starts', async () => {
    for (const [argv, code, said] of [
      [['gateway'], 2, /--config/],
      [['gateway', '--config', config], 2, /--upstream/],
      [['gateway', 'explain', 'GET', '--config', config], 2, /URL/],
      [['gateway', '--config', config, '--upstream', 'ftp://x'], 3, /upstream|address/],
      [['gateway', '--config', config, '--upstream', 'http://x', '--host', '0.0.0.0'], 3, /--tls-cert/],
      [
        [
          'gateway',
          '--config',
          uma.file('bad.json', '{"default":"deny","routes":[{"path":"/x","acces":"deny"}]}'),
          '--upstream',
          'http://x',
        ],
        3,
        /acces/,
      ],
    ] as const) {
      const ran = await uma.run(argv, { env: { UMA_PAT: 'x', UMA_RS_CLIENT_ID: 'x', UMA_RS_CLIENT_SECRET: 'x' } });
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, said);
    }
  });
});
