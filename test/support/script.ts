/** A command of the operator, run as a pipe or CI does: nobody is there to be asked. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

// What each of very many short processes would compile anew is a third of what it takes.
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));

export async function runScript(
  script: string,
  {
    args = [],
    input = '',
    env = {},
  }: { args?: string[]; input?: string | Buffer; env?: Record<string, string> },
): Promise<{ output: string; errors: string; exitCode: number | null }> {
  const child = spawn(process.execPath, [`scripts/${script}.ts`, ...args], {
    env: { ...process.env, NODE_COMPILE_CACHE, ...env },
  });
  child.stdin.end(input);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { output, errors, exitCode };
}
