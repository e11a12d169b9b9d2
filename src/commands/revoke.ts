import { defineCommand } from '../cli/command.ts';
import { UmaError } from '../protocol/errors.ts';
import type { Revocation } from '../protocol/owner.ts';
import { confirmed } from './confirm.ts';
import { asOwner, type CommonOptions, tokenFile } from './connect.ts';
import { giveUp, knownPerson, ownedResource } from './owned.ts';

interface Options extends CommonOptions {
  resource?: string;
  party?: string;
  tokenFile?: string;
  giveUp?: string;
  yes?: boolean;
}

export const command = defineCommand<Options>({
  description:
    'Takes back what was allowed: policies, requests and RPTs of one party on a resource, of everybody on it, or one RPT.',
  groups: ['as', 'owner'],
  flags: [
    { flags: '--resource <id|name>', description: 'the resource', complete: 'resources' },
    { flags: '--party <name>', description: 'whose access (without it: everybody, which asks first)' },
    { flags: '--token-file <file>', description: 'file with one RPT to revoke, - for stdin', file: true },
    { flags: '--give-up <id|name>', description: 'what somebody else shares with this person' },
    { flags: '-y, --yes', description: 'do not ask' },
  ],
  examples: [
    { comment: "Bob's access to the photo album", line: 'uma revoke --resource "Photo Album" --party bob' },
    { comment: 'everybody', line: 'uma revoke --resource "Photo Album" --yes' },
    { comment: 'what Alice shares with Bob: Bob gives it up', line: 'uma revoke --give-up "Photo Album" --owner bob' },
    { comment: 'one RPT', line: 'uma revoke --token-file rpt.txt' },
  ],
  fields: [
    'policies',
    'rpts',
    'requests',
    // With --give-up.
    'resource_id',
    'name',
    'owner',
    'owner_name',
    'client_id',
    'scopes',
    'via',
    'since',
    'expires_at',
  ],
  async run(options, context) {
    if (options.tokenFile !== undefined && (options.resource !== undefined || options.party !== undefined)) {
      throw new UmaError(
        'usage',
        'conflicting_flags',
        '--token-file is about one RPT: leave out --resource and --party',
      );
    }
    if (options.giveUp !== undefined && (options.resource ?? options.party ?? options.tokenFile) !== undefined) {
      throw new UmaError(
        'usage',
        'conflicting_flags',
        "--give-up is about somebody else's resource: leave out the others",
      );
    }
    if (options.tokenFile === undefined && options.resource === undefined && options.giveUp === undefined) {
      throw new UmaError('usage', 'nothing_to_revoke', 'revoke what?', {
        hint: 'uma revoke --resource ID --party bob, or --token-file FILE',
      });
    }
    if (options.giveUp !== undefined) {
      const shared = await giveUp(await asOwner(context, options), options.giveUp);
      const told = `gave up ${shared.name ?? shared.resource_id}`;
      return { value: shared, told };
    }
    const token =
      options.tokenFile === undefined
        ? undefined
        : await tokenFile(context, '--token-file', options.tokenFile, ['access_token', 'rpt', 'token']);
    const owner = await asOwner(context, options);
    let revocation: Revocation;
    let what: string;
    if (token !== undefined) {
      revocation = { token };
      what = 'the RPT';
    } else {
      const resource = await ownedResource(owner, options.resource ?? '');
      const party = options.party === undefined ? undefined : (await knownPerson(owner, options.party)).party;
      revocation = { resource_id: resource._id, ...(party === undefined ? {} : { party }) };
      what = `${party === undefined ? "everybody's" : `${party.name ?? options.party}'s`} access to ${resource.name ?? resource._id}`;
      if (party === undefined && !(await confirmed(context, options, `Take back ${what}?`))) return undefined;
    }
    const answer = await owner.revoke(revocation);
    const { policies, rpts, requests } = answer;
    return {
      value: answer,
      told: `revoked ${what}: policies ${policies}, RPTs ${rpts}, requests ${requests}`,
      note: OUTLIVED[String(owner.rptSurvivesRevocation)],
    };
  },
});

/** By what is known of the server. */
const OUTLIVED: Record<string, string> = {
  true: 'an RPT that this server has issued before stays good until it ends, and only its client can revoke it (RFC 7009)',
  unconfirmed: 'an RPT that this server has issued before may stay good until it ends: uma introspect tells',
};
