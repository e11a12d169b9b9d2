/**
 * Metrics in the text form of Prometheus. Every label has a short closed list of values: routes as templates, methods, statuses,
 * codes of errors; never an id, a name or anything else that a peer chooses.
 */
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import { TooManyAttempts } from '../oauth/attempts.ts';
import type { People } from '../oauth/people.ts';
import type { Stores } from '../stores/types.ts';
import { outcomeOf } from './token-requests.ts';
import type { Watcher } from './watcher.ts';

export interface Metrics extends Watcher {
  registry: Registry;
}

/** What one process has counted, to be sent to another. */
export type Counted = MetricObjectWithValues<MetricValue<string>>[];

/** Seconds. A look-up in memory takes microseconds, a password hash a tenth of a second, a database that waits ten seconds. */
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const STORE_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5];

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** @param version of the program, for `uma_build_info`. */
export function createMetrics({ version }: { version: string }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'uma_http_request_duration_seconds',
    help: 'Requests by route, method and status, from the first byte read to the last one written',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const store = new Histogram({
    name: 'uma_store_duration_seconds',
    help: 'Calls of the store by kind of record, operation and result (ok, failed)',
    labelNames: ['store', 'operation', 'result'] as const,
    buckets: STORE_BUCKETS,
    registers,
  });
  const tickets = new Counter({ name: 'uma_tickets_issued_total', help: 'Permission tickets', registers });
  const outcomes = new Counter({
    name: 'uma_outcomes_total',
    help: 'Outcomes of the uma-ticket grant: granted, need_info, request_submitted, request_denied, or the error',
    labelNames: ['outcome'] as const,
    registers,
  });
  const rpts = new Counter({
    name: 'uma_rpts_issued_total',
    help: 'RPTs, by what they were issued for (ticket, entitlement, refresh)',
    labelNames: ['for'] as const,
    registers,
  });
  const introspections = new Counter({
    name: 'uma_introspections_total',
    help: 'Introspections by answer (active, inactive, not_an_rpt)',
    labelNames: ['answer'] as const,
    registers,
  });
  const tokens = new Counter({
    name: 'uma_token_requests_total',
    help: 'Requests at the token endpoint by grant type and outcome (granted, or the error)',
    labelNames: ['grant_type', 'outcome'] as const,
    registers,
  });
  const signIns = new Counter({
    name: 'uma_sign_ins_total',
    help: 'Passwords that were tried, by outcome (accepted, refused, too_many_attempts, failed)',
    labelNames: ['outcome'] as const,
    registers,
  });
  const keys = new Counter({
    name: 'uma_signing_key_changes_total',
    help: 'Times that this process took up other signing keys than it had',
    registers,
  });
  new Gauge({
    name: 'uma_build_info',
    help: 'Always 1; the label has the version',
    labelNames: ['version'] as const,
    registers,
    aggregator: 'first',
  }).set({ version }, 1);

  return {
    registry,
    stores: (stores) => timed(stores, (labels, seconds) => store.observe(labels, seconds)),
    routes(app) {
      app.addHook('onResponse', (request, reply, done) => {
        const method = METHODS.has(request.method) ? request.method : 'other';
        const route = request.routeOptions.url ?? 'none';
        requests.observe({ route, method, status: reply.raw.statusCode }, reply.elapsedTime / 1000);
        done();
      });
    },
    authority: (authority) => ({
      ...authority,
      async issueTicket(...args) {
        const ticket = await authority.issueTicket(...args);
        tickets.inc();
        return ticket;
      },
      async redeem(params, context) {
        const answer = await authority.redeem(params, context);
        const outcome = outcomeOf(answer.status, answer.body);
        outcomes.inc({ outcome });
        if (outcome === 'granted' && 'access_token' in answer.body) rpts.inc({ for: 'ticket' });
        return answer;
      },
      async issueEntitlements(...args) {
        const answer = await authority.issueEntitlements(...args);
        if (answer?.status === 200) rpts.inc({ for: 'entitlement' });
        return answer;
      },
      async refresh(...args) {
        const answer = await authority.refresh(...args);
        if (answer?.status === 200) rpts.inc({ for: 'refresh' });
        return answer;
      },
      async introspect(...args) {
        const answer = await authority.introspect(...args);
        introspections.inc({ answer: answer === undefined ? 'not_an_rpt' : answer.active ? 'active' : 'inactive' });
        return answer;
      },
    }),
    people(people) {
      const counted =
        (check: People['authenticate']): People['authenticate'] =>
        async (...args) => {
          let outcome = 'failed';
          try {
            const found = await check(...args);
            outcome = found === undefined ? 'refused' : 'accepted';
            return found;
          } catch (error) {
            if (error instanceof TooManyAttempts) outcome = error.error;
            throw error;
          } finally {
            signIns.inc({ outcome });
          }
        };
      return { ...people, authenticate: counted(people.authenticate), firstFactor: counted(people.firstFactor) };
    },
    tokenRequest({ endpoint, grant_type = 'other', outcome }) {
      if (endpoint === 'token') tokens.inc({ grant_type, outcome });
    },
    keys(_kids, first) {
      if (!first) keys.inc();
    },
  };
}

/** What the processes of one server have counted, together. */
export function together(counted: readonly Counted[]): Promise<string> {
  return AggregatorRegistry.aggregate([...counted]).metrics();
}

type Call = (...args: unknown[]) => unknown;

/** Every store with its operations measured; what is no operation stays as it is. */
function timed(
  stores: Stores,
  observe: (labels: { store: string; operation: string; result: 'ok' | 'failed' }, seconds: number) => void,
): Stores {
  const measured =
    (store: string, operation: string, call: Call) =>
    (...args: unknown[]) => {
      const begin = performance.now();
      const seen = (result: 'ok' | 'failed') =>
        observe({ store, operation, result }, (performance.now() - begin) / 1000);
      const value = call(...args);
      if (value instanceof Promise)
        value.then(
          () => seen('ok'),
          () => seen('failed'),
        );
      return value;
    };
  return Object.fromEntries(
    Object.entries(stores).map(([name, store]) => {
      if (typeof store !== 'object') return [name, store];
      const operations = Object.entries(store as Record<string, Call>);
      return [name, Object.fromEntries(operations.map(([to, call]) => [to, measured(name, to, call)]))];
    }),
  ) as unknown as Stores;
}
