/** The layouts by name. A new one is a folder and one line here; `standard` is the house itself. */
import { UmaError } from '../../protocol/errors.ts';
import { walkthroughConfig } from '../config/walkthrough.ts';
import type { Layout } from './layout.ts';

const standard: Layout = { name: 'standard', issuerPath: '', switches: [], fixture: walkthroughConfig };

/** Loaded when asked for, so that no layout costs another one's start. */
const LAYOUTS: Readonly<Record<string, () => Promise<Layout>>> = {
  standard: async () => standard,
  keycloak: async () => (await import('./keycloak/layout.ts')).keycloakLayout(),
  forgerock: async () => (await import('./forgerock/layout.ts')).forgerock,
};

export const LAYOUT_NAMES: readonly string[] = Object.keys(LAYOUTS);

/** @throws UmaError `unknown_layout` (usage) with the names that exist. */
export async function layoutOf(name: string): Promise<Layout> {
  const load = Object.hasOwn(LAYOUTS, name) ? LAYOUTS[name] : undefined;
  if (load !== undefined) return load();
  throw new UmaError('usage', 'unknown_layout', `there is no layout "${name}"`, {
    hint: `--layout takes one of: ${LAYOUT_NAMES.join(', ')}`,
  });
}
