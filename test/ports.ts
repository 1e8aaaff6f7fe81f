/**
 * `npm run test:ports`: the tests of the store once more on the other ways to give Belfry its database. Whatever one
 * connection shares with an open transaction of the app's is left to `sql-database.test.ts`, which knows all of them.
 */
import { spawnSync } from 'node:child_process';

const PORTS = {
  integration: ["a Prisma client on this app's adapter", 'a connection of better-sqlite3'],
  'integration-postgresql': ["a Prisma client on Prisma's adapter", 'a pool of pg'],
};
const SUITES = [
  'event-log',
  'inbox.test',
  'recipients',
  'topics',
  'history',
  'jobs',
  'notification-service',
  'event-manager',
];

let failed = 0;
for (const [project, ports] of Object.entries(PORTS)) {
  for (const DATABASE_PORT of ports) {
    process.stdout.write(`\n── ${project}: ${DATABASE_PORT}\n`);
    const { status } = spawnSync('vitest', ['run', '--project', project, ...SUITES], {
      env: { ...process.env, DATABASE_PORT },
      stdio: 'inherit',
    });
    if (status !== 0) failed += 1;
  }
}
process.exitCode = failed === 0 ? 0 : 1;
