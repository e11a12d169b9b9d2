/** `--dry-run`: what is printed instead of a result, and what is assumed of a server that is not asked. */
import type { Command, Result } from '../cli/command.ts';
import type { Settings } from '../cli/settings.ts';
import { UmaError } from '../protocol/errors.ts';
import type { HttpRequest } from '../protocol/http.ts';
import { PATHS } from '../server/oauth/paths.ts';
import type { Arrow } from '../trace/labels.ts';
import { Redactor } from '../trace/redaction.ts';
import { prettyBody } from '../trace/text.ts';
import { KEYCLOAK_PATHS } from '../wire/keycloak.ts';

export interface Rehearsed {
  request: HttpRequest;
  arrow: Arrow;
  /** As a curl line. */
  curl: string;
}

/** @throws UmaError `no_dry_run` (usage) for a command that sends nothing by itself or needs the answers. */
export function checkDryRun(title: string, command: Pick<Command, 'groups' | 'dryRun'>): void {
  if (command.dryRun !== false && command.groups?.includes('as') === true) return;
  throw new UmaError('usage', 'no_dry_run', `${title} has no --dry-run: there is no request to show`, {
    hint: 'uma ticket --resource ID --scope view --dry-run',
  });
}

/** Where endpoints are taken to be: as the built-in server has them, or Keycloak; AM's addresses are not guessed. */
export function assumedMetadata(issuer: string | undefined, settings: Settings): Record<string, unknown> | undefined {
  if (issuer === undefined) return undefined;
  const dialect = settings.dialect().value;
  const vendor = dialect === 'auto' && issuer.includes('/realms/') ? 'keycloak' : dialect;
  if (vendor === 'forgerock') return undefined;
  const paths =
    vendor === 'keycloak'
      ? {
          token_endpoint: KEYCLOAK_PATHS.token,
          permission_endpoint: KEYCLOAK_PATHS.permission,
          resource_registration_endpoint: KEYCLOAK_PATHS.resources,
          introspection_endpoint: KEYCLOAK_PATHS.introspection,
        }
      : {
          token_endpoint: PATHS.token,
          permission_endpoint: PATHS.permission,
          resource_registration_endpoint: PATHS.resource_registration,
          introspection_endpoint: PATHS.introspection,
          resource_owner_endpoint: PATHS.owner,
        };
  const endpoints = Object.entries(paths).map(([name, path]) => [name, issuer.replace(/\/$/, '') + path]);
  return { issuer, ...Object.fromEntries(endpoints) };
}

/** The requests, secrets masked, in place of the command's own result. */
export function dryRunResult(rehearsed: readonly Rehearsed[], flags: Readonly<Record<string, unknown>>): Result {
  const redactor = new Redactor();
  const masked = rehearsed.map(({ request }) => redactor.request(request));
  const assumed = rehearsed.some(({ arrow }) => arrow.what === 'discovery');
  const result: Result = {
    value: { requests: masked },
    view: (paint) =>
      masked
        .map(({ method, url, headers, body }, at) => {
          const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
          const content = body === undefined ? [] : ['', prettyBody(body)];
          const step = rehearsed[at]!.arrow.step;
          return [paint.bold(`[${step}/5] ${method} ${url}`), ...fields, ...content].join('\n');
        })
        .join('\n\n'),
    note: assumed
      ? 'dry run: nothing was sent. Addresses are assumed, because discovery was not sent either; name them to be sure (--token-endpoint, ...)'
      : 'dry run: nothing was sent',
  };
  return flags.curl === true ? { ...result, text: rehearsed.map(({ curl }) => curl).join('\n') } : result;
}
