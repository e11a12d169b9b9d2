/** `uma profile show` */
import { defineCommand } from '../cli/command.ts';
import { DEMO_PROFILE } from '../cli/demo-profile.ts';
import type { Paint } from '../cli/paint.ts';
import { PROFILE_FIELDS } from '../cli/store.ts';
import { UmaError } from '../protocol/errors.ts';
import { memberList } from './views.ts';

interface ShowOptions {
  name?: string;
  origin?: boolean;
}

export const command = defineCommand<ShowOptions>({
  description:
    'Show a profile as it is kept, or with --origin the settings in force and where each comes from. Never secrets.',
  args: [{ name: '[name]', description: 'the profile (default: the one in use)', complete: 'profiles' }],
  flags: [{ flags: '--origin', description: 'what is in force, and which source won' }],
  groups: ['as', 'owner', 'party', 'rs', 'client'],
  examples: [
    { comment: 'the profile in use', line: 'uma profile show' },
    { comment: 'why this issuer?', line: 'uma profile show --origin --field issuer.origin' },
  ],
  // With --origin: `profile` and `rs_client`.
  fields: ['name', ...PROFILE_FIELDS, 'profile', 'rs_client'],
  async run({ name, origin }, { settings, store }) {
    if (origin) {
      if (name !== undefined && name !== settings.profile.value) {
        throw new UmaError('usage', 'conflicting_flags', '--origin is about the settings in force', {
          hint: `uma profile show --origin --profile ${name}`,
        });
      }
      const value = settings.effective();
      const rows = Object.entries(value).map(([key, setting]) => [key, setting.value, setting.origin]);
      return { value, view: (paint: Paint) => paint.table(['setting', 'value', 'from'], rows) };
    }
    const wanted = name ?? settings.profile.value;
    const profile = (await store.get(wanted)) ?? (wanted === 'demo' ? DEMO_PROFILE : undefined);
    if (profile === undefined) throw noSuchProfile(wanted);
    const value = { name: wanted, ...profile };
    return { value, view: (paint: Paint) => memberList(paint, value) };
  },
});

export function noSuchProfile(name: string): UmaError {
  return new UmaError('config', 'no_such_profile', `there is no profile "${name}"`, { hint: 'uma profile list' });
}
