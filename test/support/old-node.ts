/** Runs a program that takes its Node for an older one, as it is told everywhere inside of it. */
import { runToEnd } from './run-to-end.ts';

const VERSION = '20.20.2';
const PRETEND = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${VERSION}' } })`;

/** Waits for its end; one that goes on all the same is ended. */
export function startUnderOldNode(
  cwd: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  return runToEnd(['--import', `data:text/javascript,${PRETEND}`, ...args], { cwd, env });
}
