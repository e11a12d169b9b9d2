/** Reasons why a check does not apply to a server or a configuration. Each names the metadata member or the setting. */
import type { Need } from './check.ts';
import type { ClientRole, Recipes } from './config.ts';

/** The discovery document has this member. */
export const offers =
  (member: string): Need =>
  (metadata) =>
    metadata[member] === undefined ? `the metadata has no ${member}` : undefined;

/** A list in the discovery document has this value. */
export const lists =
  (member: string, value: string): Need =>
  (metadata) =>
    Array.isArray(metadata[member]) && (metadata[member] as unknown[]).includes(value)
      ? undefined
      : `the metadata's ${member} has no ${value}`;

/** A grant type is offered; a document without `grant_types_supported` says nothing against it. */
export const grants =
  (type: string): Need =>
  (metadata) =>
    Array.isArray(metadata.grant_types_supported) && !(metadata.grant_types_supported as unknown[]).includes(type)
      ? `the metadata's grant_types_supported has no ${type}`
      : undefined;

export const client =
  (role: ClientRole): Need =>
  (_metadata, config) =>
    config.clients[role] === undefined ? `not configured: clients.${role}` : undefined;

export const secondOwner: Need = (_metadata, config) =>
  config.owners.length < 2 ? 'not configured: a second owner' : undefined;
export const secondParty: Need = (_metadata, config) =>
  config.parties.length < 2 ? 'not configured: a second requesting party' : undefined;
export const secondServer: Need = (_metadata, config) =>
  config.resource_servers.length < 2 ? 'not configured: a second resource server' : undefined;

/** The owner's decision can be made: by our owner API, or by a recipe. */
export const owner =
  (verb: keyof Recipes): Need =>
  (metadata, { owner_side }) => {
    if (owner_side === 'owner-api')
      return metadata.resource_owner_endpoint === undefined ? 'the metadata has no resource_owner_endpoint' : undefined;
    return owner_side?.[verb] === undefined ? `not configured: owner_side.${verb}` : undefined;
  };

/** The owner API of our extension, for policies that a recipe cannot express. */
export const ownerApi: Need = (metadata, config) =>
  config.owner_side === 'owner-api'
    ? offers('resource_owner_endpoint')(metadata, config)
    : 'not configured: owner_side "owner-api", which such policies need';

export const claimIssuer: Need = (_metadata, config) =>
  config.claim_issuer === undefined
    ? 'not configured: claim_issuer, a trusted issuer whose key the suite holds'
    : undefined;

/** Waiting for something to expire is within the configured patience. */
export const expiryOf =
  (member: 'ticket' | 'rpt' | 'pct'): Need =>
  (_metadata, { lifetimes, patience }) => {
    const seconds = lifetimes[member];
    if (seconds === undefined) return `not configured: lifetimes.${member}`;
    return seconds > patience ? `lifetimes.${member} (${seconds} s) is more than patience (${patience} s)` : undefined;
  };

export const redirect =
  (role: ClientRole): Need =>
  (_metadata, config) =>
    config.clients[role]?.redirect_uri === undefined ? `not configured: clients.${role}.redirect_uri` : undefined;

export const claimsRedirect =
  (role: ClientRole, count: number): Need =>
  (_metadata, config) => {
    const uris = config.clients[role]?.claims_redirect_uris.length ?? 0;
    return uris < count ? `not configured: ${count} of clients.${role}.claims_redirect_uris` : undefined;
  };
