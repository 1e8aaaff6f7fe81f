// To be loaded before a server (`node --import`): its clock is ahead by as many milliseconds as stand in the file that
// JUMPING_CLOCK names, and jumps when that is changed. Timers and `performance.now` go on as they do on any machine.
import { readFileSync } from 'node:fs';

const FILE = process.env.JUMPING_CLOCK ?? '';
const LOOK_EVERY_MS = 10;

const Real = Date;
const realNow = Date.now;
let ahead = 0;
let lookedAt = Number.NEGATIVE_INFINITY;

function now() {
  if (performance.now() - lookedAt > LOOK_EVERY_MS) {
    lookedAt = performance.now();
    ahead = Number(readFileSync(FILE, 'utf8'));
  }
  return realNow() + ahead;
}

Real.now = now;
globalThis.Date = new Proxy(Real, {
  apply: () => new Real(now()).toString(),
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
});
