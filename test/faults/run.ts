/**
 * `npm run test:faults`: breaks things for real while the built app runs, and shows what held.
 * docs/reliability.md says what each of them promises.
 */
import { FAULTS } from './all.ts';
import { takeAll } from './runner.ts';

await takeAll('faults', FAULTS);
