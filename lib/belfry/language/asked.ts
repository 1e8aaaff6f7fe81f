/** What a request to one of Belfry's routes says of how somebody reads: see `Wishes`. */
import { queryOf } from '../http/read-request.ts';
import type { Wishes } from './languages.ts';

/**
 * A page names its own language and zone, as `?locale=` and `?timeZone=`: an `EventSource` cannot send headers. Then what
 * the app knows of the user counts, then the browser's header.
 */
export function askedFor(
  request: Request,
  user: { locale?: string | null | undefined; timeZone?: string | null | undefined } = {},
): Wishes {
  const query = queryOf(request);
  return {
    locale: query.get('locale') ?? user.locale,
    acceptLanguage: request.headers.get('accept-language'),
    timeZone: query.get('timeZone') ?? user.timeZone,
  };
}
