/** The file of the database may only be read, as on a file system that was mounted again after an error. */
import { fileFault } from './database-file.ts';

// Root may write whatever the mode says, but not to what cannot be changed.
const isRoot = process.getuid?.() === 0;

export const readOnlyDatabase = fileFault({
  name: 'read-only-database',
  breaks: 'the file of the database may only be read for a while',
  reason: 'read_only',
  canBeRead: true,
  away: isRoot ? 'chattr +i "$FILE"' : 'chmod 400 "$FILE"',
  back: isRoot ? 'chattr -i "$FILE"' : 'chmod 600 "$FILE"',
});
