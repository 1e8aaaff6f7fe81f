/**
 * `npm run bench`: Belfry and its peers side by side, in one run, on this machine.
 *
 *     npm run bench                                         everything, into docs/performance.md
 *     npm run bench -- --streams 1000 --runs 1 --only belfry,better-sse      to the terminal alone
 *     npm run bench -- --only jobs                          the queue of jobs beside pg-boss, to the terminal
 *     npm run bench -- --only definitions           an inbox of twenty types beside one of a single type
 *     npm run bench -- --only pages --runs 5                the pages as Lighthouse sees them, to the terminal
 *     npm run bench -- --only inbox                         an inbox of 10,000, in the server and in the browser
 *     npm run bench -- --only adapters                      every adapter of a database beside this app's own
 *     npm run bench -- --only connects --runs 5             opening streams beside a bare Next handler
 *     npm run bench -- --instances 2                        one instance, then two, on PostgreSQL and Redis
 *
 * The server has one core and the load another, where `taskset` exists. CPU a delivery is what to
 * compare: unlike a rate it does not depend on how busy the machine is otherwise.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { adaptersTable, measureAdapters } from './adapters.ts';
import { measureBrowserWeight } from './browser-weight.ts';
import { connectsTable, measureConnects } from './connects.ts';
import { definitionsTable, measureDefinitions } from './definitions.ts';
import { type FanOut, measureFanOut } from './fan-out.ts';
import { inboxTable, measureInbox } from './inbox-page.ts';
import {
  type InstancesFigures,
  instancesTable,
  measureBus,
  measureInstances,
  measurePostgresqlSends,
  sharedCosts,
} from './instances.ts';
import { jobsTable, measureJobs } from './jobs.ts';
import { measurePages, pagesTable } from './pages.ts';
import { allPeers } from './peers.ts';
import {
  fanOutTable,
  reportText,
  writeAdapters,
  writeConnects,
  writeInstances,
  writeReport,
} from './report.ts';
import { measureCleanUp, measureReads, measureSends } from './store.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000,5000,10000' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string' },
    instances: { type: 'string' },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

const CONNECTS = 10_000;

spawnSync('taskset', ['-cp', '1', String(process.pid)]);
const wanted = values.only?.split(',');
const peers = allPeers().filter(({ name }) => !wanted || wanted.includes(name));

if (values.instances) {
  await compareInstances(Number(values.instances));
  process.exit();
}

if (values.only === 'jobs') {
  say(jobsTable(await measureJobs()));
  process.exit();
}

if (values.only === 'definitions') {
  say(definitionsTable(await measureDefinitions()));
  process.exit();
}

if (values.only === 'inbox') {
  say(inboxTable(await measureInbox()));
  process.exit();
}

if (values.only === 'pages') {
  say(pagesTable(await measurePages(Number(values.runs))));
  process.exit();
}

if (values.only === 'adapters') {
  await compareAdapters();
  process.exit();
}

if (values.only === 'connects') {
  await compareConnects();
  process.exit();
}

const fanOut: FanOut[] = [];
for (const streams of values.streams.split(',').map(Number)) {
  for (const peer of peers) {
    say(`${peer.name}, ${streams.toLocaleString('en')} streams …`);
    fanOut.push(await measureFanOut(peer, streams, Number(values.runs)));
    say(fanOutTable(fanOut.slice(-1)));
  }
}
if (wanted) {
  say(`\n${fanOutTable(fanOut)}`);
} else {
  say('database and browser …');
  const measured = {
    fanOut,
    weight: await measureBrowserWeight(),
    sends: await measureSends(),
    reads: await measureReads([1_000, 1_000_000]),
    cleanUp: await measureCleanUp(1_000_000),
  };
  writeReport(measured);
  await compareConnects();
  await compareAdapters();
  say(`\n${reportText(measured)}\nWritten to docs/performance.md.`);
}

/** As many as all that come back after a restart. */
async function compareConnects(): Promise<void> {
  const table = connectsTable(await measureConnects(CONNECTS, Number(values.runs)));
  writeConnects(table);
  say(`\n${table}\nWritten to docs/performance.md.`);
}

/** The store on everything that it can stand on. */
async function compareAdapters(): Promise<void> {
  const table = adaptersTable(await measureAdapters());
  writeAdapters(table);
  say(`\n${table}\nWritten to docs/performance.md.`);
}

/** The same streams on one instance, then on two, and so on. */
async function compareInstances(most: number): Promise<void> {
  const streams = Number((values.streams as string).split(',')[1] ?? values.streams);
  const rows: InstancesFigures[] = [];
  for (let instances = 1; instances <= most; instances += 1) {
    say(`${instances} of ${most} instances, ${streams.toLocaleString('en')} streams …`);
    rows.push(await measureInstances(instances, streams));
  }
  const costs = sharedCosts(await measureBus(), await measurePostgresqlSends());
  writeInstances(rows, costs);
  say(`\n${instancesTable(rows)}\n\n${costs}\nWritten to docs/performance.md.`);
}
