/** What can be done with a server, by what its metadata says: for each role, what works and what is missing. */
import type { EndpointName, PartialMetadata } from '../protocol/metadata.ts';
import { UMA_TICKET_GRANT } from '../protocol/outcome.ts';
import type { Connection } from './connection.ts';
import type { Deviation } from './dialects/dialect.ts';
import type { DocumentFinding } from './discovery.ts';

export interface Ability {
  /** What it is, in words: `permission tickets`. */
  what: string;
  works: boolean;
  /** What lacks, or what could not be told from the metadata. */
  why?: string;
}

export interface DiscoveryReport {
  issuer: string;
  dialect: string;
  /** The product that this server is taken for; absent when it is taken as it comes. */
  vendor?: string;
  /** Why this dialect. */
  because: string;
  /** Where the vendor departs from the specifications, and what this program does about it. */
  deviations: readonly Deviation[];
  documents: Omit<DocumentFinding, 'error'>[];
  /** Members merged from all documents, endpoints given by hand included. */
  metadata: PartialMetadata;
  /** Where each endpoint comes from: a document's address, `by hand`, or `dialect`. */
  origins: Record<string, string>;
  roles: { resource_server: Ability[]; requesting_party: Ability[]; resource_owner: Ability[] };
}

/** Looks everywhere. @throws UmaError `network`. */
export async function discoveryReport(
  connection: Connection,
  byHand: Partial<Record<EndpointName, string>> = {},
): Promise<DiscoveryReport> {
  await connection.search.until(() => false);
  const { metadata, dialect } = connection;
  const origins: Record<string, string> = {};
  for (const member of Object.keys(metadata).filter((name) => /_(endpoint|uri)$/.test(name))) {
    const byHandHere = Object.hasOwn(byHand, member);
    origins[member] = byHandHere ? 'by hand' : (connection.search.origins.get(member) ?? 'dialect');
  }
  return {
    issuer: connection.issuer,
    dialect: dialect.name,
    ...(dialect.vendor === undefined ? {} : { vendor: dialect.vendor }),
    because:
      dialect.recognises(metadata) ?? 'named by --dialect, environment or profile; the metadata does not show it',
    deviations: dialect.deviations,
    documents: connection.search.findings.map(({ error: _error, ...finding }) => finding),
    metadata,
    origins,
    roles: {
      resource_server: [
        grant('PAT by password', metadata, 'password'),
        grant('PAT by client credentials', metadata, 'client_credentials'),
        endpoint('resource registration', metadata, 'resource_registration_endpoint'),
        endpoint('permission tickets', metadata, 'permission_endpoint'),
        endpoint('introspection of RPTs', metadata, 'introspection_endpoint'),
      ],
      requesting_party: [
        grant('claim token by password', metadata, 'password'),
        grant('RPT for a ticket', metadata, UMA_TICKET_GRANT),
        endpoint('claims gathered in a browser', metadata, 'claims_interaction_endpoint'),
      ],
      resource_owner: [endpoint('requests, policies, revoking', metadata, 'resource_owner_endpoint')],
    },
  };
}

function endpoint(what: string, metadata: PartialMetadata, name: EndpointName): Ability {
  return metadata[name] === undefined ? { what, works: false, why: `no "${name}"` } : { what, works: true };
}

/** Absent `grant_types_supported` means authorization_code and implicit (RFC 8414 2), but many servers just leave it out. */
function grant(what: string, metadata: PartialMetadata, type: string): Ability {
  const token = endpoint(what, metadata, 'token_endpoint');
  if (!token.works) return token;
  const offered = metadata.grant_types_supported;
  if (offered === undefined) return { what, works: true, why: 'not said: there is no "grant_types_supported"' };
  return offered.includes(type)
    ? { what, works: true }
    : { what, works: false, why: `"grant_types_supported" lacks ${type}` };
}
