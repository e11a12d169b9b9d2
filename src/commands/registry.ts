/**
 * commands/: one file per subcommand. Each exports `command` (cli/command.ts): flags, help and examples as data, and `run`.
 * May import everything; nothing but main.ts imports it. Behaviour that is not about the command line belongs further in.
 *
 * This file: the registry. Names, one-line summaries and loaders only, so that `uma --help` and completion load no command.
 */
import type { Entry } from '../cli/command.ts';

/** In the order of help: the flow's steps, the owner's side, collections, servers and tools. */
export const REGISTRY: readonly Entry[] = [
  { name: 'decode', summary: 'show what is inside a token, offline', load: () => import('./decode.ts') },
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
  { name: 'completion', summary: 'print the completion script for a shell', load: () => import('./completion.ts') },
];
