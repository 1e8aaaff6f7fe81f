import { db } from '@/lib/db';
import { currentSession } from '@/lib/session';

export async function POST() {
  const session = await currentSession();
  if (session) {
    db.prepare('DELETE FROM session WHERE id = ?').run(session.id);
  }
  return new Response(null, {
    status: 303,
    headers: { Location: '/shop', 'Set-Cookie': 'shop=; Path=/; Max-Age=0' },
  });
}
