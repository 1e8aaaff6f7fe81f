/**
 * An instance that runs jobs, to be killed in the midst of it. Says each step on a line of its own.
 *
 *     node test/support/job-worker.ts <url of the database> <stop at this many>
 *
 * `effect` writes a row in the job's own transaction; `outside` never comes to an end. At the given number of
 * effects it stands still, with the transaction open.
 */
import { JobQueue } from '../../lib/belfry/jobs/job-queue.ts';
import { sql } from '../../lib/belfry/storage/database.ts';
import { openDatabase, sqlOf } from '../../lib/database/db.ts';

const [url = '', stopAt = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const log = {
  warn: (fields: object) => say(JSON.stringify(fields)),
  error: (fields: object) => say(JSON.stringify(fields)),
};

const db = openDatabase(url);
const jobs = new JobQueue({
  database: sqlOf(db),
  log,
});
let effects = 0;

jobs.define<number>('effect', {
  transact: async ({ payload, tx }) => {
    await tx.execute(sql`INSERT INTO effect (payload) VALUES (${payload})`);
    effects += 1;
    if (effects !== Number(stopAt)) return;
    say('standing still');
    await new Promise(() => {});
  },
});
jobs.define('outside', {
  run: async ({ job }) => {
    say(`outside ${job.id}`);
    await new Promise(() => {});
  },
});
jobs.start();
// Nothing else keeps it alive.
setInterval(() => {}, 60_000);
