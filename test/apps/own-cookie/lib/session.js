import { createHmac, randomUUID } from 'node:crypto';
import { cookies } from 'next/headers';

const SECRET = 'a secret of the shop';

/** Who signs in is who they say they are: it is a small shop. */
export const PEOPLE = ['ada', 'ben'];

/** The cookie of a new sign-in. */
export function seal(person) {
  const content = `${person}.${randomUUID()}`;
  return `${content}.${signature(content)}`;
}

/** Whose sign-in a cookie is, and which; null when it is none. */
export function open(cookie = '') {
  const [person, id, signed] = cookie.split('.');
  return signed === signature(`${person}.${id}`) ? { person, id } : null;
}

export async function currentPerson() {
  return open((await cookies()).get('shop')?.value)?.person;
}

function signature(content) {
  return createHmac('sha256', SECRET).update(content).digest('hex');
}
