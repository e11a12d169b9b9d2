/** Shapes of the owner API (protocol/owner.ts). Unknown members are refused: a misspelt condition must not open a resource wider. */
import Type, { type TSchema } from 'typebox';
import { HISTORY_TYPES } from '../../protocol/owner.ts';

const closed = { additionalProperties: false };
const Text = Type.String({ minLength: 1, maxLength: 2000 });
const Names = Type.Array(Text, { maxItems: 200 });
const Time = Type.Integer({ minimum: 0, description: 'Seconds since the epoch' });

export const Party = Type.Object(
  { iss: Text, sub: Text, name: Type.Optional(Type.String()) },
  { ...closed, description: 'Somebody, named by issuer and subject; the name is never matched' },
);

const Subject = Type.Object(
  {
    party: Type.Optional(Party),
    email: Type.Optional(Text),
    group: Type.Optional(Text),
    anyone: Type.Optional(Type.Literal(true)),
  },
  { ...closed, minProperties: 1, maxProperties: 1, description: 'Exactly one member' },
);

const Claim = Type.Object(
  {
    name: Text,
    values: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()]), { minItems: 1 })),
    friendly_name: Type.Optional(Text),
    claim_type: Type.Optional(Text),
    issuer: Type.Optional(Type.Array(Text, { minItems: 1 })),
  },
  closed,
);

export const PolicyDescription = Type.Object(
  {
    resource_id: Text,
    effect: Type.Enum(['allow', 'deny']),
    scopes: Type.Optional(Names),
    subject: Subject,
    claims: Type.Optional(Type.Array(Claim, { minItems: 1 })),
    clients: Type.Optional(Type.Array(Text, { minItems: 1 })),
    expires_at: Type.Optional(Time),
    name: Type.Optional(Text),
    description: Type.Optional(Type.String()),
  },
  closed,
);

export const Approval = Type.Object(
  { scopes: Type.Optional(Names), expires_at: Type.Optional(Time), message: Type.Optional(Text) },
  closed,
);
export const Denial = Type.Object({ message: Type.Optional(Text) }, closed);
export const Revocation = Type.Object(
  { resource_id: Type.Optional(Text), party: Type.Optional(Party), token: Type.Optional(Text) },
  { ...closed, minProperties: 1 },
);

const paging = {
  limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,3}$', description: 'At most 200 are sent' })),
  after: Type.Optional(Type.String({ description: '"next" of the page before' })),
};
export const RequestQuery = Type.Object(
  {
    status: Type.Optional(Type.Enum(['pending', 'approved', 'denied'])),
    ...paging,
  },
  closed,
);
export const PolicyQuery = Type.Object({ resource_id: Type.Optional(Text), ...paging }, closed);
export const ResourceQuery = Type.Object(paging, closed);
export const SharedQuery = Type.Object(paging, closed);
export const HistoryQuery = Type.Object(
  {
    type: Type.Optional(Type.Enum([...HISTORY_TYPES])),
    resource_id: Type.Optional(Text),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 2000, description: 'Entries about somebody here' })),
    ...paging,
  },
  closed,
);
export const PersonQuery = Type.Object({ username: Text }, closed);

/** Answers, for /openapi.json; they may hold more. */
export const AccessRequestAnswer = Type.Object({
  id: Text,
  status: Type.Enum(['pending', 'approved', 'denied']),
  resource_id: Text,
  scopes: Type.Array(Type.String()),
  party: Type.Object({ iss: Text, sub: Text }),
  client_id: Text,
  created_at: Time,
});
export const PolicyAnswer = Type.Object({
  id: Text,
  resource_id: Text,
  effect: Type.Enum(['allow', 'deny']),
  subject: Type.Object({}),
  created_at: Time,
  updated_at: Time,
});
export const RevocationAnswer = Type.Object({
  policies: Type.Integer(),
  rpts: Type.Integer(),
  requests: Type.Integer(),
});
export const PersonAnswer = Type.Object({ iss: Text, sub: Text });
/** A page under its name. */
export const listOf = (name: string, item: TSchema) =>
  Type.Object({ [name]: Type.Array(item), next: Type.Optional(Type.String()) });
export const ResourceAnswer = Type.Object({
  _id: Text,
  resource_scopes: Type.Array(Type.String()),
  client_id: Text,
  created_at: Time,
});
export const HistoryAnswer = Type.Object({ id: Text, type: Type.Enum([...HISTORY_TYPES]), at: Time });
/** 204. */
export const Nothing = Type.Null({ description: 'Done' });
export const SharedAnswer = Type.Object({
  resource_id: Text,
  owner: Text,
  client_id: Text,
  scopes: Type.Array(Type.String()),
  via: Type.Enum(['party', 'email', 'group']),
  since: Time,
});
