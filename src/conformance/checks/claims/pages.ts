import type { Check } from '../../check.ts';
import type { TestClient } from '../../config.ts';
import { formsOf, textOf } from '../../html.ts';
import { askForInfo, visit } from '../../interaction.ts';
import { claimsRedirect, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-05', 'ATK-25', 'SEC-9700-21', 'SEC-9700-20'],
  title: 'the claims pages say who asks for what of whom, leak nothing, and cannot be framed',
  profile: 'claims',
  sends: 'A party’s walk through the claims pages.',
  expects:
    'Client, resource server, owner and scopes in the text; Referrer-Policy: no-referrer; nothing loaded from elsewhere; frame protection; no 307.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow')],
  async run(t: Probe) {
    const start = await askForInfo(t);
    const walk = await visit(t, start);
    const pages = walk.answers.filter(({ response }) => formsOf(response.body, t.metadata.issuer).length > 0);
    t.require(pages.length > 0, 'there was no page with a form', walk.answer);
    const text = pages
      .map(({ response }) => textOf(response.body))
      .join(' ')
      .toLowerCase();
    const shown = ({ name, client_id }: TestClient) => name ?? client_id;
    const named: [string, string][] = [
      ['client', shown(t.session.client('main'))],
      ['resource server', shown(t.session.rs(0))],
      ['owner', t.session.owner(0).name ?? t.session.owner(0).username],
      ['scope', start.resource.scopes[0] ?? ''],
    ];
    for (const [what, name] of named)
      t.expect('ATK-05', text.includes(name.toLowerCase()), `no page names the ${what} (${name})`, pages.at(-1));
    for (const page of pages) {
      const { headers, response } = page;
      t.expect(
        'ATK-25',
        headers['referrer-policy'] === 'no-referrer',
        `Referrer-Policy is ${headers['referrer-policy'] ?? 'absent'}`,
        page,
      );
      const foreign = [
        ...response.body.matchAll(
          /<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)\s*=\s*["']?((?:https?:)?\/\/[^"'\s>]+)/gi,
        ),
      ]
        .map(([, url]) => String(url))
        .filter((url) => new URL(url, t.metadata.issuer).origin !== new URL(t.metadata.issuer).origin);
      t.expect('ATK-25', foreign.length === 0, `a page loads ${foreign.join(', ')}`, page);
      const framed =
        !/frame-ancestors/.test(headers['content-security-policy'] ?? '') && headers['x-frame-options'] === undefined;
      t.expect('SEC-9700-21', !framed, 'a page with a form can be framed', page);
    }
    const posted = walk.answers.filter(({ request }) => request.method === 'POST');
    const repeating = posted.find(({ status }) => status === 307 || status === 308);
    t.expect(
      'SEC-9700-20',
      posted.length > 0 && repeating === undefined,
      'a form is answered by a redirect that repeats it',
      repeating ?? walk.answer,
    );
  },
};
