/** Finds `uma.json`: in the working directory or the nearest directory above it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ProjectFile, readProjectFile } from '../cli/project-file.ts';

/** @throws UmaError `invalid_project_file` (config). */
export function findProjectFile(cwd: string): ProjectFile | undefined {
  for (let directory = cwd; ; directory = dirname(directory)) {
    const path = join(directory, 'uma.json');
    const text = readIfThere(path);
    if (text !== undefined) return readProjectFile(path, text);
    if (dirname(directory) === directory) return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
