import type { Check } from '../../check.ts';
import type { ClientRole } from '../../config.ts';
import { askForInfo, interactionUrl, returnedTicket, visit } from '../../interaction.ts';
import { claimsRedirect, client, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const variants = (uri: string): string[] => {
  const url = new URL(uri);
  const { origin, pathname, search, protocol, host } = url;
  return [
    `${origin}${pathname}/${search}`,
    `${uri}${search === '' ? '?' : '&'}extra=1`,
    `${origin.toUpperCase()}${pathname}${search}`,
    `${protocol}//${url.hostname}:8443${pathname}${search}`,
    `${origin}${pathname.replace(/.$/, (last) => `%${last.charCodeAt(0).toString(16)}`)}${search}`,
    `${protocol}//user@${host}${pathname}${search}`,
    `${uri}#fragment`,
    pathname,
    'https://evil.example/claims',
  ];
};

export const check: Check = {
  requirements: [
    'GRANT-3.3.2-08',
    'GRANT-3.3.2-09',
    'GRANT-3.3.2-10',
    'GRANT-3.3.2-11',
    'GRANT-3.3.3-07',
    'GRANT-3.3.3-08',
    'SEC-9700-02',
  ],
  title: 'claims gathering returns to a registered claims redirect URI, compared character by character, or not at all',
  profile: 'claims',
  sends:
    'Near misses of the registered URI, the OAuth redirect URI, another host; clients with no, one and two registered URIs without the parameter; an unknown client.',
  expects: 'An error page and never a redirect; only the client with exactly one URI may leave the parameter out.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow')],
  async run(t: Probe) {
    const resource = (await askForInfo(t)).resource;
    const refused = async (role: ClientRole, members: Record<string, string | undefined>) => {
      const start = await askForInfo(t, role, resource);
      const answer = await t.get(interactionUrl(t, start, { client: role, members }), { accept: 'text/html' });
      return { answer, page: answer.status >= 400 && answer.headers.location === undefined };
    };
    const state = (rows: string | string[], what: string, { answer, page }: Awaited<ReturnType<typeof refused>>) =>
      t.expect(rows, page, `${what} got ${answer.status} ${answer.headers.location ?? ''}`, answer);
    const uri = t.session.client('main').claims_redirect_uris[0] ?? '';
    for (const variant of variants(uri)) {
      const result = await refused('main', { claims_redirect_uri: variant });
      state(['GRANT-3.3.2-11', 'GRANT-3.3.3-07', 'GRANT-3.3.3-08', 'SEC-9700-02'], variant, result);
    }
    const { redirect_uri } = t.session.client('main');
    if (redirect_uri === undefined) t.notApplicable('GRANT-3.3.2-10', 'not configured: clients.main.redirect_uri');
    else
      state('GRANT-3.3.2-10', 'the OAuth redirect_uri', await refused('main', { claims_redirect_uri: redirect_uri }));
    const evil = { claims_redirect_uri: 'https://evil.example/claims' };
    const cases: [string, ClientRole][] = [
      ['GRANT-3.3.2-08', 'bare'],
      ['GRANT-3.3.2-09', 'public_bare'],
    ];
    for (const [row, role] of cases) {
      const missing = client(role)(t.metadata, t.config);
      if (missing !== undefined) {
        t.notApplicable(row, missing);
        continue;
      }
      state(row, `a client without registered URI, with one in the request,`, await refused(role, evil));
      state(
        row,
        'a client without registered URI, and none in the request,',
        await refused(role, { claims_redirect_uri: undefined }),
      );
    }
    if (claimsRedirect('other', 2)(t.metadata, t.config) === undefined)
      state(
        'GRANT-3.3.3-07',
        'a client with two URIs and none in the request',
        await refused('other', { claims_redirect_uri: undefined }),
      );
    const unknown = await refused('main', { client_id: 'no-such-client' });
    state(['GRANT-3.3.3-07', 'GRANT-3.3.3-08'], 'an unknown client', unknown);
    state('GRANT-3.3.3-07', 'a request without client_id', await refused('main', { client_id: undefined }));
    const start = await askForInfo(t, 'main', resource);
    const only = await visit(t, start, { members: { claims_redirect_uri: undefined } });
    returnedTicket(t, only);
    t.expect(
      'GRANT-3.3.2-11',
      only.returned?.href.startsWith(uri) === true,
      'the only registered URI is not the default',
      only.answer,
    );
  },
};
