/** A start of the built app that is to end with a sentence. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToEnd } from './run-to-end.ts';

const NEXT = fileURLToPath(new URL('../../node_modules/next/dist/bin/next', import.meta.url));

/** Runs the server where it cannot run, and gives what it says. One that goes on all the same is ended. */
export async function startAndFail(
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const ended = await runToEnd([NEXT, 'start', '-H', '127.0.0.1', '-p', '0'], {
    env: { DATABASE_URL: `file:${join(folder, 'belfry.db')}`, ...env },
  });
  rmSync(folder, { recursive: true });
  return ended;
}
