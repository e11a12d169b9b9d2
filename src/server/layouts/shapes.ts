/** A layout's shapes put on answers: of the house's own routes as they are sent, of oidc-provider's after it has answered. */
import type { FastifyInstance } from 'fastify';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isObject } from '../../protocol/http.ts';
import { PATHS } from '../oauth/paths.ts';
import type { Layout, Shape } from './layout.ts';

/** Must be called before the routes that it shapes are added. */
export function shapeRoutes(app: FastifyInstance, { shapes = {} }: Pick<Layout, 'shapes'>): void {
  const byPath: [string, Shape][] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    if (name !== 'token' && shape !== undefined) byPath.push([PATHS[name as keyof typeof PATHS], shape]);
  }
  if (byPath.length === 0) return;
  app.addHook('onSend', async (request, reply, payload) => {
    const route = request.routeOptions.url ?? '';
    const shape = byPath.find(([path]) => route === path || route.startsWith(`${path}/`))?.[1];
    if (shape === undefined || (payload !== null && payload !== undefined && typeof payload !== 'string'))
      return payload;
    const sent = payload === null || payload === undefined || payload === '' ? undefined : JSON.parse(payload);
    const asked = { method: request.method, params: { ...(request.params as Record<string, string>) }, form: {} };
    const { status, body } = await shape({ status: reply.statusCode, body: sent }, asked);
    reply.code(status);
    if (body === undefined) return payload;
    const text = JSON.stringify(body);
    reply.header('content-length', Buffer.byteLength(text));
    return text;
  });
}

/** Must be called before other middleware: what is added first sees the answer last. */
export function shapeTokens(provider: Provider, shape: Shape): void {
  provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as Partial<KoaContextWithOIDC>;
    if (oidc?.route !== 'token' || !isObject(ctx.body)) return;
    const { status, body } = await shape(
      { status: ctx.status, body: ctx.body },
      { method: ctx.method, params: {}, form: { ...oidc.params } },
    );
    ctx.status = status;
    ctx.body = body;
  });
}
