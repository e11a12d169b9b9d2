/** argv -> program -> exit code. The only file that touches process.argv and process.exitCode. */
import { beginAnew } from './adapters/server-process.ts';
import { compileCacheDirectory } from './cli/compile-cache.ts';
import { asksVersion, versionText } from './cli/version.ts';

const argv = process.argv.slice(2);
if (asksVersion(argv)) process.stdout.write(versionText(argv, process.version));
else {
  if (argv[0] === 'serve') beginAnew(process.argv);
  process.getBuiltinModule('node:module').enableCompileCache(compileCacheDirectory(process.env, process.platform));
  void import('./commands/program.ts').then(
    async ({ runProcess }) => {
      process.exitCode = await runProcess(argv);
    },
    (error: Error) => {
      const told =
        argv.includes('--debug') || process.env.UMA_DEBUG === '1' ? error.stack : error.message.split('\n')[0];
      process.stderr.write(`uma: this installation is not whole: ${told}\nTry: install it again\n`);
      process.exitCode = 1;
    },
  );
}
