import { randomUUID } from 'node:crypto';
import { cookies } from 'next/headers';
import { db } from '@/lib/db';

/** Who signs in is who they say they are: it is a small shop. */
export const PEOPLE = ['ada', 'ben'];

/** Begins a session. Returns the value of its cookie. */
export function beginSession(person) {
  const id = randomUUID();
  db.prepare('INSERT INTO session (id, person) VALUES (?, ?)').run(id, person);
  return id;
}

/** The session that a cookie names, or undefined. */
export function findSession(id = '') {
  return db.prepare('SELECT id, person FROM session WHERE id = ?').get(id);
}

export async function currentSession() {
  return findSession((await cookies()).get('shop')?.value);
}

export async function currentPerson() {
  return (await currentSession())?.person;
}
