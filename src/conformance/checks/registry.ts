/** Every check of the suite, a line each; the file's name is the check's own. */
import type { Check } from '../check.ts';
import { check as claimsCsrf } from './claims/csrf.ts';
import { check as claimsErrors } from './claims/errors.ts';
import { check as claimsPages } from './claims/pages.ts';
import { check as claimsPct } from './claims/pct.ts';
import { check as claimsPctBinding } from './claims/pct-binding.ts';
import { check as claimsPctExpiry } from './claims/pct-expiry.ts';
import { check as claimsRedirectUris } from './claims/redirect-uris.ts';
import { check as claimsRoundTrip } from './claims/round-trip.ts';
import { check as claimsTicketBurn } from './claims/ticket-burn.ts';
import { check as claimsTicketPkce } from './claims/ticket-pkce.ts';
import { check as coreClaimTokenBad } from './core/claim-token-bad.ts';
import { check as coreClaimTokenIssuer } from './core/claim-token-issuer.ts';
import { check as coreClientAuthentication } from './core/client-authentication.ts';
import { check as coreClientTypes } from './core/client-types.ts';
import { check as coreDefaultDeny } from './core/default-deny.ts';
import { check as coreGrantNotAllowed } from './core/grant-not-allowed.ts';
import { check as coreGrantSuccess } from './core/grant-success.ts';
import { check as coreIntrospection } from './core/introspection.ts';
import { check as coreInvalidGrant } from './core/invalid-grant.ts';
import { check as coreInvalidScope } from './core/invalid-scope.ts';
import { check as coreMetadataDocument } from './core/metadata-document.ts';
import { check as coreMetadataHttps } from './core/metadata-https.ts';
import { check as coreMetadataProfiles } from './core/metadata-profiles.ts';
import { check as coreNeedInfo } from './core/need-info.ts';
import { check as corePartial } from './core/partial.ts';
import { check as corePatGrants } from './core/pat-grants.ts';
import { check as corePatLifetime } from './core/pat-lifetime.ts';
import { check as corePermissionOwner } from './core/permission-owner.ts';
import { check as corePermissionRequest } from './core/permission-request.ts';
import { check as coreProtectionSpan } from './core/protection-span.ts';
import { check as coreRefresh } from './core/refresh.ts';
import { check as coreRequestDenied } from './core/request-denied.ts';
import { check as coreRequestSubmitted } from './core/request-submitted.ts';
import { check as coreResourceBadBodies } from './core/resource-bad-bodies.ts';
import { check as coreResourceLifecycle } from './core/resource-lifecycle.ts';
import { check as coreResourceMethods } from './core/resource-methods.ts';
import { check as coreResourceNotFound } from './core/resource-not-found.ts';
import { check as coreResourceOwnerList } from './core/resource-owner-list.ts';
import { check as coreResourceScopeUri } from './core/resource-scope-uri.ts';
import { check as coreRptBinding } from './core/rpt-binding.ts';
import { check as coreScopeOfRequest } from './core/scope-of-request.ts';
import { check as coreScopeSets } from './core/scope-sets.ts';
import { check as coreTicketExpiry } from './core/ticket-expiry.ts';
import { check as coreTicketSingleUse } from './core/ticket-single-use.ts';
import { check as coreTicketUnguessable } from './core/ticket-unguessable.ts';
import { check as coreTokenRequestForm } from './core/token-request-form.ts';
import { check as coreUpgrade } from './core/upgrade.ts';
import { check as coreWithdrawal } from './core/withdrawal.ts';
import { check as securityArtifactTypes } from './security/artifact-types.ts';
import { check as securityAuthorizationResponse } from './security/authorization-response.ts';
import { check as securityClaimTokenAudience } from './security/claim-token-audience.ts';
import { check as securityClaimTokenTrust } from './security/claim-token-trust.ts';
import { check as securityClaimsOverride } from './security/claims-override.ts';
import { check as securityClientAssertion } from './security/client-assertion.ts';
import { check as securityCodeReuse } from './security/code-reuse.ts';
import { check as securityDeviceGrant } from './security/device-grant.ts';
import { check as securityDpopPat } from './security/dpop-pat.ts';
import { check as securityDpopProof } from './security/dpop-proof.ts';
import { check as securityOwnerApiDomain } from './security/owner-api-domain.ts';
import { check as securityOwnerApiTokens } from './security/owner-api-tokens.ts';
import { check as securityOwnerInbox } from './security/owner-inbox.ts';
import { check as securityPasswordGrant } from './security/password-grant.ts';
import { check as securityPatRequired } from './security/pat-required.ts';
import { check as securityPkce } from './security/pkce.ts';
import { check as securityProtectionMatrix } from './security/protection-matrix.ts';
import { check as securityPushedRequests } from './security/pushed-requests.ts';
import { check as securityRedirectUris } from './security/redirect-uris.ts';
import { check as securityRefreshReuse } from './security/refresh-reuse.ts';
import { check as securityRegistration } from './security/registration.ts';
import { check as securityResourceIdForms } from './security/resource-id-forms.ts';
import { check as securityResourceIndicator } from './security/resource-indicator.ts';
import { check as securityRevocation } from './security/revocation.ts';
import { check as securityTicketChainClient } from './security/ticket-chain-client.ts';
import { check as securityTicketReplay } from './security/ticket-replay.ts';
import { check as securityTlsClientAuth } from './security/tls-client-auth.ts';
import { check as securityUntrustedClient } from './security/untrusted-client.ts';

/** File below this folder, without `.ts` -> check. */
export const CHECKS: Readonly<Record<string, Check>> = {
  'core/claim-token-bad': coreClaimTokenBad,
  'core/claim-token-issuer': coreClaimTokenIssuer,
  'core/client-authentication': coreClientAuthentication,
  'core/client-types': coreClientTypes,
  'core/default-deny': coreDefaultDeny,
  'core/grant-not-allowed': coreGrantNotAllowed,
  'core/grant-success': coreGrantSuccess,
  'core/introspection': coreIntrospection,
  'core/invalid-grant': coreInvalidGrant,
  'core/invalid-scope': coreInvalidScope,
  'core/metadata-document': coreMetadataDocument,
  'core/metadata-https': coreMetadataHttps,
  'core/metadata-profiles': coreMetadataProfiles,
  'core/need-info': coreNeedInfo,
  'core/partial': corePartial,
  'core/pat-grants': corePatGrants,
  'core/pat-lifetime': corePatLifetime,
  'core/permission-owner': corePermissionOwner,
  'core/permission-request': corePermissionRequest,
  'core/protection-span': coreProtectionSpan,
  'core/refresh': coreRefresh,
  'core/request-denied': coreRequestDenied,
  'core/request-submitted': coreRequestSubmitted,
  'core/resource-bad-bodies': coreResourceBadBodies,
  'core/resource-lifecycle': coreResourceLifecycle,
  'core/resource-methods': coreResourceMethods,
  'core/resource-not-found': coreResourceNotFound,
  'core/resource-owner-list': coreResourceOwnerList,
  'core/resource-scope-uri': coreResourceScopeUri,
  'core/rpt-binding': coreRptBinding,
  'core/scope-of-request': coreScopeOfRequest,
  'core/scope-sets': coreScopeSets,
  'core/ticket-expiry': coreTicketExpiry,
  'core/ticket-single-use': coreTicketSingleUse,
  'core/ticket-unguessable': coreTicketUnguessable,
  'core/token-request-form': coreTokenRequestForm,
  'core/upgrade': coreUpgrade,
  'core/withdrawal': coreWithdrawal,
  'claims/csrf': claimsCsrf,
  'claims/errors': claimsErrors,
  'claims/pages': claimsPages,
  'claims/pct-binding': claimsPctBinding,
  'claims/pct-expiry': claimsPctExpiry,
  'claims/pct': claimsPct,
  'claims/redirect-uris': claimsRedirectUris,
  'claims/round-trip': claimsRoundTrip,
  'claims/ticket-burn': claimsTicketBurn,
  'claims/ticket-pkce': claimsTicketPkce,
  'security/artifact-types': securityArtifactTypes,
  'security/authorization-response': securityAuthorizationResponse,
  'security/claim-token-audience': securityClaimTokenAudience,
  'security/claim-token-trust': securityClaimTokenTrust,
  'security/claims-override': securityClaimsOverride,
  'security/client-assertion': securityClientAssertion,
  'security/code-reuse': securityCodeReuse,
  'security/device-grant': securityDeviceGrant,
  'security/dpop-pat': securityDpopPat,
  'security/dpop-proof': securityDpopProof,
  'security/owner-api-domain': securityOwnerApiDomain,
  'security/owner-api-tokens': securityOwnerApiTokens,
  'security/owner-inbox': securityOwnerInbox,
  'security/password-grant': securityPasswordGrant,
  'security/pat-required': securityPatRequired,
  'security/pkce': securityPkce,
  'security/protection-matrix': securityProtectionMatrix,
  'security/pushed-requests': securityPushedRequests,
  'security/redirect-uris': securityRedirectUris,
  'security/refresh-reuse': securityRefreshReuse,
  'security/registration': securityRegistration,
  'security/resource-id-forms': securityResourceIdForms,
  'security/resource-indicator': securityResourceIndicator,
  'security/revocation': securityRevocation,
  'security/ticket-chain-client': securityTicketChainClient,
  'security/ticket-replay': securityTicketReplay,
  'security/tls-client-auth': securityTlsClientAuth,
  'security/untrusted-client': securityUntrustedClient,
};
