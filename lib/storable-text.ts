import { z } from 'zod';

/** Text that a column can hold on either database: PostgreSQL refuses the NUL character, which SQLite takes. */
export function storableText() {
  return z.string().refine((text) => !text.includes('\0'), 'Leave out the NUL character.');
}
