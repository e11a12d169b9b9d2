// `npm run generate`: writes every generated file. A test (and CI) fails when one is stale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { generatedFiles } from './generated.ts';

const root = new URL('..', import.meta.url);
for (const { path, text } of await generatedFiles(root)) {
  const file = new URL(path, root);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, text);
}
