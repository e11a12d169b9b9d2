/** Requests as the walkthrough writes them with curl: `fetch`, and nothing of ours. */
import assert from 'node:assert/strict';

export const UMA_TICKET = 'urn:ietf:params:oauth:grant-type:uma-ticket';
export const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  body: any;
}

export type Endpoints = Record<
  | 'token_endpoint'
  | 'permission_endpoint'
  | 'resource_registration_endpoint'
  | 'introspection_endpoint'
  | 'resource_owner_endpoint',
  string
>;

export async function endpointsOf(issuer: string): Promise<Endpoints> {
  const { status, body } = await read(await fetch(`${issuer}/.well-known/uma2-configuration`));
  assert.equal(status, 200);
  return body;
}

export const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** `authorization` is the whole header value. */
export const form = async (
  url: string,
  authorization: string | undefined,
  members: Record<string, string>,
): Promise<Answer> =>
  read(
    await fetch(url, {
      method: 'POST',
      headers: authorization === undefined ? {} : { authorization },
      body: new URLSearchParams(members),
    }),
  );

export const json = async (url: string, method: string, token: string, body?: unknown): Promise<Answer> =>
  read(
    await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}
