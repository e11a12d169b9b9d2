import { defineCommand } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { UmaError } from '../protocol/errors.ts';
import {
  faultOfPermissionRequest,
  normalisePermissionRequest,
  type RequestedPermission,
} from '../protocol/permission.ts';
import { asResourceServer, PAT_FILE, type PatOptions, scopesOf } from './connect.ts';

interface Options extends PatOptions {
  resource?: string;
  scope?: string[];
  permission?: string[];
  input?: string;
}

export const command = defineCommand<Options>({
  description:
    'Gets a permission ticket, as a resource server does when somebody asks for a resource without a sufficient token.',
  groups: ['as', 'rs', 'owner'],
  flags: [
    {
      flags: '--resource <id|name>',
      description: 'the resource, by its id, its name or its URI',
      complete: 'resources',
    },
    { flags: '--scope <scope>', description: 'what the client wants to do with it', list: true, complete: 'scopes' },
    {
      flags: '--permission <id=scope,...>',
      description: 'several resources at once: a resource and its scopes, repeatable',
      repeat: true,
    },
    { flags: '--input <file>', description: 'the permission request as JSON, - for stdin', file: true },
    PAT_FILE,
  ],
  environment: [
    ['UMA_RESOURCE', 'as --resource'],
    ['UMA_SCOPE', 'as --scope'],
    ['UMA_PAT', 'the PAT, as --pat-file'],
  ],
  examples: [
    { comment: 'a ticket to download the photo album', line: 'uma ticket --resource "Photo Album" --scope download' },
    {
      comment: 'and on to the RPT',
      line: 'uma ticket --resource "Photo Album" --scope download | uma rpt --party bob',
    },
    { comment: 'one ticket for two resources', line: "uma ticket --permission 'r1=view' --permission 'r2=view,print'" },
  ],
  fields: ['ticket', 'as_uri'],
  spec: 'UMA Federated Authorization 4.1',
  async run(options, context) {
    const wanted = await permissionsOf(options, context);
    const server = await asResourceServer(context, options);
    const { ticket, permissions } = await server.ticket(wanted);
    const resolved = permissions.flatMap(({ resource_id }, at) =>
      wanted[at]?.resource_id === resource_id ? [] : [`"${wanted[at]?.resource_id}" is the resource ${resource_id}`],
    );
    if (resolved.length > 0) context.note(resolved.join('; '));
    return {
      value: { ticket, as_uri: context.settings.issuer().value },
      view: (paint) =>
        [
          `${paint.bold('ticket')} ${paint.clean(ticket)}`,
          paint.table(
            ['resource', 'scopes'],
            permissions.map(({ resource_id, resource_scopes }) => [resource_id, resource_scopes.join(' ')]),
          ),
          paint.dim('good for one attempt and a short time; next: uma rpt --ticket TICKET --party NAME'),
        ].join('\n'),
    };
  },
});

async function permissionsOf(options: Options, context: Context): Promise<RequestedPermission[]> {
  const ways = [
    ['--resource', options.resource],
    ['--permission', options.permission],
    ['--input', options.input],
  ].filter(([, value]) => value !== undefined);
  if (ways.length > 1) {
    throw new UmaError('usage', 'conflicting_flags', `${ways.map(([flag]) => flag).join(' and ')} exclude each other`, {
      hint: "name all resources by --permission 'ID=scope,scope'",
    });
  }
  if (options.input !== undefined) {
    const value = await context.readJson('--input', options.input);
    const fault = faultOfPermissionRequest(value);
    if (fault === undefined) return normalisePermissionRequest(value as RequestedPermission | RequestedPermission[]);
    const member = fault.path === '' ? 'the permission request' : `"${fault.path}"`;
    throw new UmaError('usage', 'invalid_input', `--input: ${member} ${fault.fault}`, {
      spec: 'UMA Federated Authorization 4.1',
    });
  }
  if (options.permission !== undefined) {
    if (options.scope !== undefined)
      throw new UmaError(
        'usage',
        'conflicting_flags',
        '--scope goes with --resource; --permission names its own scopes',
      );
    return normalisePermissionRequest(options.permission.map(permissionOf));
  }
  const resource = context.settings.operand('resource', options.resource);
  if (resource === undefined) {
    throw new UmaError('usage', 'no_resource', 'which resource is the ticket for?', {
      hint: 'uma ticket --resource ID --scope view; `uma resource list` shows what there is',
    });
  }
  return [{ resource_id: resource.value, resource_scopes: scopesOf(context, options.scope) ?? [] }];
}

/** `r1=view,download`; without `=`, no scope. The last `=` counts: a resource id may hold one, a scope here may not. */
export function permissionOf(text: string): RequestedPermission {
  const at = text.lastIndexOf('=');
  const resource_id = at === -1 ? text : text.slice(0, at);
  if (resource_id === '')
    throw new UmaError('usage', 'invalid_permission', `--permission "${text}" names no resource`, {
      hint: "--permission 'ID=view,download'",
    });
  const scopes = at === -1 ? [] : text.slice(at + 1).split(',');
  return { resource_id, resource_scopes: scopes.map((scope) => scope.trim()).filter((scope) => scope !== '') };
}
