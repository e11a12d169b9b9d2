/** `--dry-run`: a port that sends nothing. It answers as a server would that grants all, with placeholders, as far as that carries. */
import { UmaError } from '../protocol/errors.ts';
import type { HttpRequest, HttpResponse, Send } from '../protocol/http.ts';
import type { Arrow } from './labels.ts';

/** In place of tokens, tickets and ids that only a server can give. */
const MADE_UP = 'made-up-by-the-dry-run';

/**
 * The port. `arrowOf` says what a request is, `metadata` is what the discovery documents are taken to say; without it a rehearsal
 * ends at discovery.
 * @throws UmaError `dry_run` (internal) from the port where the next request depends on an answer that cannot be made up.
 */
export function rehearse(
  arrowOf: (request: HttpRequest) => Arrow,
  metadata: Record<string, unknown> | undefined,
  onRequest: (request: HttpRequest, arrow: Arrow) => void,
): Send {
  return async (request) => {
    const arrow = arrowOf(request);
    onRequest(request, arrow);
    const answer = answerTo(request, arrow.what, metadata);
    if (answer !== undefined) return answer;
    throw new UmaError('internal', 'dry_run', 'the rest depends on what the server answers');
  };
}

function answerTo(
  { method }: HttpRequest,
  what: string,
  metadata: Record<string, unknown> | undefined,
): HttpResponse | undefined {
  const json = (status: number, value: unknown): HttpResponse => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  const token = { access_token: MADE_UP, token_type: 'Bearer' };
  if (what === 'discovery') return metadata === undefined ? undefined : json(200, metadata);
  if (what === 'claims') return json(200, { ...token, id_token: MADE_UP });
  if (what === 'PAT' || what === "owner's sign-in") return json(200, token);
  if (what === 'permission ticket' && method === 'POST') return json(201, { ticket: MADE_UP });
  return undefined;
}
