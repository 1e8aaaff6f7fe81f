export async function POST() {
  return new Response(null, {
    status: 303,
    headers: { Location: '/shop', 'Set-Cookie': 'shop=; Path=/; Max-Age=0' },
  });
}
