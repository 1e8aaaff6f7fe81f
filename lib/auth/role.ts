/** What a person may do. */
export type Role = 'ADMIN' | 'USER';

/** The role of a row. Anything but `ADMIN` is an ordinary user. */
export function asRole(stored: string): Role {
  return stored === 'ADMIN' ? 'ADMIN' : 'USER';
}
