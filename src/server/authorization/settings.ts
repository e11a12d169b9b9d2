/** What an operator can choose about authorization; every value has a default that is the strict one. Times in seconds. */
export interface AuthorizationSettings {
  ticket_ttl: number;
  rpt_ttl: number;
  rpt_format: 'opaque' | 'jwt';
  refresh_ttl: number;
  pct_ttl: number;
  /** Whether the owner is asked where no policy allows; off: such a request is denied at once. */
  ask_owner: boolean;
  /** How long a poll should wait, sent as `interval`. */
  interval: number;
  /** How long an owner's "no" holds for the same party, resource and scopes; then a new request may be filed. */
  denial_ttl: number;
  /** Whether the owner gets an RPT for her own resource without a policy. */
  owner_always_allowed: boolean;
  /** When some but not all of what was asked is allowed: `first` grants that part at once, `last` only where nobody can be asked, `never` refuses. */
  partial: 'first' | 'last' | 'never';
  /** Clients that registered themselves may push claim tokens (GRANT-5.7-02: off). */
  self_registered_may_push: boolean;
  /** Whether `pct` is issued only after the requesting party agreed in the browser (GRANT-6.2-02). */
  pct_needs_consent: boolean;
  /** Claims that a requesting party may type in on the claims page; they then count as said by this AS. None by default: anybody can type anything. */
  self_asserted_claims: readonly string[];
  /**
   * A refused ticket stays good for the same client until it is spent or expires, and no new one is given: for a wire on which
   * refusals carry none.
   */
  ticket_survives_refusal: boolean;
  /** Whether tokens issued from a ticket die when the ticket is presented again (GRANT-5.5-05). */
  revoke_on_replay: boolean;
}

export const DEFAULT_SETTINGS: AuthorizationSettings = {
  ticket_ttl: 120,
  rpt_ttl: 3600,
  rpt_format: 'opaque',
  refresh_ttl: 30 * 86_400,
  pct_ttl: 7 * 86_400,
  ask_owner: true,
  interval: 5,
  denial_ttl: 86_400,
  owner_always_allowed: true,
  partial: 'last',
  self_registered_may_push: false,
  pct_needs_consent: true,
  self_asserted_claims: [],
  ticket_survives_refusal: false,
  revoke_on_replay: true,
};

/** A JWT RPT that is checked offline outlives a revocation, so it lives 5 minutes unless an operator says otherwise. */
export const JWT_RPT_TTL = 300;
