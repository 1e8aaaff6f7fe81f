// Installs programs of Debian's that the tests need, where root runs them on Debian.

import { readFileSync } from 'node:fs';
import { run } from './command.mjs';

// Another process may be at it.
const INSTALL = ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends'];

/** Settles when the installation before has ended: of two at once Debian refuses one. */
let last = Promise.resolve();

/** Installs packages. Hands back whether that worked, and what was said. Does nothing elsewhere than on Debian, as root. */
export function installDebianPackages(names) {
  const installation = last.then(() => install(names));
  last = installation.catch(() => {});
  return installation;
}

async function install(names) {
  if (!isDebianRoot()) return { installed: false, output: '' };
  // The run level tells the packages' own scripts not to start a server.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const update = await run('apt-get', ['update'], { env });
  const { code, output } = await run('apt-get', [...INSTALL, ...names], { env });
  return { installed: code === 0, output: update.output + output };
}

export function isDebianRoot() {
  if (process.getuid?.() !== 0) return false;
  try {
    // Ubuntu's packages are others, also where they have the same name.
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
