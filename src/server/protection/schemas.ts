/** Shapes of the protection API (UMA Federated Authorization 3.1, 4.1, 5.1.1), for validation's messages and /openapi.json. */
import Type, { type TSchema } from 'typebox';
import type { BodyFault } from '../../protocol/resource.ts';
import { invalidRequest } from '../http/refusal.ts';

const more = { additionalProperties: true };

export const ResourceDescription = Type.Object(
  {
    resource_scopes: Type.Array(Type.String(), {
      description: 'Scopes that the resource offers: plain words or URIs.',
    }),
    name: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    icon_uri: Type.Optional(Type.String()),
    type: Type.Optional(Type.String()),
  },
  {
    ...more,
    $id: 'ResourceDescription',
    title: 'Resource description',
    description: 'UMA Federated Authorization 3.1',
  },
);
export const Registration = Type.Object(
  { _id: Type.String(), user_access_policy_uri: Type.Optional(Type.String()) },
  { ...more, description: 'UMA Federated Authorization 3.2.1' },
);
export const RegisteredResource = Type.Intersect([ResourceDescription, Registration]);
export const ResourceIds = Type.Array(Type.String(), {
  description: 'Ids of all resources of this owner and resource server',
});

const Permission = Type.Object(
  { resource_id: Type.String(), resource_scopes: Type.Array(Type.String()) },
  { ...more, description: 'UMA Federated Authorization 4.1' },
);
export const PermissionRequest = Type.Union([Permission, Type.Array(Permission, { minItems: 1 })]);
export const Ticket = Type.Object({ ticket: Type.String() }, more);

export const IntrospectionRequest = Type.Object(
  { token: Type.String(), token_type_hint: Type.Optional(Type.String()) },
  more,
);
export const IntrospectionAnswer = Type.Object(
  {
    active: Type.Boolean(),
    permissions: Type.Optional(
      Type.Array(
        Type.Object(
          {
            resource_id: Type.String(),
            resource_scopes: Type.Array(Type.String()),
            exp: Type.Optional(Type.Integer()),
          },
          more,
        ),
      ),
    ),
    exp: Type.Optional(Type.Integer()),
    iat: Type.Optional(Type.Integer()),
  },
  { ...more, description: 'UMA Federated Authorization 5.1.1, RFC 7662 2.2' },
);
export const ErrorAnswer = Type.Object(
  { error: Type.String(), error_description: Type.Optional(Type.String()) },
  { ...more, $id: 'Error', title: 'Error', description: 'UMA Federated Authorization 6' },
);

/** Error answers that every guarded route has. */
export const refusals = { '4xx': ErrorAnswer } as const;
export const bearerSecurity: { [scheme: string]: readonly string[] }[] = [{ bearer: [] }];
export const IdParams = Type.Object({ id: Type.String() });

/** A validator that names the place of the first fault in words; the schema next to it is the documentation. */
export function byFault(faultOf: (body: unknown) => BodyFault | undefined) {
  return (route: { schema: TSchema | unknown; httpPart?: string | undefined }) => (data: unknown) => {
    const fault = route.httpPart === 'body' ? faultOf(data) : undefined;
    return fault === undefined ? true : { error: invalidRequest(fault) };
  };
}
