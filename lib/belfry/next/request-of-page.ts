import { headers } from 'next/headers.js';

/** What a page is drawn for, as `users.current` takes it. Its address is known as far as the host. */
export async function requestOfPage(): Promise<Request> {
  const asked = await headers();
  return new Request(`http://${asked.get('host') ?? 'localhost'}/`, { headers: new Headers(asked) });
}
