/**
 * Leaves nothing behind, however the runner ends: folders and mounts are removed, and the processes
 * that it started are ended, each by its own id.
 */
import { readFileSync } from 'node:fs';

const LOOK_FOR_PARENT_MS = 1_000;

const undoes = new Set<() => void>();

/** Runs `undo` when the process ends, or when the function that comes back is called; once. */
export function atTheEnd(undo: () => void): () => void {
  undoes.add(undo);
  return () => {
    if (undoes.delete(undo)) undo();
  };
}

/** Called once, by the runner. */
export function leaveNothingBehind(): void {
  process.once('exit', () => {
    for (const pid of children()) end(pid);
    for (const undo of [...undoes].reverse()) attempt(undo);
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
  // Whoever started us was killed outright, and could pass on no signal.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, LOOK_FOR_PARENT_MS).unref();
}

/** The processes that this one started and that are still there. Linux tells; elsewhere none are known. */
function children(): number[] {
  try {
    const listed = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
    return listed.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function end(pid: number): void {
  attempt(() => process.kill(pid, 'SIGKILL'));
}

// One that fails must not keep the others from being undone.
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // It was gone already.
  }
}
