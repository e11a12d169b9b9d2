import { defineCommand } from '../cli/command.ts';
import { keptTokens } from './kept-tokens.ts';
import { time } from './views.ts';

export const command = defineCommand<object>({
  description:
    'Lists the tokens that are kept between runs, of every server. What they are is not shown: a PAT, the token of an owner for her API, a claim token, an RPT.',
  examples: [
    { comment: 'what is kept', line: 'uma token list' },
    { comment: 'until when', line: 'uma token list --json person,kind,expires_at' },
  ],
  fields: ['id', 'kind', 'issuer', 'client_id', 'person', 'expires_at', 'ended', 'renewable'],
  // It reads files and sends nothing.
  dryRun: false,
  async run(_options, { cache, clock }) {
    const now = clock.now();
    const value = (await keptTokens(cache)).map(({ access, refresh, ...about }) => ({
      ...about,
      expires_at: access?.expires_at ?? null,
      ended: access === undefined || access.expires_at <= now,
      renewable: refresh !== undefined && refresh.expires_at > now,
    }));
    return {
      value,
      view: (paint) =>
        paint.table(
          ['token', 'kind', 'who', 'client', 'server', 'until', ''],
          value.map((token) => [
            token.id,
            token.kind,
            token.person,
            token.client_id,
            token.issuer,
            token.expires_at === null ? '' : time(token.expires_at),
            token.renewable ? 'renewed by itself' : token.ended ? 'ended' : '',
          ]),
        ),
      emptyHint: 'no token is kept; uma login signs in',
    };
  },
});
