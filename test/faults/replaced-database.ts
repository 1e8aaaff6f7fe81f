/** Another file is put in the place of the database, as a restore under a running server does. */
import { fileFault } from './database-file.ts';

export const replacedDatabase = fileFault({
  name: 'replaced-database',
  breaks: 'another file is put in the place of the database while the server runs, and taken away again',
  reason: 'replaced',
  canBeRead: true,
  away: 'mv "$FILE" "$FILE.aside" && cp "$FILE.aside" "$FILE"',
  back: 'mv "$FILE.aside" "$FILE"',
});
