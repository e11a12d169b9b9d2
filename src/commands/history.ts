import { defineCommand } from '../cli/command.ts';
import { UmaError } from '../protocol/errors.ts';
import { HISTORY_TYPES } from '../protocol/owner.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { ownedResource } from './owned.ts';
import { partyName, time } from './views.ts';

interface Options extends CommonOptions {
  limit?: number;
  type?: string;
  resource?: string;
  party?: string;
}

export const command = defineCommand<Options>({
  description: "Shows what happened to the owner's resources, newest first.",
  groups: ['as', 'owner'],
  flags: [
    { flags: '--limit <number>', description: 'at most so many entries (default 50)', parse: wholeNumber },
    { flags: '--type <type>', description: 'entries of one type', choices: HISTORY_TYPES },
    { flags: '--resource <id|name>', description: 'entries of one resource', complete: 'resources' },
    { flags: '--party <name>', description: 'entries about one person, by login name' },
  ],
  examples: [
    { comment: 'the last ten things', line: 'uma history --owner alice --limit 10' },
    { comment: 'who used what (by RPTs that a resource server asked about)', line: 'uma history --type rpt_used' },
  ],
  fields: ['id', 'type', 'at', 'resource_id', 'resource_name', 'party', 'client_id', 'scopes'],
  async run(options, context) {
    const owner = await asOwner(context, options);
    const issuer = context.settings.issuer().value;
    const resource = options.resource === undefined ? undefined : await ownedResource(owner, options.resource);
    const entries = await owner.history({
      limit: options.limit ?? 50,
      type: options.type,
      resource_id: resource?._id,
      username: options.party,
    });
    return {
      value: entries,
      view: (paint) =>
        entries.length === 0
          ? 'nothing happened yet'
          : paint.table(
              ['when', 'what', 'resource', 'who', 'scopes', 'client'],
              entries.map((entry) => [
                time(entry.at),
                entry.type,
                entry.resource_name ?? entry.resource_id ?? '',
                entry.party === undefined ? '' : partyName(entry.party, issuer),
                entry.scopes?.join(' ') ?? '',
                entry.client_id ?? '',
              ]),
            ),
      emptyHint: 'nothing happened yet: uma register --name "Photo Album" --scope view',
    };
  },
});

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UmaError('usage', 'invalid_number', `"${text}" is not a whole number above 0`, { hint: '--limit 10' });
}
