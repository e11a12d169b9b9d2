/** Parts of the configuration, apart from the code that uses them: the types of the package lead here and to no library. */

/** A JSON Web Key Set (RFC 7517 5). */
export interface PublicKeys {
  keys: readonly { kty?: string }[];
}

/** A person with an account at this AS. */
export interface Person {
  sub: string;
  username: string;
  name?: string | undefined;
  email?: string | undefined;
  email_verified?: boolean | undefined;
  groups?: readonly string[] | undefined;
  /** Roles that policies can name. */
  roles?: readonly string[] | undefined;
}

/** An issuer whose ID Tokens are believed. */
export interface TrustedIssuer {
  issuer: string;
  keys: { jwks: PublicKeys } | { jwks_uri: string } | { current: () => PublicKeys };
  /** Signature algorithms that are accepted; never `none`, never a symmetric one. */
  algorithms: readonly string[];
  /** Audience that its tokens must carry instead of the pushing client's id. */
  audience?: string | undefined;
}

/** Seconds. */
export interface TokenLifetimes {
  access_token: number;
  id_token: number;
  refresh_token: number;
  authorization_code: number;
  device_code: number;
  session: number;
}

/** Where a stock client needs weaker behaviour than the house's own: named, printed at start, with its reason. */
export interface LayoutSwitch {
  name: string;
  /** What is weaker, and which client wants it. */
  reason: string;
}
