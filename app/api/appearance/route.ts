import { APPEARANCE_COOKIES, chosenIn } from '@/lib/appearance/appearance.ts';
import { pathAfterSignIn } from '@/lib/auth/sign-in-form.ts';
import { readText } from '@/lib/belfry/http/read-request.ts';
import { choiceCookie } from '@/lib/http/kept-choice.ts';
import { requireSameOrigin } from '@/lib/http/origin.ts';
import { route } from '@/lib/http/route.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: choose });

// Two words, and a path of this site.
const MAX_BODY_BYTES = 4 * 1024;
// The server does not know its own: only paths are followed here.
const ANY_ORIGIN = 'https://this-site.invalid';

/**
 * Keeps in this browser how the pages look. A route and no action: visitors choose as well. A browser would forget within a
 * week what a script put into a cookie.
 */
async function choose(request: Request): Promise<Response> {
  requireSameOrigin(request.headers);
  const form = new URLSearchParams(await readText(request, MAX_BODY_BYTES));
  const headers = new Headers({
    Location: pathAfterSignIn(form.get('back'), ANY_ORIGIN),
    'Cache-Control': 'private, no-store',
  });
  const { theme, density } = chosenIn(form);
  // Pages read them: what was chosen in another tab shows when one comes back.
  const cookie = (name: string, value: string) =>
    headers.append('Set-Cookie', choiceCookie(name, value, { isForPages: true }));
  if (theme) cookie(APPEARANCE_COOKIES.theme, theme);
  if (density) cookie(APPEARANCE_COOKIES.density, density);
  return new Response(null, { status: 303, headers });
}
