/** Who sends a request to whom, which arrow of the flow picture it is, and which step: read off the request and the metadata seen before. */
import type { Actor } from '../protocol/actors.ts';
import { type HttpRequest, type HttpResponse, isObject } from '../protocol/http.ts';
import { UMA_TICKET_GRANT } from '../protocol/outcome.ts';
import { OWNER_SCOPE } from '../protocol/owner.ts';
import type { StepNumber } from './trace.ts';

/** A request as an arrow, and the arrow that its answer will be. */
export interface Arrow {
  from: Actor;
  to: Actor;
  label: string;
  what: string;
  step: StepNumber;
  answerLabel(status: number): string;
}

/** What each label means, in the words of the walkthrough. */
export const LABELS: readonly (readonly [label: string, meaning: string])[] = [
  ['1', 'the requesting party asks the client for the resource'],
  ['2', 'the client asks the resource server'],
  ['3', 'the resource server gets a permission ticket'],
  ['4', 'and hands it over with a 401'],
  ['5', 'the client gathers claims'],
  ['6', 'ticket and claims go to the AS'],
  ['7', 'the AS assesses the policy'],
  ['8', 'and gives the RPT'],
  ['9', 'the client shows the RPT'],
  ['10', 'the resource server introspects it'],
  ['11', 'and gives the resource'],
];

export const STEPS: Record<StepNumber, string> = {
  1: 'protection',
  2: 'permission ticket',
  3: 'claims',
  4: 'authorization',
  5: 'access',
};

const none = () => '';
type Hint = Actor | undefined;

/** Reads arrows; learns where endpoints are from the metadata documents that pass by. */
export class Flow {
  readonly #endpoints = new Map<string, string>();
  readonly #origins = new Set<string>();

  /** `known`: the issuer and endpoints given by hand. */
  constructor(known: Record<string, string | undefined> = {}) {
    this.#learn(known);
  }

  /** `hint`: who sends, where the sender knows; else the request has to tell. */
  arrow(request: HttpRequest, hint?: Actor): Arrow {
    const { origin, pathname } = new URL(request.url);
    if (pathname.includes('/.well-known/')) return discovery(hint);
    if (!this.#origins.has(origin) && !this.#endpointOf(request.url) && !looksLikeAs(request)) return access(request);
    return this.#protection(request, hint) ?? this.#owner(request, hint) ?? tokenRequest(request, hint);
  }

  /** Metadata in an answer says where the endpoints are. */
  observe(request: HttpRequest, response: HttpResponse): void {
    if (!request.url.includes('/.well-known/') || response.status !== 200) return;
    try {
      const document: unknown = JSON.parse(response.body);
      if (isObject(document)) this.#learn(document);
    } catch {
      // Not a document: there is nothing to learn.
    }
  }

  #learn(members: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(members)) {
      if (!/^issuer$|_endpoint$/.test(name) || typeof value !== 'string' || !URL.canParse(value)) continue;
      this.#origins.add(new URL(value).origin);
      if (name !== 'issuer') this.#endpoints.set(name, value.replace(/\/$/, ''));
    }
  }

  /** The endpoint that `url` is, or is beneath; the longest wins. */
  #endpointOf(url: string): string | undefined {
    const [plain = ''] = url.split(/[?#]/);
    const fits = [...this.#endpoints].filter(([, address]) => plain === address || plain.startsWith(`${address}/`));
    return fits.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
  }

  #protection(request: HttpRequest, hint: Hint): Arrow | undefined {
    const { pathname } = new URL(request.url);
    const endpoint = this.#endpointOf(request.url);
    const from = hint ?? 'resource server';
    if (ownersPath(pathname)) return undefined;
    if (endpoint === 'introspection_endpoint' || /\/introspect$/.test(pathname))
      return { from, to: 'AS', label: '10', what: 'introspection', step: 5, answerLabel: none };
    const asksTicket = request.method === 'POST' && isPermissionRequest(request.body);
    if (endpoint === 'permission_endpoint' || (endpoint === undefined && asksTicket))
      return { from, to: 'AS', label: '3', what: 'permission ticket', step: 2, answerLabel: none };
    if (endpoint === 'resource_registration_endpoint') {
      const what = RESOURCE_VERBS[request.method] ?? 'resource';
      return { from, to: 'AS', label: '', what, step: 1, answerLabel: none };
    }
    return undefined;
  }

  #owner(request: HttpRequest, hint: Hint): Arrow | undefined {
    const { pathname } = new URL(request.url);
    if (this.#endpointOf(request.url) !== 'resource_owner_endpoint' && !ownersPath(pathname)) return undefined;
    const what = ownersWork(request.method, pathname);
    return { from: hint ?? 'owner', to: 'AS', label: '', what, step: 4, answerLabel: none };
  }
}

const discovery = (hint: Hint): Arrow => ({
  from: hint ?? 'client',
  to: 'AS',
  label: '',
  what: 'discovery',
  step: 1,
  answerLabel: none,
});

/** 2 or, with an RPT, 9; 4 is a refusal, 11 the resource. */
function access({ headers }: HttpRequest): Arrow {
  const withToken = headers.authorization !== undefined;
  return {
    from: 'client',
    to: 'resource server',
    label: withToken ? '9' : '2',
    what: withToken ? 'resource, with RPT' : 'resource, no token',
    step: withToken ? 5 : 2,
    answerLabel: (status) => (status < 300 ? '11' : '4'),
  };
}

function tokenRequest(request: HttpRequest, hint: Hint): Arrow {
  const form = new URLSearchParams(request.body);
  const grant = form.get('grant_type');
  const scopes = (form.get('scope') ?? '').split(' ');
  const to = 'AS';
  if (grant === UMA_TICKET_GRANT) {
    const answerLabel = (status: number) => (status === 200 ? '8' : '7');
    return { from: hint ?? 'client', to, label: '6', what: 'RPT', step: 4, answerLabel };
  }
  if (grant === null) return { from: hint ?? 'client', to, label: '', what: 'other', step: 1, answerLabel: none };
  const isPat = scopes.includes('uma_protection') || (scopes.join('') === '' && hint !== 'client' && hint !== 'owner');
  if (hint === 'resource server' || (hint === undefined && isPat))
    return { from: 'resource server', to, label: '', what: 'PAT', step: 1, answerLabel: none };
  if (hint === 'owner' || (hint === undefined && scopes.includes(OWNER_SCOPE)))
    return { from: 'owner', to, label: '', what: "owner's sign-in", step: 4, answerLabel: none };
  return { from: 'client', to, label: '5', what: 'claims', step: 3, answerLabel: none };
}

const RESOURCE_VERBS: Partial<Record<HttpRequest['method'], string>> = {
  POST: 'resource registration',
  GET: 'registered resources',
  PUT: 'resource update',
  DELETE: 'resource removal',
};

/** Owners' addresses of Keycloak and AM, which stand beneath or beside other endpoints. */
const ownersPath = (path: string): boolean =>
  /\/authz\/protection\/(permission\/ticket|uma-policy)(\/|$)|\/json\/.*\/uma\/|\/json\/(.*\/)?authenticate$/.test(
    path,
  );

/** What the owner does, by the words in the address; the first that fits. */
const OWNERS_WORK: readonly (readonly [path: RegExp, read: string, write: string])[] = [
  [/\/authenticate$/, "owner's sign-in", "owner's sign-in"],
  [/\/approve$/, 'approval', 'approval'],
  [/\/deny$/, 'denial', 'denial'],
  [/revo(ke|cation)/, 'revocation', 'revocation'],
  [/polic/, 'policies', 'policy'],
  [/request|ticket/, 'requests', 'decision'],
  [/history/i, 'history', 'history'],
  [/people|users\?/, 'people', 'people'],
  [/resource|sets|labels/, 'resources', 'resource'],
];

function ownersWork(method: string, path: string): string {
  const [, read, write] = OWNERS_WORK.find(([words]) => words.test(path)) ?? [
    undefined,
    "owner's side",
    "owner's side",
  ];
  return method === 'GET' ? read : write;
}

/** Before any metadata was seen: a grant, a permission request, an introspection. */
const looksLikeAs = ({ url, body = '' }: HttpRequest): boolean =>
  /(^|&)grant_type=/.test(body) || isPermissionRequest(body) || /\/introspect$/.test(new URL(url).pathname);

const isPermissionRequest = (body: string | undefined): boolean =>
  body !== undefined && /^\s*[[{]/.test(body) && body.includes('"resource_id"') && body.includes('"resource_scopes"');
