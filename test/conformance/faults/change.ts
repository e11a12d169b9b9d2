/** The usual ways to break a server from in front of it. */
import { type Forward, formOf, jsonOf, type Message, type Reply, type World } from './proxy.ts';

export type Handle = (message: Message, forward: Forward, world: World) => Promise<Reply>;
type Matches = (message: Message) => boolean;

export const at =
  (path: string, method?: string): Matches =>
  (message) =>
    message.url.pathname.startsWith(path) && (method === undefined || message.method === method);

export const tokenRequest =
  (grant: string): Matches =>
  (message) =>
    message.url.pathname === '/token' && formOf(message).get('grant_type') === grant;
export const TICKET = 'urn:ietf:params:oauth:grant-type:uma-ticket';
export const ticketGrant = tokenRequest(TICKET);

/** Changes answers. */
export const answering =
  (matches: Matches, change: (reply: Reply, message: Message, world: World) => Reply | Promise<Reply>): Handle =>
  async (message, forward, world) => {
    const reply = await forward(message);
    return matches(message) ? change(reply, message, world) : reply;
  };

/** Changes requests before the server sees them. */
export const asking =
  (matches: Matches, change: (message: Message, world: World) => Message | Promise<Message>): Handle =>
  async (message, forward, world) =>
    forward(matches(message) ? await change(message, world) : message);

export const withStatus = (from: number, to: number) => (reply: Reply) =>
  reply.status === from ? { ...reply, status: to } : reply;

export const withJson =
  (change: (json: Record<string, unknown>) => Record<string, unknown>) =>
  (reply: Reply): Reply => {
    const json = jsonOf(reply);
    return Object.keys(json).length === 0 ? reply : { ...reply, body: JSON.stringify(change(json)) };
  };

export const without =
  (...members: string[]) =>
  (json: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(json).filter(([name]) => !members.includes(name)));

export const withoutHeader =
  (...names: string[]) =>
  (reply: Reply): Reply => ({
    ...reply,
    headers: Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !names.includes(name))),
  });

export const withForm = (message: Message, change: (form: URLSearchParams) => void): Message => {
  const form = formOf(message);
  change(form);
  return { ...message, body: form.toString() };
};

/** Changes the address that a redirect leads to, where it leads to a client. */
export const withLocation =
  (change: (location: URL, message: Message) => URL) =>
  (reply: Reply, message: Message): Reply => {
    const { location } = reply.headers;
    if (typeof location !== 'string' || !location.startsWith('https://client.example')) return reply;
    return { ...reply, headers: { ...reply.headers, location: change(new URL(location), message).href } };
  };

export const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});

/** Answers a request that was seen before as it was answered then, where `key` finds one. */
export const repeating =
  (matches: Matches, key: (message: Message) => string, keep: (reply: Reply) => boolean): Handle =>
  async (message, forward, { memory }) => {
    if (!matches(message)) return forward(message);
    const kept = memory.get(key(message)) as Reply | undefined;
    if (kept !== undefined) return kept;
    const reply = await forward(message);
    if (keep(reply)) memory.set(key(message), reply);
    return reply;
  };
