/** Readable views that several commands share. Every word of a peer goes through `paint`. */
import type { Paint } from '../cli/paint.ts';
import type { SeenPolicy, SeenRequest } from '../client/resource-owner.ts';
import type { AccessRequest, Party, Policy, PolicySubject } from '../protocol/owner.ts';
import type { Permission } from '../protocol/permission.ts';
import type { TokenAnswer } from '../protocol/token.ts';

/** Members of what several commands print, as help and `--json` name them. */
export const RESOURCE_FIELDS: readonly string[] = [
  '_id',
  'name',
  'type',
  'resource_scopes',
  'icon_uri',
  'description',
  'user_access_policy_uri',
];
export const REQUEST_FIELDS: readonly (keyof AccessRequest)[] = [
  'id',
  'status',
  'resource_id',
  'resource_name',
  'scopes',
  'granted_scopes',
  'party',
  'client_id',
  'client_name',
  'created_at',
  'decided_at',
  'message',
];
export const POLICY_FIELDS: readonly (keyof Policy)[] = [
  'id',
  'effect',
  'resource_id',
  'subject',
  'scopes',
  'claims',
  'clients',
  'expires_at',
  'name',
  'description',
  'created_at',
  'updated_at',
];

export function tokenView(paint: Paint, what: string, answer: TokenAnswer): string {
  const details = [
    answer.scope === undefined || answer.scope === '' ? undefined : `scope ${paint.clean(answer.scope)}`,
    answer.expires_in === undefined ? undefined : `for ${inWords(answer.expires_in)}`,
  ].filter((detail) => detail !== undefined);
  return [`${paint.bold(what)} ${paint.secret(answer.access_token)}`, ...details].join('\n');
}

export function permissionTable(paint: Paint, permissions: readonly Permission[]): string {
  return paint.table(
    ['resource', 'scopes', 'until'],
    permissions.map(({ resource_id, resource_scopes, exp }) => [
      resource_id,
      resource_scopes.join(' '),
      exp === undefined ? '' : time(exp),
    ]),
  );
}

export function requestTable(paint: Paint, requests: readonly SeenRequest[], issuer: string): string {
  return paint.table(
    ['request', 'status', 'who', 'resource', 'scopes', 'client', 'since'],
    requests.map((request) => [
      request.id,
      request.status,
      partyName(request.party, issuer),
      request.resource_name ?? request.resource_id,
      (request.granted_scopes ?? request.scopes).join(' '),
      request.client_name ?? request.client_id ?? '',
      request.created_at === undefined ? '' : time(request.created_at),
    ]),
  );
}

export function policyTable(paint: Paint, policies: readonly SeenPolicy[], issuer: string): string {
  return paint.table(
    ['policy', 'effect', 'resource', 'who', 'scopes', 'until', 'name'],
    policies.map((policy) => [
      policy.id,
      policy.effect,
      policy.resource_id,
      subjectName(policy.subject, issuer),
      policy.scopes?.join(' ') ?? 'all',
      policy.expires_at === undefined ? '' : time(policy.expires_at),
      policy.name ?? '',
    ]),
  );
}

/** A request or policy in full: one member a line. */
export function memberList(paint: Paint, value: object): string {
  return paint.table(
    ['member', 'value'],
    Object.entries(value).map(([name, member]) => [name, typeof member === 'string' ? member : shown(name, member)]),
  );
}

const shown = (name: string, member: unknown): string =>
  typeof member === 'number' && (name.endsWith('_at') || name === 'at') ? time(member) : JSON.stringify(member);

/** People of the server in use by their subject; those of another issuer with it. */
export const partyName = (party: Party, issuer: string): string =>
  party.name ?? (party.iss === issuer ? party.sub : `${party.sub} of ${party.iss}`);

function subjectName(subject: PolicySubject, issuer: string): string {
  if ('party' in subject) return partyName(subject.party, issuer);
  if ('email' in subject) return subject.email;
  if ('group' in subject) return `group ${subject.group}`;
  return 'anyone';
}

/** Seconds since the epoch as `2026-01-02 03:04:05Z`. */
export function time(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  return date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** `2 h`, `5 min`, `30 s`. */
export function inWords(seconds: number): string {
  if (seconds >= 7200) return `${Math.round(seconds / 3600)} h`;
  if (seconds >= 120) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds)} s`;
}
