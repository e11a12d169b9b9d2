/** The dialects by name, in the order in which `auto` asks them. A new dialect is one line here and its name in cli/dialects.ts. */
import { UmaError } from '../../protocol/errors.ts';
import type { PartialMetadata } from '../../protocol/metadata.ts';
import type { Dialect } from './dialect.ts';
import { forgerock } from './forgerock.ts';
import { keycloak } from './keycloak.ts';
import { standard } from './standard.ts';

/** `standard` recognises every server and so stands last. */
export const DIALECTS: readonly Dialect[] = [keycloak, forgerock, standard];

/** @throws UmaError `unknown_dialect` (usage) with the names that exist. */
export function dialectOf(name: string, metadata: PartialMetadata): Dialect {
  const found = DIALECTS.find((dialect) =>
    name === 'auto' ? dialect.recognises(metadata) !== undefined : dialect.name === name,
  );
  if (found !== undefined) return found;
  throw new UmaError('usage', 'unknown_dialect', `there is no dialect "${name}"`, {
    hint: `--dialect takes one of: ${['auto', ...DIALECTS.map((dialect) => dialect.name)].join(', ')}`,
  });
}
