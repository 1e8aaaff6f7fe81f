/**
 * `npm run test:security`: attacks the built app for real, and shows what held. SECURITY.md has the table;
 * `-- --write` writes it anew from this run; `npm run format` then puts its columns in line.
 */
import { takeAll } from '../faults/runner.ts';
import { ATTACKS } from './all.ts';
import { writeTable } from './table.ts';

const write = process.argv.indexOf('--write');
if (write > 0) process.argv.splice(write, 1);

await takeAll('security', ATTACKS, (taken, { short, whole }) => {
  if (write > 0 && whole) writeTable(taken, { short });
});
