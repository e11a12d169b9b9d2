/**
 * cli/: the terminal side of `uma`: what a command is, what it gets, how its result and errors look, where its settings come
 * from. Knows the words of `protocol` and nothing else: HTTP, files of settings and prompts are ports, implemented in `adapters`.
 *
 * This file: the one table of exit codes. Part of the stable contract.
 */
import type { ErrorCategory } from '../protocol/errors.ts';

export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  config: 3,
  authentication: 4,
  request_denied: 5,
  need_info: 6,
  request_submitted: 7,
  network: 8,
  peer: 9,
  conformance: 10,
  interrupted: 130,
} as const;

/** `uma demo` as a smoke check says by its exit code which step failed first: 20 and the number of the step. */
export type DemoStepExit = 21 | 22 | 23 | 24 | 25 | 26 | 27 | 28 | 29 | 30 | 31 | 32;
export const demoStepExit = (step: number): DemoStepExit => (20 + step) as DemoStepExit;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT] | DemoStepExit;

/** What `uma help exit-codes` says about each, in the order of the numbers. */
export const EXIT_MEANING: readonly (readonly [ExitCode | '21-32', string])[] = [
  [EXIT.done, 'done'],
  [EXIT.internal, 'internal error: a fault in uma itself'],
  [EXIT.usage, 'usage: a wrong flag or input, or one that the server refuses (invalid_grant, invalid_scope, ...)'],
  [EXIT.config, 'configuration is missing, invalid, or not to be trusted with this server'],
  [EXIT.authentication, 'authentication failed: a person, a client or a token was not accepted'],
  [EXIT.request_denied, 'request_denied: the answer is no, or the resource owner said no'],
  [EXIT.need_info, 'need_info: the server needs (other) claims of the requesting party'],
  [EXIT.request_submitted, 'request_submitted: pending, the resource owner has to decide'],
  [EXIT.network, 'network, TLS or timeout: no complete answer came'],
  [EXIT.peer, 'the other side broke the protocol'],
  [EXIT.conformance, 'conformance failures were found'],
  [
    '21-32',
    'uma demo: the step that failed first, after 20: discover, pat, register, ask, claims, submitted, approve, ticket, rpt, serve, revoke, refused',
  ],
  [EXIT.interrupted, 'interrupted (Ctrl-C)'],
];

/** A refusal that is no outcome (category `refused`) is a usage error: the input asked for what the server does not give. */
const BY_CATEGORY: Record<ErrorCategory, ExitCode> = {
  usage: EXIT.usage,
  config: EXIT.config,
  authentication: EXIT.authentication,
  network: EXIT.network,
  peer: EXIT.peer,
  refused: EXIT.usage,
  interrupted: EXIT.interrupted,
  internal: EXIT.internal,
};

export function exitCodeOf(category: ErrorCategory): ExitCode {
  return BY_CATEGORY[category];
}

const AUTHENTICATION_ERRORS = ['invalid_client', 'invalid_token', 'unauthorized_client', 'access_denied'];

/** The exit code that a wire object's `error` stands for: outcomes have their own, all else is a refusal or authentication. */
export function exitCodeOfWireError(error: string): ExitCode {
  if (error === 'request_denied' || error === 'need_info' || error === 'request_submitted') return EXIT[error];
  return AUTHENTICATION_ERRORS.includes(error) ? EXIT.authentication : EXIT.usage;
}
