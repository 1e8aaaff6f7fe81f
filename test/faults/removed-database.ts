/** The file of the database is moved away in the middle of things, and put back. */
import { fileFault } from './database-file.ts';

export const removedDatabase = fileFault({
  name: 'removed-database',
  breaks: 'the file of the database is moved away while the server runs, and put back',
  reason: 'removed',
  canBeRead: true,
  away: 'mv "$FILE" "$FILE.aside"',
  back: 'test ! -e "$FILE" && mv "$FILE.aside" "$FILE"',
});
