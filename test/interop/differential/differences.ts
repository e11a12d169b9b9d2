/**
 * Every difference between a real Keycloak 26 and the keycloak layout that the sequence finds, with its reason. Data: the tests fail on
 * a difference that is not here, and on an entry that nothing matches any more. `reason` begins with whose it is: "hole" = Keycloak
 * is weaker than the specification or than itself, "house" = a decision that no layout changes, "older" = what earlier Keycloaks and
 * their clients have, "absent" = a feature that this server does not have, "more" = what this server says beside.
 */
export interface Listed {
  /** Names of steps; absent = every one. */
  steps?: readonly string[];
  /** As wire.ts writes it. */
  difference: string | RegExp;
  reason: string;
}

export const LISTED: readonly Listed[] = [
  {
    difference: /^\+ (access_token\.jwt\.)?(allowed-origins|auth_time|nbf|resource_access|session_state)$/,
    reason: 'older: members of the RPT that the photoz article prints, which clients of earlier Keycloaks read',
  },
  {
    steps: ['UMA discovery', 'OpenID discovery'],
    difference:
      /^- (registration_endpoint|acr_values_supported|claim_types_supported|prompt_values_supported|mtls_endpoint_aliases|check_session_iframe|backchannel_\w+|require_\w+|tls_client_certificate_bound_access_tokens|\w+_(encryption|signing)_(alg|enc)_values_supported|\w+_auth_signing_alg_values_supported)$/,
    reason:
      'absent: dynamic registration without a configuration, encryption, CIBA, front- and back-channel logout, mutual TLS',
  },
  {
    steps: ['UMA discovery'],
    difference: /^\+ \w+$/,
    reason: 'more: one document under both names',
  },
  {
    steps: ['OpenID discovery'],
    difference: /^\+ (permission_endpoint|policy_endpoint|resource_registration_endpoint)$/,
    reason: 'more: one document under both names',
  },
  { steps: ['keys'], difference: /^- keys\[\]\.x5/, reason: 'absent: keys without certificates' },
  {
    steps: [
      'discovery of a realm that does not exist',
      'a member that it does not know',
      'a policy with an unknown member',
    ],
    difference: '+ error_description',
    reason: 'more: every refusal says why (FED-6-01)',
  },
  {
    steps: ['PAT by client credentials, as python-keycloak writes it'],
    difference: '- id_token',
    reason: 'house: a client for itself is no person, so there is no ID Token (OpenID Connect Core 2)',
  },
  {
    steps: ["alice reads the server's own"],
    difference: 'status 403 -> 404, error forbidden -> not_found',
    reason: "house: another owner's resource looks like none at all (ATK-15)",
  },
  {
    steps: ['a ticket without a resource'],
    difference: 'status 201 -> 400, error none -> invalid_resource_id',
    reason:
      'house: a ticket is about resources of one owner (FED 4.1, FED-4-02); Keycloak makes one for every resource with the scope',
  },
  {
    steps: ['a ticket by a token without the role'],
    difference: 'status 201 -> 403, error none -> invalid_scope',
    reason: 'hole: Keycloak asks for the right to the protection API everywhere but here (FED 1.3, ATK-13)',
  },
  {
    steps: ['an access token as ticket'],
    difference: 'status 400 -> 403, error invalid_request -> invalid_ticket',
    reason: 'hole: Keycloak reads any JWT of its own as a ticket until something is missing in it',
  },
  {
    steps: ['the same ticket at another client'],
    difference: 'error access_denied not_authorized -> invalid_ticket',
    reason: 'house: a ticket is bound to the first client that presents it (ATK-08)',
  },
  {
    steps: ['the same ticket once more'],
    difference: 'status 200 -> 403, error none -> invalid_ticket',
    reason: 'hole: Keycloak redeems a ticket as often as it is sent; it is spent by the first RPT (GRANT-5.5-02)',
  },
  {
    steps: ['the owner herself'],
    difference: 'status 403 -> 200, error access_denied not_authorized -> none',
    reason: 'hole: Keycloak refuses the owner until somebody else has been let in, then lets her in',
  },
  {
    steps: ['where the owner is not asked'],
    difference: 'error access_denied request_submitted -> access_denied not_authorized',
    reason: 'hole: Keycloak says that a request was filed although it files none',
  },
  {
    steps: ['whether the rest was filed'],
    difference: '[] is empty',
    reason:
      'hole: Keycloak grants a part and files the rest with the owner without telling the client; who wants it asks for it',
  },
  {
    steps: ['decision', 'permissions', 'RPT'].map((mode) => `another scope of a resource by name, ${mode}`),
    difference: 'status 200 -> 400, error none -> invalid_resource',
    reason:
      'hole: of a resource given by its name Keycloak grants whatever may be had, whichever scope was asked for; here a name that yields nothing counts as unknown (ATK-15)',
  },
  {
    steps: ['no, by address'],
    difference: 'status 403 -> 400, error access_denied not_authorized -> invalid_resource',
    reason:
      'hole: Keycloak tells everybody whether somebody has a resource at an address, though not of a name; here an address that yields nothing counts as unknown (ATK-15)',
  },
  {
    steps: ['the RPT after its revocation'],
    difference: /^- (acr|aud|exp|iat|jti|permissions|typ)$/,
    reason: "hole: Keycloak's introspection does not see that the owner revoked (GRANT-5.6, FED 5.1)",
  },
  {
    steps: ['the RPT refreshed after its revocation'],
    difference: 'status 200 -> 400, error none -> invalid_grant',
    reason: 'hole: Keycloak issues revoked permissions anew by refresh',
  },
  {
    steps: ['a policy for an unknown person'],
    difference: 'status 500 -> 400, error unknown_error -> invalid_request',
    reason: "hole: Keycloak's internal error",
  },
  {
    steps: ['revoke garbage'],
    difference: 'error invalid_token -> none',
    reason: 'hole: Keycloak answers 200 with an error object; RFC 7009 2.2 knows no error for an unknown token',
  },
  {
    steps: ['a ticket for a deleted resource'],
    difference: 'status 400 -> 403, error invalid_resource -> invalid_ticket',
    reason: 'house: a ticket whose resources are gone is a dead ticket, and says no more (assessment Q10)',
  },
];

/** The entry for a difference; undefined = unexplained. */
export const listedFor = (step: string, difference: string): Listed | undefined =>
  LISTED.find(
    ({ steps, difference: wanted }) =>
      (steps === undefined || steps.includes(step)) &&
      (typeof wanted === 'string' ? wanted === difference : wanted.test(difference)),
  );
