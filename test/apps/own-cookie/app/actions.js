'use server';

import { db } from '@/lib/db';
import { currentPerson } from '@/lib/session';

const insert = 'INSERT INTO event (what, person) VALUES (?, ?)';

export async function order() {
  const person = await currentPerson();
  db.transaction(() => {
    db.prepare(insert).run('tea', person);
  })();
}

export async function orderInVain() {
  const person = await currentPerson();
  try {
    db.transaction(() => {
      db.prepare(insert).run('gold', person);
      throw new Error('Sold out.');
    })();
  } catch {
    // The page stays as it is.
  }
}
