/** Runs a program that takes its Node for an older one, as it is told everywhere inside of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const VERSION = '20.20.2';
const PRETEND = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${VERSION}' } })`;
const LIMIT_MS = 15_000;

/** Waits for its end; one that goes on all the same is ended. */
export async function startUnderOldNode(
  cwd: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${PRETEND}`, ...args], {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
