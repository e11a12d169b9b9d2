/** Where Keycloak's clients need weaker behaviour than the house's own; told at start, and in docs/layout-keycloak.md. */
import type { LayoutSwitch } from '../../config/parts.ts';

export const KEYCLOAK_SWITCHES: readonly LayoutSwitch[] = [
  {
    name: 'pat-by-role',
    reason:
      "Keycloak's clients ask for no scope uma_protection: any access token of a resource server's client is a PAT when its subject has the client role uma_protection",
  },
  {
    name: 'one-pat-for-all-owners',
    reason:
      "authz-client and policy-enforcer have one PAT, by client credentials: it reads, asks and decides for all owners' resources of that resource server, of no other",
  },
  {
    name: 'owner-by-pat',
    reason:
      "Keycloak has no token of an owner's own: permission tickets and uma-policies are decided with a PAT, so that a resource server could decide for its owners",
  },
  {
    name: 'access-token-identifies',
    reason:
      "Keycloak's clients name the requesting party by an access token (Bearer, subject_token, claim_token), also one issued to another client, in place of an ID Token for this one",
  },
  {
    name: 'ticket-survives-refusal',
    reason:
      "a refusal on Keycloak's wire carries no new ticket: the client polls with the same, which stays bound to it and is spent by the first RPT",
  },
  {
    name: 'denials-are-forgotten',
    reason: "Keycloak's owner denies by deleting the request: who was denied may ask again at once",
  },
  {
    name: 'redirect-patterns',
    reason:
      "realm files have redirect addresses that end in *: whatever path follows is taken, on the same host and port; the OAuth core's rule is the whole address",
  },
  {
    name: 'jwt-rpts',
    reason:
      "Keycloak's RPTs are JWTs that resource servers check by themselves: until they end, such a check does not see a revocation; introspection does",
  },
];
