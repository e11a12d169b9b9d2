/**
 * The audit log: who did what to what, when, from where, and how it ended; one JSON object a line. What the owner's history has
 * stands in it too, in every layout; sign-ins, tokens, refusals, revocations and signing keys beside it. No secret ever does: only
 * the members below are written, and none of them holds one.
 */
import type { HistoryType, Party } from '../../protocol/owner.ts';
import type { AuthorityDeps } from '../authorization/deps.ts';
import { TooManyAttempts } from '../oauth/attempts.ts';
import type { People } from '../oauth/people.ts';
import { currentRequest, followRequests } from './request-context.ts';
import { outcomeOf } from './token-requests.ts';
import type { Watcher } from './watcher.ts';

export type AuditEvent =
  | HistoryType
  | 'sign_in'
  | 'token_granted'
  | 'token_refused'
  | 'token_revocation'
  | 'rpt_refused'
  | 'signing_keys';

/** A line, without the time and the request. */
export interface AuditFacts {
  event: AuditEvent;
  /** `success`, `failure`, or the code of an error. */
  outcome: string;
  /** Subject of the resource owner whose things it is about. */
  owner?: string | undefined;
  /** Subject of the person who signed in or whom a token is for. */
  subject?: string | undefined;
  party?: Party | undefined;
  client_id?: string | undefined;
  grant_type?: string | undefined;
  resource_id?: string | undefined;
  resource_name?: string | undefined;
  scopes?: readonly string[] | undefined;
  /** Ids of the public keys that the server has now, the one that signs first. */
  kids?: readonly string[] | undefined;
}

/** @param write takes one line with its end; must not throw. @param now milliseconds since the epoch. */
export function auditLog(write: (line: string) => void, now: () => number = Date.now): Watcher {
  const tell = (facts: AuditFacts) =>
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), ...facts, ...currentRequest() })}\n`);
  // Whose user name it was is known only where somebody has it: what is typed in its place may be a password.
  let byUsername: AuthorityDeps['directory']['byUsername'] = () => undefined;
  return {
    stores: (stores) => ({
      ...stores,
      history: {
        ...stores.history,
        async append(entry) {
          await stores.history.append(entry);
          const { type, owner, party, client_id, resource_id, resource_name, scopes } = entry;
          tell({ event: type, outcome: 'success', owner, party, client_id, resource_id, resource_name, scopes });
        },
      },
    }),
    routes: followRequests,
    people(people) {
      byUsername = (people as typeof people & Pick<AuthorityDeps['directory'], 'byUsername'>).byUsername;
      const told =
        (check: People['authenticate']): People['authenticate'] =>
        async (username, password, address) => {
          let outcome = 'failure';
          try {
            const found = await check(username, password, address);
            if (found !== undefined) outcome = 'success';
            return found;
          } catch (error) {
            if (error instanceof TooManyAttempts) outcome = error.error;
            throw error;
          } finally {
            tell({ event: 'sign_in', outcome, subject: byUsername(username)?.sub });
          }
        };
      return { ...people, authenticate: told(people.authenticate), firstFactor: told(people.firstFactor) };
    },
    authority: (authority) => ({
      ...authority,
      async redeem(params, context) {
        const answer = await authority.redeem(params, context);
        const outcome = outcomeOf(answer.status, answer.body);
        if (outcome !== 'granted') tell({ event: 'rpt_refused', outcome, client_id: context.client.id });
        return answer;
      },
    }),
    tokenRequest({ endpoint, grant_type, outcome, client_id, subject }) {
      const ended = outcome === 'granted' ? 'success' : outcome;
      if (endpoint === 'revocation') tell({ event: 'token_revocation', outcome: ended, client_id });
      // What became of a ticket is told by the authority, in every layout.
      else if (grant_type !== 'uma-ticket' || client_id === undefined)
        tell({
          event: outcome === 'granted' ? 'token_granted' : 'token_refused',
          outcome: ended,
          grant_type,
          client_id,
          subject,
        });
    },
    keys(kids, first) {
      if (!first) tell({ event: 'signing_keys', outcome: 'success', kids });
    },
  };
}
