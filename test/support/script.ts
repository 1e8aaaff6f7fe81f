/** A command of the operator, run as a pipe or CI does: nobody is there to be asked. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export async function runScript(
  script: string,
  {
    args = [],
    input = '',
    env = {},
  }: { args?: string[]; input?: string | Buffer; env?: Record<string, string> },
): Promise<{ output: string; errors: string; exitCode: number | null }> {
  const child = spawn(process.execPath, [`scripts/${script}.ts`, ...args], {
    env: { ...process.env, ...env },
  });
  child.stdin.end(input);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { output, errors, exitCode };
}
