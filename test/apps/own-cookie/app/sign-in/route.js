import { beginSession } from '@/lib/session';

export async function POST(request) {
  const person = String((await request.formData()).get('person'));
  return new Response(null, {
    status: 303,
    headers: {
      Location: '/shop',
      'Set-Cookie': `shop=${beginSession(person)}; Path=/; HttpOnly; SameSite=Lax`,
    },
  });
}
