/** Finding an authorization server's metadata: UMA Grant 2, UMA Federated Authorization 2, RFC 8414 3. */
import { UmaError } from '../protocol/errors.ts';
import { jsonRequest, type Send } from '../protocol/http.ts';
import {
  ENDPOINTS,
  isLoopback,
  type PartialMetadata,
  readPartialMetadata,
  WELL_KNOWN,
  type WellKnown,
  wellKnownUrls,
} from '../protocol/metadata.ts';

/** One place where a document was looked for. */
export interface DocumentFinding {
  url: string;
  document: WellKnown;
  /** `rejected`: something was there and must not or cannot be used; `why` says it. */
  state: 'found' | 'absent' | 'rejected';
  status: number;
  why?: string;
  error?: UmaError;
}

/**
 * Looks for the documents about one issuer, uma2-configuration first, and stops as soon as enough is known. Documents found later
 * only fill gaps. A document of another issuer is never used (SEC-8414-02; code points are compared, SEC-8414-06).
 */
export class MetadataSearch {
  readonly issuer: string;
  /** Every place looked at, in order. */
  readonly findings: DocumentFinding[] = [];
  /** What is known so far. */
  metadata: PartialMetadata;
  /** Address of the document that each member came from. */
  readonly origins = new Map<string, string>();
  readonly #send: Send;
  readonly #left: WellKnown[] = [...WELL_KNOWN];
  #turn: Promise<void> = Promise.resolve();

  constructor(issuer: string, send: Send) {
    this.issuer = issuer;
    this.metadata = { issuer };
    this.#send = send;
  }

  /**
   * Searches until `enough` is true of the metadata or nothing is left to try. Concurrent calls share one search.
   * @throws UmaError `network` when the server does not answer.
   */
  until(enough: (metadata: PartialMetadata) => boolean): Promise<void> {
    const turn = this.#turn.then(async () => {
      while (!enough(this.metadata)) {
        const document = this.#left[0];
        if (document === undefined) return;
        await this.#look(document);
        this.#left.shift();
      }
    });
    // One caller's network error must not be the answer to the next one's try.
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Why nothing usable was found, or why `member` is not known. */
  fault(member: string): UmaError {
    const rejected = this.findings.find(({ state }) => state === 'rejected');
    const found = this.findings.filter(({ state }) => state === 'found');
    if (found.length === 0 && rejected?.error !== undefined) return rejected.error;
    const byHand = `--${member.replaceAll('_', '-')} URL`;
    if (found.length === 0) {
      const tried = this.findings.map(({ url, status }) => `${url} (${status})`).join(', ');
      return new UmaError('config', 'no_metadata', `${this.issuer} publishes no metadata: tried ${tried}`, {
        spec: 'UMA Grant 2',
        hint: `check the issuer with \`uma discover\`, or give the address by hand: ${byHand}`,
      });
    }
    return new UmaError('config', 'endpoint_missing', `${this.issuer} names no "${member}" in ${found[0]?.url}`, {
      spec: 'UMA Federated Authorization 2',
      hint: `see what it offers with \`uma discover\`, or give the address by hand: ${byHand}`,
    });
  }

  async #look(document: WellKnown): Promise<void> {
    for (const url of wellKnownUrls(this.issuer, document)) {
      const request = jsonRequest('GET', url);
      const exchange = { request, response: await this.#send(request) };
      const { status } = exchange.response;
      if (status !== 200) {
        this.findings.push({ url, document, state: 'absent', status });
        continue;
      }
      try {
        const found = readPartialMetadata(exchange, this.issuer);
        refuseDowngrade(found, url);
        this.#merge(found, url);
        this.findings.push({ url, document, state: 'found', status });
        return;
      } catch (error) {
        if (!(error instanceof UmaError)) throw error;
        this.findings.push({ url, document, state: 'rejected', status, why: error.message, error });
      }
    }
  }

  #merge(found: PartialMetadata, url: string): void {
    for (const member of Object.keys(found)) if (!this.origins.has(member)) this.origins.set(member, url);
    this.metadata = { ...found, ...this.metadata };
  }
}

/** Credentials must not go in clear because a document of an https issuer says so. */
function refuseDowngrade(metadata: PartialMetadata, url: string): void {
  if (!metadata.issuer.startsWith('https:')) return;
  for (const name of ENDPOINTS) {
    const value = metadata[name];
    if (typeof value === 'string' && !value.startsWith('https:') && !isLoopback(value)) {
      throw new UmaError('peer', 'invalid_metadata', `${url}: "${name}" must be https, it is ${value}`, {
        spec: 'RFC 8414 2',
      });
    }
  }
}
