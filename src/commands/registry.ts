/**
 * commands/: one file per subcommand. Each exports `command` (cli/command.ts): flags, help and examples as data, and `run`.
 * May import everything; nothing but main.ts imports it. Behaviour that is not about the command line belongs further in.
 *
 * This file: the registry. Names, one-line summaries and loaders only, so that `uma --help` and completion load no command.
 */
import type { Entry } from '../cli/command.ts';

/** In the order of help: the flow's steps, the owner's side, collections, servers and tools. */
export const REGISTRY: readonly Entry[] = [
  { name: 'pat', summary: 'get a PAT for an owner', load: () => import('./pat.ts') },
  { name: 'register', summary: 'register a resource', load: () => import('./register.ts') },
  { name: 'ticket', summary: 'get a permission ticket for a resource', load: () => import('./ticket.ts') },
  { name: 'claims', summary: "get the requesting party's claim token", load: () => import('./claims.ts') },
  { name: 'rpt', summary: 'trade ticket and claims for an RPT', load: () => import('./rpt.ts') },
  {
    name: 'get',
    summary: 'get a protected resource: the whole flow for the requesting party',
    load: () => import('./get.ts'),
  },
  { name: 'introspect', summary: 'ask what an RPT is good for', load: () => import('./introspect.ts') },
  { name: 'approve', summary: 'approve requests', load: () => import('./approve.ts') },
  { name: 'deny', summary: 'deny requests', load: () => import('./deny.ts') },
  { name: 'revoke', summary: 'take back what was allowed', load: () => import('./revoke.ts') },
  {
    name: 'request',
    summary: 'requests that wait for the owner',
    commands: [
      { name: 'list', summary: 'list requests', load: () => import('./request-list.ts') },
      { name: 'show', summary: 'show a request', load: () => import('./request-show.ts') },
    ],
  },
  {
    name: 'resource',
    summary: 'registered resources',
    commands: [
      { name: 'list', summary: 'list resources', load: () => import('./resource-list.ts') },
      { name: 'show', summary: 'show a resource', load: () => import('./resource-show.ts') },
      { name: 'update', summary: 'change a resource', load: () => import('./resource-update.ts') },
      { name: 'delete', summary: 'delete a resource', load: () => import('./resource-delete.ts') },
    ],
  },
  {
    name: 'policy',
    summary: "the owner's policies",
    commands: [
      { name: 'list', summary: 'list policies', load: () => import('./policy-list.ts') },
      { name: 'show', summary: 'show a policy', load: () => import('./policy-show.ts') },
      { name: 'add', summary: 'add a policy', load: () => import('./policy-add.ts') },
      { name: 'update', summary: 'change a policy', load: () => import('./policy-update.ts') },
      { name: 'delete', summary: 'delete a policy', load: () => import('./policy-delete.ts') },
    ],
  },
  {
    name: 'demo',
    summary: 'play the whole flow and show each exchange, or check a server with it',
    load: () => import('./demo.ts'),
  },
  { name: 'history', summary: "what happened to the owner's resources", load: () => import('./history.ts') },
  { name: 'discover', summary: 'find out what a server offers', load: () => import('./discover.ts') },
  { name: 'decode', summary: 'show what is inside a token, offline', load: () => import('./decode.ts') },
  {
    name: 'trace',
    summary: 'recorded flows',
    commands: [
      { name: 'render', summary: 'make a page or picture of a recorded flow', load: () => import('./trace-render.ts') },
    ],
  },
  { name: 'serve', summary: 'run the built-in authorization server', load: () => import('./serve.ts') },
  {
    name: 'gateway',
    summary: 'protect any HTTP service: the resource server as a proxy',
    load: () => import('./gateway.ts'),
  },
  {
    name: 'conformance',
    summary: 'test an authorization server against the specifications',
    load: () => import('./conformance.ts'),
  },
  {
    name: 'profile',
    summary: 'named settings: servers, clients, people',
    commands: [
      { name: 'list', summary: 'list profiles', load: () => import('./profile-list.ts') },
      {
        name: 'show',
        summary: 'show a profile and where each value comes from',
        load: () => import('./profile-show.ts'),
      },
      { name: 'add', summary: 'add or change a profile', load: () => import('./profile-add.ts') },
      { name: 'use', summary: 'make a profile the current one', load: () => import('./profile-use.ts') },
      { name: 'delete', summary: 'delete a profile', load: () => import('./profile-delete.ts') },
    ],
  },
  { name: 'login', summary: 'sign in, once for the commands that follow', load: () => import('./login.ts') },
  { name: 'logout', summary: 'sign out: revoke and forget tokens', load: () => import('./logout.ts') },
  {
    name: 'token',
    summary: 'tokens kept between runs',
    commands: [
      { name: 'list', summary: 'list kept tokens', load: () => import('./token-list.ts') },
      { name: 'forget', summary: 'forget kept tokens', load: () => import('./token-forget.ts') },
    ],
  },
  { name: 'completion', summary: 'print the completion script for a shell', load: () => import('./completion.ts') },
];
