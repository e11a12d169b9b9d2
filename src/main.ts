/** argv -> program -> exit code. The only file that touches process.argv and process.exitCode. */
import { asksVersion, versionText } from './cli/version.ts';

const argv = process.argv.slice(2);
if (asksVersion(argv)) process.stdout.write(versionText(argv, process.version));
else
  void import('./commands/program.ts').then(async ({ runProcess }) => {
    process.exitCode = await runProcess(argv);
  });
