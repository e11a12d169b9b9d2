/** Runs a client's program while this process serves it. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Its standard output. @throws Error with both outputs when it fails or is not there. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`${program} ended with ${code}\n${out}${err}`);
  return out;
}
