// `node stop-with-parent.mjs <signal> <program> <arguments>`: runs a program, and sends the signal to
// it and to whatever it started once the channel to the parent breaks. So nothing is left running
// even where the parent was killed outright and could pass on no signal.

import { pathToFileURL } from 'node:url';

const GRACE_MS = 6000;

const [, signal] = process.argv.splice(1, 2);
// On POSIX the parent made this process the leader of a group.
const group = process.platform === 'win32' ? process.pid : -process.pid;

process.once('disconnect', () => {
  setTimeout(() => process.kill(group, 'SIGKILL'), GRACE_MS).unref();
  process.kill(group, signal);
});
process.channel?.unref();

await import(pathToFileURL(process.argv[1]).href);
