/** Scopes of this AS itself; scopes of resources are not among them. */
import { OWNER_SCOPE } from '../../protocol/owner.ts';
import { PAT_SCOPE } from '../../protocol/token.ts';

/** Scopes and the claims behind them (OpenID Connect Core 5.4). They stand in the ID Token, because that is what a client pushes as claim token. */
export const CLAIM_SCOPES = {
  profile: ['name', 'given_name', 'family_name', 'preferred_username'],
  email: ['email', 'email_verified'],
  groups: ['groups'],
} as const;

export const SCOPES: readonly string[] = [
  'openid',
  'offline_access',
  ...Object.keys(CLAIM_SCOPES),
  PAT_SCOPE,
  OWNER_SCOPE,
];
