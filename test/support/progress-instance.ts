/**
 * An instance of an app that is to be killed in the midst of a long job: `progress-instance.ts <url of the database> <user>`. It says a
 * line when the job has run for twice as long as it may be silent.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createBelfry } from '../../lib/belfry/create-belfry.ts';
import { openDatabase, sqlOf } from '../../lib/database/db.ts';
import { ReportBuilt } from './report-built.ts';

const [url = '', user = ''] = process.argv.slice(2);
const belfry = createBelfry({
  database: sqlOf(openDatabase(url)),
  types: [ReportBuilt],
  log: { info() {}, warn() {}, error() {} },
});
const job = await belfry.progress(ReportBuilt, { to: { user }, payload: { month: 'May' }, silentAfter: 4 });
job.report(0.2);
await sleep(8_000);
process.stdout.write('alive\n');
await sleep(60_000);
