/** Some other program writes into the file of the database. */
import { fileFault } from './database-file.ts';

export const damagedDatabase = fileFault({
  name: 'damaged-database',
  breaks: 'pages in the middle of the database are overwritten while the server runs, and put back',
  reason: 'damaged',
  canBeRead: false,
  away: 'cp "$FILE" "$FILE.good" && dd if=/dev/urandom of="$FILE" bs=4096 seek=2 count=8 conv=notrunc',
  back: 'cat "$FILE.good" > "$FILE"',
});
