/** What every JSON route of this app shares: see `RouteTools`. */
import { createRouteTools } from '../belfry/http/route.ts';
import { askedFor } from '../belfry/language/asked.ts';
import { env } from '../config/env.ts';
import { languages } from '../language/languages.ts';
import { wishesOf } from '../language/wishes.ts';
import { askerOf } from './asker.ts';
import { clientAddress } from './client-address.ts';
import { type RefusedRequest, toReadableError } from './refusals.ts';

export const { route, nothingElse, json } = createRouteTools({
  refuse: (error, request) => toReadableError(error, concerned(request), 'internal_error'),
  languages,
  // A page of ours names its own language; whoever opens an address by hand has the cookie.
  wishesOf: (request) => askedFor(request, wishesOf(request.headers)),
  version: env.version,
});

function concerned(request: Request): RefusedRequest {
  const { method, headers, url } = request;
  return { ...askerOf(request), method, path: new URL(url).pathname, address: clientAddress(headers) };
}
