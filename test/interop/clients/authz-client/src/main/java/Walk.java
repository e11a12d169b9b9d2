// Every call of keycloak-authz-client against the server named by the first argument; ends with an exception at the first surprise.
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.keycloak.authorization.client.AuthorizationDeniedException;
import org.keycloak.authorization.client.AuthzClient;
import org.keycloak.authorization.client.Configuration;
import org.keycloak.authorization.client.representation.TokenIntrospectionResponse;
import org.keycloak.authorization.client.resource.PermissionResource;
import org.keycloak.authorization.client.resource.PolicyResource;
import org.keycloak.authorization.client.resource.ProtectedResource;
import org.keycloak.authorization.client.util.Http;
import org.keycloak.representations.AccessTokenResponse;
import org.keycloak.representations.idm.authorization.AuthorizationRequest;
import org.keycloak.representations.idm.authorization.AuthorizationResponse;
import org.keycloak.representations.idm.authorization.Permission;
import org.keycloak.representations.idm.authorization.PermissionRequest;
import org.keycloak.representations.idm.authorization.PermissionTicketRepresentation;
import org.keycloak.representations.idm.authorization.ResourceRepresentation;
import org.keycloak.representations.idm.authorization.ScopeRepresentation;
import org.keycloak.representations.idm.authorization.UmaPermissionRepresentation;

public class Walk {
  public static void main(String[] arguments) {
    String server = arguments[0];
    AuthzClient rs = client(server, "photoz-restful-api", "secret");
    // It keeps the first PAT that it got: one instance a person.
    AuthzClient owner = client(server, "photoz-restful-api", "secret");
    AuthzClient app = client(server, "photoz-client", "password");
    is("issuer", rs.getServerConfiguration().getIssuer(), server + "/realms/photoz");
    is("PAT", rs.obtainAccessToken().getTokenType(), "Bearer");
    is("alice", rs.obtainAccessToken("alice", "password").getToken().isEmpty(), false);
    String bob = app.obtainAccessToken("bob", "password").getToken();
    configured(server);

    // Resources, by the resource server's own PAT and by the owner's
    ProtectedResource own = rs.protection().resource();
    ResourceRepresentation made = new ResourceRepresentation("Server Album", scopes("album:view"), "/server/*", "urn:server");
    made.setDisplayName("Shown");
    made.setAttributes(Map.of("a", List.of("1")));
    made = own.create(made);
    is("findById", own.findById(made.getId()).getName(), "Server Album");
    is("findByName", own.findByName("Server Album").getId(), made.getId());
    is("findByUri", own.findByUri("/server/*").size(), 1);
    is("findByMatchingUri", own.findByMatchingUri("/server/7").get(0).getId(), made.getId());
    is("find", own.find(null, "Server", null, "photoz-restful-api", "urn:server", "album:view", false, 0, 5)[0], made.getId());
    made.setDisplayName("Shown anew");
    own.update(made);
    is("update", own.findById(made.getId()).getDisplayName(), "Shown anew");
    is("findAll", Arrays.asList(own.findAll()).contains(made.getId()), true);
    is("find, named exactly", own.<List<ResourceRepresentation>>find(made.getId(), "Server Album", "/server/*", null, null, null, false, true, true, 0, 5).size(), 1);
    is("find, by a part of its name, deep", own.<List<ResourceRepresentation>>find(null, "Server Alb", null, null, null, null, false, true, 0, 5).get(0).getUris(), Set.of("/server/*"));
    is("find, a part is not exact", own.<List<ResourceRepresentation>>find(null, "Server Alb", null, null, null, null, false, true, true, 0, 5).size(), 0);
    is("with a token of one's own", rs.protection(rs.obtainAccessToken().getToken()).resource().findById(made.getId()).getId(), made.getId());
    own.delete(made.getId());
    is("delete", own.findByName("Server Album"), null);

    ProtectedResource alices = owner.protection("alice", "password").resource();
    ResourceRepresentation album = new ResourceRepresentation("Album of alice", scopes("album:view", "album:delete"), "/album/9", "urn:album");
    album.setOwnerManagedAccess(true);
    String id = alices.create(album).getId();
    is("findByName with owner", own.findByName("Album of alice", "alice").getId(), id);

    // Ticket, refusal, approval, RPT
    PermissionResource tickets = rs.protection().permission();
    PermissionRequest wanted = new PermissionRequest(id, "album:view");
    wanted.setClaims(new HashMap<>(Map.of("organization", List.of("acme"))));
    String ticket = tickets.create(wanted).getTicket();
    is("several", tickets.create(List.of(wanted, new PermissionRequest(id, "album:delete"))).getTicket().isEmpty(), false);
    is("forResource", tickets.forResource(new PermissionRequest(id)).getTicket().isEmpty(), false);
    denied("bob before", () -> app.authorization(bob).authorize(new AuthorizationRequest(ticket)));
    is("count", tickets.count(id, null, null, "bob", false, true), 1L);
    PermissionTicketRepresentation open = tickets.find(id, null, "alice", "bob", false, true, 0, 10).get(0);
    is("names", open.getRequesterName() + open.getResourceName() + open.getScopeName(), "bobAlbum of alicealbum:view");
    is("findByResource", tickets.findByResource(id).size(), 1);
    is("findByScope", tickets.findByScope(open.getScope()).size(), 1);
    open.setGranted(true);
    owner.protection("alice", "password").permission().update(open);
    AuthorizationResponse rpt = app.authorization(bob).authorize(new AuthorizationRequest(ticket));
    is("upgraded", rpt.isUpgraded(), false);
    TokenIntrospectionResponse seen = rs.protection().introspectRequestingPartyToken(rpt.getToken());
    is("active", seen.getActive(), true);
    is("permissions", seen.getPermissions().get(0).getResourceId() + seen.getPermissions().get(0).getScopes(), id + "[album:view]");

    // Sharing unasked, and an RPT that grows
    PermissionTicketRepresentation share = new PermissionTicketRepresentation();
    share.setResource(id);
    share.setRequesterName("bob");
    share.setScopeName("album:delete");
    share.setGranted(true);
    share = owner.protection("alice", "password").permission().create(share);
    AuthorizationRequest growing = new AuthorizationRequest(tickets.create(new PermissionRequest(id, "album:delete")).getTicket());
    growing.setRpt(rpt.getToken());
    AuthorizationResponse grown = app.authorization(bob).authorize(growing);
    is("grown", grown.isUpgraded(), true);
    is("both", rs.protection().introspectRequestingPartyToken(grown.getToken()).getPermissions().get(0).getScopes().size(), 2);

    // Without a ticket
    AuthorizationRequest entitlement = new AuthorizationRequest();
    entitlement.setAudience("photoz-restful-api");
    entitlement.addPermission(id, "album:view", "album:delete");
    AuthorizationRequest.Metadata metadata = new AuthorizationRequest.Metadata();
    metadata.setLimit(5);
    metadata.setIncludeResourceName(true);
    entitlement.setMetadata(metadata);
    List<Permission> allowed = app.authorization(bob).getPermissions(entitlement);
    is("entitlement", allowed.get(0).getResourceName() + allowed.get(0).getScopes().size(), "Album of alice2");
    is("everything", rs.authorization(bob).authorize().getToken().isEmpty(), false);
    is("by password", rs.authorization("bob", "password").authorize().getToken().isEmpty(), false);
    denied("jdoe", () -> app.authorization(app.obtainAccessToken("jdoe", "password").getToken()).authorize(entitlement));

    // Whose claims: pushed by the client, named by the resource server; and what is to be answered
    AccessTokenResponse signedIn = new Http(app.getConfiguration(), app.getConfiguration().getClientCredentialsProvider())
        .<AccessTokenResponse>post(app.getServerConfiguration().getTokenEndpoint())
        .authentication().oauth2ResourceOwnerPassword("bob", "password", "openid")
        .response().json(AccessTokenResponse.class).execute();
    AuthorizationRequest pushed = new AuthorizationRequest(tickets.create(new PermissionRequest(id, "album:view")).getTicket());
    pushed.setClaimToken(signedIn.getIdToken());
    pushed.setClaimTokenFormat("http://openid.net/specs/openid-connect-core-1_0.html#IDToken");
    pushed.setScope("album:view");
    is("pushed claims", app.authorization().authorize(pushed).getToken().isEmpty(), false);
    AuthorizationRequest named = new AuthorizationRequest();
    named.setSubjectToken(bob);
    named.setAudience("photoz-restful-api");
    named.addPermission("/album/9", "album:view");
    AuthorizationRequest.Metadata byUri = new AuthorizationRequest.Metadata();
    byUri.setPermissionResourceFormat("uri");
    byUri.setPermissionResourceMatchingUri(true);
    byUri.setIncludeResourceName(false);
    named.setMetadata(byUri);
    Permission found = rs.authorization().getPermissions(named).get(0);
    is("by subject token and address", found.getResourceId() + found.getResourceName(), id + "null");
    is("with a scope", rs.authorization("bob", "password", "openid").authorize().getToken().isEmpty(), false);

    // Policies of the owner
    PolicyResource policies = owner.protection("alice", "password").policy(id);
    UmaPermissionRepresentation policy = new UmaPermissionRepresentation();
    policy.setName("jdoe may view");
    policy.setDescription("set by alice");
    policy.addScope("album:view");
    policy.addUser("jdoe");
    policy = policies.create(policy);
    is("policy", policies.findById(policy.getId()).getUsers(), Set.of("jdoe"));
    is("policies", policies.find("jdoe", "album:view", 0, 5).size(), 1);
    policy.addScope("album:delete");
    policies.update(policy);
    is("updated", policies.findById(policy.getId()).getScopes().size(), 2);
    is("jdoe by policy", rs.authorization("jdoe", "password").authorize().getToken().isEmpty(), false);
    policies.delete(policy.getId());
    denied("jdoe without it", () -> rs.authorization("jdoe", "password").authorize());

    // Taking back
    owner.protection("alice", "password").permission().delete(share.getId());
    is("revoked", rs.protection().introspectRequestingPartyToken(grown.getToken()).getActive(), false);
    alices.delete(id);
    System.out.println("done");
  }

  /** The client by its file, from a stream and from the class path; and its supplier of PATs. */
  static void configured(String server) {
    String file = "{\"realm\":\"photoz\",\"auth-server-url\":\"" + server + "\",\"resource\":\"photoz-restful-api\",\"credentials\":{\"secret\":\"secret\"}}";
    AuthzClient streamed = AuthzClient.create(stream(file));
    is("by a stream", streamed.obtainAccessToken().getToken().isEmpty(), false);
    is("its configuration", streamed.getConfiguration().getResource(), "photoz-restful-api");
    Thread.currentThread().setContextClassLoader(new ClassLoader(Walk.class.getClassLoader()) {
      @Override
      public InputStream getResourceAsStream(String name) {
        return name.equals("keycloak.json") ? stream(file) : super.getResourceAsStream(name);
      }
    });
    AuthzClient found = AuthzClient.create();
    is("by the class path", found.obtainAccessToken().getToken().isEmpty(), false);
    is("PAT of the server", found.createPatSupplier().call().isEmpty(), false);
    is("PAT of alice", found.createPatSupplier("alice", "password").call().isEmpty(), false);
  }

  static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  static AuthzClient client(String server, String id, String secret) {
    return AuthzClient.create(new Configuration(server, "photoz", id, Map.of("secret", secret), null));
  }

  static ScopeRepresentation[] list(String... names) {
    return Arrays.stream(names).map(ScopeRepresentation::new).toArray(ScopeRepresentation[]::new);
  }

  static Set<ScopeRepresentation> scopes(String... names) {
    return Set.of(list(names));
  }

  static void is(String what, Object given, Object expected) {
    if (given == null ? expected != null : !given.equals(expected))
      throw new AssertionError(what + ": " + given + " in place of " + expected);
  }

  static void denied(String what, Runnable call) {
    try {
      call.run();
    } catch (AuthorizationDeniedException expected) {
      return;
    }
    throw new AssertionError(what + ": nothing was denied");
  }
}
