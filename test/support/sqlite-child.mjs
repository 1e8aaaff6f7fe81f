// Another process on the same database file. `hold` takes the write lock and says so; a line on its
// input lets it go. `migrate` waits for a line, so that several can begin at once, and says what it did.
import { once } from 'node:events';

const [, , task, file] = process.argv;

if (task === 'hold') {
  const { default: BetterSqlite3 } = await import('better-sqlite3');
  const connection = new BetterSqlite3(file);
  connection.exec('BEGIN IMMEDIATE');
  process.stdout.write('held\n');
  await once(process.stdin, 'data');
  connection.exec('ROLLBACK');
  connection.close();
  process.stdin.destroy();
}

if (task === 'migrate') {
  const { migrate } = await import('../../lib/database/migrations.ts');
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  const outcome = await migrate(`file:${file}`).catch((error) => ({ error: error.message }));
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  process.stdin.destroy();
}
