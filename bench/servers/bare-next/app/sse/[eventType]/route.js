// What a stream costs that Next itself answers, with nothing behind it: no session, no database, no engine.
export const dynamic = 'force-dynamic';

const firstBytes = Buffer.from(process.env.FIRST_BYTES ?? '', 'base64');

export function GET() {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(firstBytes);
    },
  });
  return new Response(body, {
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'private, no-store, no-transform' },
  });
}
