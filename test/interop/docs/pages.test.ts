/** The pages of docs/ that have curl in them, run as they stand. */
import { pagesToRun, runPage } from '../../pages.ts';

for (const page of pagesToRun({ curl: true })) runPage(page);
