/**
 * conformance/: a black-box conformance suite for UMA 2.0 authorization servers: the requirements of UMA Grant and UMA Federated
 * Authorization (and the OAuth documents around them) as data, one small check per requirement or tight family, the runner and the reports.
 * Imports only `protocol`: checks send raw HTTP of their own (http.ts), never `client`, because a tolerant reader hides faults,
 * and never `server`, because any vendor's server is tested alike.
 *
 * This file: what a check is.
 */
import type { ConformanceConfig } from './config.ts';
import type { Exchange } from './http.ts';
import type { Probe } from './probe.ts';

/** `core`: grant and protection API; `claims`: interactive gathering and PCT; `security`: the negative matrix and OAuth's rules. */
export const PROFILES = ['core', 'claims', 'security'] as const;
export type Profile = (typeof PROFILES)[number];

export interface Metadata {
  issuer: string;
  token_endpoint: string;
  permission_endpoint: string;
  resource_registration_endpoint: string;
  [member: string]: unknown;
}

/** Says why a check cannot run against this server with this configuration, or undefined when it can. */
export type Need = (metadata: Metadata, config: ConformanceConfig) => string | undefined;

export interface Check {
  /** The requirement rows it decides, each by at least one {@link Probe.expect}. */
  requirements: readonly string[];
  title: string;
  profile: Profile;
  /** What goes over the wire, in a sentence. */
  sends: string;
  /** What has to come back, in a sentence. */
  expects: string;
  needs?: readonly Need[];
  /** It waits for something to expire, so it is started first. */
  slow?: true;
  run(probe: Probe): Promise<void>;
}

/** `blocked`: something that the check builds on failed, so that this requirement could not be looked at. */
export type Status = 'pass' | 'fail' | 'blocked' | 'expected_failure' | 'not_applicable';

/** What one check found about one requirement. */
export interface Finding {
  requirement: string;
  /** The check's title. */
  check: string;
  status: Status;
  /** What was wrong, or why it does not apply. */
  detail?: string;
  /** Both sides of the exchanges that show it, secrets masked. */
  evidence?: Exchange[];
}
