/**
 * A request as Next runs it, without a server: `cookies()`, `headers()` and `after()` work inside, in
 * our code and in next-auth's. These are Next's own stores, so a new version of Next may move them.
 * Import it before anything else that loads Next, on a line of its own.
 */
import 'next/dist/server/node-environment-baseline.js';

import { workAsyncStorage } from 'next/dist/server/app-render/work-async-storage.external.js';
import { workUnitAsyncStorage } from 'next/dist/server/app-render/work-unit-async-storage.external.js';
import { createRequestStoreForAPI } from 'next/dist/server/async-storage/request-store.js';
import { appendMutableCookies } from 'next/dist/server/web/spec-extension/adapters/request-cookies.js';
import { NextRequest } from 'next/server.js';

type WorkStore = NonNullable<ReturnType<typeof workAsyncStorage.getStore>>;

interface BrowserRequest {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit;
}

/** A browser's cookies for one site. It sends what it was given, and keeps what an answer sets. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #origin: string;
  readonly #address: string;

  constructor(origin = 'http://localhost:3000', address = '127.0.0.1') {
    this.#origin = origin;
    this.#address = address;
  }

  /** Runs a route handler on a request of this browser. */
  async ask<Context>(
    handler: (request: Request, context: Context) => Promise<Response>,
    path: string,
    { context, ...init }: BrowserRequest & { context: Context },
  ): Promise<Response> {
    const request = this.#request(path, init);
    const { response, setCookies } = await inRequest(request, () => handler(asRouteSeesIt(request), context));
    for (const cookie of [...response.headers.getSetCookie(), ...setCookies]) this.#keep(cookie);
    return response;
  }

  /** Runs what a route handler, action or page would run, with this browser's cookies and these headers. */
  async inside<T>(work: () => Promise<T>, headers: HeadersInit = {}): Promise<T> {
    return (await inRequest(this.#request('/', { headers }), work)).response;
  }

  #request(path: string, init: BrowserRequest): NextRequest {
    const url = new URL(path, this.#origin);
    const headers = new Headers(init.headers);
    headers.set('host', url.host);
    // As Next adds them to a request that came without a proxy.
    if (!headers.has('x-forwarded-host')) headers.set('x-forwarded-host', url.host);
    if (!headers.has('x-forwarded-for')) headers.set('x-forwarded-for', this.#address);
    if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', url.protocol.slice(0, -1));
    const pairs = [...this.cookies].map(([name, value]) => `${name}=${value}`);
    if (pairs.length > 0) headers.set('cookie', pairs.join('; '));
    const { method = 'GET', body = null } = init;
    return new NextRequest(url, { method, body, headers });
  }

  #keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(/; */);
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
    if (value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute)))
      this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

// Next hands a proxy to a route handler: its fields work, but it is no Request that could be copied.
function asRouteSeesIt(request: NextRequest): NextRequest {
  return new Proxy(request, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function inRequest<T>(
  request: NextRequest,
  work: () => Promise<T>,
): Promise<{ response: T; setCookies: string[] }> {
  const afterwards: (() => unknown)[] = [];
  const afterContext = { after: (task: () => unknown) => afterwards.push(task) };
  const workStore = { route: request.nextUrl.pathname, afterContext } as unknown as WorkStore;
  const requestStore = createRequestStoreForAPI(
    request,
    request.nextUrl,
    { tags: [], expirationsByCacheKind: new Map() },
    undefined,
    undefined,
    undefined,
  );
  const response = await workAsyncStorage.run(workStore, () => workUnitAsyncStorage.run(requestStore, work));
  const headers = new Headers();
  appendMutableCookies(headers, requestStore.mutableCookies);
  for (const task of afterwards) await task();
  return { response, setCookies: headers.getSetCookie() };
}
