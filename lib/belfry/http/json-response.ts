/** Answers in JSON. */

// Who is asked for it by whom is in cookies and headers, which a careless cache does not look at.
export const UNCACHED = 'private, no-store';

/** JSON that no cache keeps. With the version that answers, a page of another one offers to reload. */
export function jsonResponse(
  body: unknown,
  {
    status = 200,
    headers = {},
    version,
  }: { status?: number | undefined; headers?: HeadersInit | undefined; version?: string | undefined } = {},
): Response {
  const response = Response.json(body, { status, headers });
  response.headers.set('Cache-Control', UNCACHED);
  if (version !== undefined) response.headers.set('X-Belfry-Version', version);
  return response;
}
