import { setLanguage } from '@/lib/auth/accounts.ts';
import { userOf } from '@/lib/auth/session.ts';
import { pathAfterSignIn } from '@/lib/auth/sign-in-form.ts';
import { readText } from '@/lib/belfry/http/read-request.ts';
import { requireSameOrigin } from '@/lib/http/origin.ts';
import { route } from '@/lib/http/route.ts';
import { languages } from '@/lib/language/languages.ts';
import { languageCookie } from '@/lib/language/wishes.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: choose });

// A tag, and a path of this site.
const MAX_BODY_BYTES = 4 * 1024;
// The server does not know its own: only paths are followed here.
const ANY_ORIGIN = 'https://this-site.invalid';

/**
 * Keeps in which language somebody reads, in their browser and, who is signed in, with their account. A route and no
 * action: nobody but who is signed in may post to a page. What is no language of ours is the one that comes closest.
 */
async function choose(request: Request): Promise<Response> {
  requireSameOrigin(request.headers);
  const form = new URLSearchParams(await readText(request, MAX_BODY_BYTES));
  const { language } = languages.readerOf({ locale: form.get('language') });
  const user = await userOf(request);
  if (user) await setLanguage({ userId: user.id, language });
  const headers = {
    Location: pathAfterSignIn(form.get('back'), ANY_ORIGIN),
    'Set-Cookie': languageCookie(language),
    'Cache-Control': 'private, no-store',
  };
  return new Response(null, { status: 303, headers });
}
