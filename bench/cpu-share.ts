/** Gives a process a part of a core, through the kernel's control groups. Needs root on Linux. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Short, so that a process that has used its part does not stand still for long.
const PERIOD_US = 10_000;
const VERSION_2 = '/sys/fs/cgroup';
const VERSION_1 = '/sys/fs/cgroup/cpu';

/**
 * Limits a process, all its threads together, to `share` of one core.
 *
 * @returns Its undo, for when the process has ended; null where this machine cannot do it.
 */
export function limitCpu(pid: number, share: number): (() => void) | null {
  const isVersion2 = existsSync(join(VERSION_2, 'cgroup.controllers'));
  const folder = join(isVersion2 ? VERSION_2 : VERSION_1, `belfry-bench-${pid}`);
  const quota = String(Math.round(PERIOD_US * share));
  try {
    mkdirSync(folder);
    if (isVersion2) {
      writeFileSync(join(folder, 'cpu.max'), `${quota} ${PERIOD_US}`);
    } else {
      writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_US));
      writeFileSync(join(folder, 'cpu.cfs_quota_us'), quota);
    }
    writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    return () => rmdirSync(folder);
  } catch {
    return null;
  }
}
