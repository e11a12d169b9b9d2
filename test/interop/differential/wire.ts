/** Requests of the differential test, and what is compared of their answers. */

export interface Answer {
  status: number;
  /** Parsed JSON, or the text. */
  body: unknown;
}

/** What is compared: neither ids, times nor tokens, but everything that a client's code can depend on. */
export interface Trait {
  status: number;
  /** `error`; of `access_denied` also its description, which Keycloak's clients have to read. */
  error?: string;
  shape: Shape;
}
export type Shape = string | [Shape] | [] | { [member: string]: Shape };

export interface Exchange {
  name: string;
  trait: Trait;
}

export interface Call {
  method?: string;
  path: string;
  /** A list = the parameter several times. */
  form?: Record<string, string | string[] | undefined>;
  json?: unknown;
  /** Sent as it is. */
  text?: string;
  bearer?: string | undefined;
  /** `id:secret` */
  basic?: string;
}

export async function send(issuer: string, call: Call): Promise<Answer> {
  const headers: Record<string, string> = {};
  let body: string | undefined;
  if (call.form !== undefined) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(call.form))
      for (const item of [value].flat()) if (item !== undefined) form.append(name, item);
    body = form.toString();
    headers['content-type'] = 'application/x-www-form-urlencoded';
  }
  if (call.json !== undefined || call.text !== undefined) {
    body = call.text ?? JSON.stringify(call.json);
    headers['content-type'] = 'application/json';
  }
  if (call.bearer !== undefined) headers.authorization = `Bearer ${call.bearer}`;
  if (call.basic !== undefined) headers.authorization = `Basic ${Buffer.from(call.basic).toString('base64')}`;
  const response = await fetch(issuer + call.path, {
    method: call.method ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function traitOf({ status, body }: Answer): Trait {
  const { error, error_description: description } = (body ?? {}) as { error?: string; error_description?: string };
  const code = error === 'access_denied' ? `${error} ${description}` : withoutValues(error);
  return { status, ...(code === undefined ? {} : { error: code }), shape: shapeOf(body) };
}

/** Keycloak writes names and ids into some of its codes. */
const withoutValues = (error: string | undefined) => error?.replace(/\[[^\]]*\]/g, '[]').replace(/ at line.*$/, '');

function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) {
    const shapes = value.map((item: unknown) => shapeOf(item));
    return shapes.length === 0 ? [] : [shapes.reduce(merged)];
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        // Clients read access tokens and ID Tokens; what is inside the others is the server's own.
        .map(([name, item]) => [
          name,
          name === 'access_token' || name === 'id_token' ? tokenShape(item) : shapeOf(item),
        ]),
    );
  if (typeof value !== 'string') return value === null ? 'null' : typeof value;
  return value === '' ? 'nothing' : payloadOf(value) === undefined ? 'string' : 'jwt';
}

function tokenShape(value: unknown): Shape {
  const payload = payloadOf(value);
  return payload === undefined ? shapeOf(value) : { jwt: shapeOf(payload) };
}

function merged(a: Shape, b: Shape): Shape {
  if (typeof a === 'string' || typeof b === 'string' || Array.isArray(a) || Array.isArray(b)) return a;
  return { ...b, ...a };
}

export function payloadOf(token: unknown): Record<string, unknown> | undefined {
  if (typeof token !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
  const payload = parsed(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8'));
  return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : undefined;
}

/** In words, one a difference: `status 403 -> 200`, `error a -> b`, `+ access_token.jwt.nbf`, `- scope`, `type exp number -> string`. */
export function differences(theirs: Trait, ours: Trait): string[] {
  const found: string[] = [];
  if (theirs.status !== ours.status) found.push(`status ${theirs.status} -> ${ours.status}`);
  if (theirs.error !== ours.error) found.push(`error ${theirs.error ?? 'none'} -> ${ours.error ?? 'none'}`);
  // Of different kinds of answers the members say nothing more.
  if (found.length > 0) return [found.join(', ')];
  return shapeDifferences(theirs.shape, ours.shape, '');
}

function shapeDifferences(theirs: Shape, ours: Shape, path: string): string[] {
  if (typeof theirs === 'string' || typeof ours === 'string')
    return theirs === ours ? [] : [`type ${path} ${kind(theirs)} -> ${kind(ours)}`];
  if (Array.isArray(theirs) || Array.isArray(ours)) {
    if (!Array.isArray(theirs) || !Array.isArray(ours)) return [`type ${path} ${kind(theirs)} -> ${kind(ours)}`];
    const [a] = theirs;
    const [b] = ours;
    if (a === undefined || b === undefined)
      return a === b ? [] : [`${path}[] ${a === undefined ? 'was empty' : 'is empty'}`];
    return shapeDifferences(a, b, `${path}[]`);
  }
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap((name) => {
    const [a, b] = [theirs[name], ours[name]];
    if (a === undefined) return [`+ ${at(name)}`];
    if (b === undefined) return [`- ${at(name)}`];
    return shapeDifferences(a, b, at(name));
  });
}

const kind = (shape: Shape): string => (typeof shape === 'string' ? shape : Array.isArray(shape) ? 'array' : 'object');
