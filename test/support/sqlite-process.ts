/** A second process that works on a database file, for what two processes may do to one another. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./sqlite-child.mjs', import.meta.url));

export interface SqliteProcess {
  /** Lets it go on: a holder lets go of the lock, a migrator begins. Resolves to what it printed last. */
  proceed: () => Promise<string>;
}

/** Starts it, and waits until it holds the lock (`hold`) or is ready to begin (`migrate`). */
export async function startSqliteProcess(task: 'hold' | 'migrate', file: string): Promise<SqliteProcess> {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [PROGRAM, task, file],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The other process ended with ${code} before it was ready.`);
    }),
  ]);
  return {
    async proceed() {
      const closed = once(child, 'close');
      child.stdin.end('go\n');
      await closed;
      return output.trim().split('\n').at(-1) ?? '';
    },
  };
}
