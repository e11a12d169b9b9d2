/** A line for each request, for whoever looks for a fault. The address as a template: what stands in a path or query may be a secret. */
import type { Watcher } from './watcher.ts';

export interface RequestLine {
  request_id: string;
  method: string;
  route: string;
  status: number;
  duration_ms: number;
  ip: string;
}

export function requestLog(write: (line: RequestLine) => void): Watcher {
  return {
    routes(app) {
      app.addHook('onResponse', (request, reply, done) => {
        write({
          request_id: request.id,
          method: request.method,
          route: request.routeOptions.url ?? 'none',
          status: reply.raw.statusCode,
          duration_ms: Math.round(reply.elapsedTime * 10) / 10,
          ip: request.ip,
        });
        done();
      });
    },
  };
}
