/** The commented configuration that `uma conformance --init` writes. A test reads it back. */
export function configTemplate(issuer = 'https://as.example'): string {
  return `{
  // The authorization server, exactly as its discovery document writes itself.
  "issuer": ${JSON.stringify(issuer)},
  // A PEM file with the certificate authority of a test server, relative to this file.
  // "ca_file": "ca.pem",
  // Members that its discovery document lacks.
  // "metadata": { "permission_endpoint": "https://as.example/permission" },

  // Two resource servers, as clients of the server that may get PATs. With only one, the isolation between two is not tested.
  // Each secret can also come from a variable ("client_secret_env") or a file ("client_secret_file"); so can passwords.
  "resource_servers": [
    { "client_id": "rs1", "client_secret_env": "RS1_SECRET", "redirect_uri": "https://client.example/callback" },
    { "client_id": "rs2", "client_secret_env": "RS2_SECRET", "redirect_uri": "https://client.example/callback" },
  ],

  // Clients of requesting parties, by what is special about each. Only "main" is required; a check whose client is missing is
  // "not applicable". Nothing has to listen at the redirect URIs: the suite reads the redirect and goes no further.
  "clients": {
    // Confidential, with exactly one claims redirect URI (best one with a query).
    "main": {
      "client_id": "client1",
      // What the server's pages call it, where that is not the client_id; so for resource servers and owners.
      // "name": "Photo Viewer",
      "client_secret_env": "CLIENT1_SECRET",
      "method": "client_secret_basic",
      "redirect_uri": "https://client.example/callback",
      "claims_redirect_uris": ["https://client.example/claims?a=1"],
    },
    // Confidential, with two claims redirect URIs.
    // "other": { "client_id": "client2", "client_secret_env": "CLIENT2_SECRET", "redirect_uri": "...", "claims_redirect_uris": ["...", "..."] },
    // Confidential, without claims redirect URI.
    // "bare": { "client_id": "client3", "client_secret_env": "CLIENT3_SECRET" },
    // Without a secret: one with exactly one claims redirect URI, one with none.
    // "public": { "client_id": "client4", "redirect_uri": "...", "claims_redirect_uris": ["..."] },
    // "public_bare": { "client_id": "client5", "redirect_uri": "..." },
    // Registered for the first of "scopes" only.
    // "limited": { "client_id": "client6", "client_secret_env": "CLIENT6_SECRET" },
    // Not allowed the uma-ticket grant.
    // "without_grant": { "client_id": "client7", "client_secret_env": "CLIENT7_SECRET" },
    // Authenticates by private_key_jwt (ES256).
    // "key": { "client_id": "client8", "method": "private_key_jwt", "private_jwk": { "kty": "EC", "crv": "P-256", "kid": "...", "x": "...", "y": "...", "d": "..." } },
  },

  // Two resource owners, and two requesting parties: the first is the one who is allowed things.
  "owners": [
    { "username": "alice", "password_env": "ALICE_PASSWORD" },
    { "username": "carol", "password_env": "CAROL_PASSWORD" },
  ],
  "parties": [
    { "username": "bob", "password_env": "BOB_PASSWORD" },
    { "username": "dave", "password_env": "DAVE_PASSWORD" },
  ],
  // How people sign in: "password" (the grant of RFC 6749 4.3) or "code" (the suite fills in the login pages).
  "sign_in": "code",

  // Three scopes to register resources with.
  "scopes": ["view", "download", "print"],

  // How an owner decides. "owner-api" is the API of uma's own server, with the client that gets the owner's token:
  // "owner_side": "owner-api",
  // "owner_client": { "client_id": "owner-app", "redirect_uri": "..." },
  // For any other server, the requests that do it. {resource_id}, {party} (subject), {party_name}, {issuer} and {unique} are filled in,
  // and what an earlier step saved; "{scopes}" becomes the array. The token is the owner's PAT ("pat").
  // "owner_side": {
  //   "allow": [{ "method": "POST", "url": "{issuer}/policies/{resource_id}", "token": "pat", "body": { "user": "{party_name}", "scopes": "{scopes}" } }],
  //   "withdraw": [{ "method": "DELETE", "url": "{issuer}/policies/{resource_id}", "token": "pat" }],
  //   "approve": [
  //     { "method": "GET", "url": "{issuer}/requests?resource={resource_id}", "token": "pat", "save": { "id": "0.id" } },
  //     { "method": "POST", "url": "{issuer}/requests/{id}/approve", "token": "pat" },
  //   ],
  // },
  // For servers with ways of their own:
  // "pat_scope": "",
  // "resource_members": { "ownerManagedAccess": true },
  // "permissions_as_array": true,
  // "introspection": { "by": "client", "members": { "token_type_hint": "requesting_party_token" } },
  // Members of the ticket grant that make the server ask the owner, where it does not do so by itself.
  // "submit_members": { "submit_request": "true" },

  // A trusted issuer of claim tokens whose key the suite holds, to make bad ones.
  // "claim_issuer": { "issuer": "https://idp.example", "private_jwk": { "kty": "EC", "crv": "P-256", "kid": "...", "x": "...", "y": "...", "d": "..." } },
  // The initial access token of dynamic registration.
  // "initial_access_token_env": "INITIAL_ACCESS_TOKEN",

  // Lifetimes in seconds, as the server is configured; what takes longer than "patience" to expire is not waited for.
  // "lifetimes": { "ticket": 10, "pct": 15 },
  "patience": 15,

  // Requirement -> why the server is known not to meet it. It then counts as an expected failure, and is reported when it passes.
  "known_gaps": {},
}
`;
}
