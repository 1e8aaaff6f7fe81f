/**
 * What is answered before Next sees it: requests that cannot be right, which Next would answer with 500, and
 * those that it would not answer at all.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { parseAndValidateFlightRouterState } from 'next/dist/server/app-render/parse-and-validate-flight-router-state.js';
import { isEncodedUtf8 } from '../belfry/http/media-type.ts';
import { METHODS } from '../belfry/http/route.ts';
import type { LocalizedMessage } from '../belfry/language/message.ts';
import { BelfryError, errorBody } from '../belfry/protocol/errors.ts';
import { env } from '../config/env.ts';
import { languages, toMessage } from '../language/languages.ts';
import { wishesOf } from '../language/wishes.ts';
import { clientAddress } from './client-address.ts';
import { refusals } from './refusals.ts';
import { isHost } from './trusted-proxies.ts';

const ALLOW = METHODS.join(', ');
/** Where programs ask, which want their refusals as JSON. */
const FOR_PROGRAMS = /^\/(api|sse|notifications)(\/|$)/;
// The web socket over which Next's development server tells a page of changes.
const HOT_RELOAD = '/_next/hmr';
const NOT_HTTP = {
  status: '400 Bad Request',
  error: badRequest(toMessage('server.http.not-http')),
};
const NO_PROXY = {
  status: '405 Method Not Allowed',
  error: new BelfryError('method_not_allowed', toMessage('server.http.no-proxy', { allow: ALLOW })),
};
/** What Node would answer without a word, by the code of what its parser found. */
const UNREADABLE: Record<string, typeof NOT_HTTP> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    error: badRequest(toMessage('server.http.headers')),
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: '413 Payload Too Large',
    error: badRequest(toMessage('server.http.chunks')),
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    error: badRequest(toMessage('server.http.too-slow')),
  },
};

/**
 * Has a server answer every request, or have Next answer it: what cannot be right is refused, an `Upgrade` that
 * nobody takes is ignored (RFC 9110, 7.8) or refused, and what is no HTTP at all gets a sentence.
 *
 * @param answerBeforeNext Looks at what may be right; it says true when it has answered.
 */
export function answerEverything(
  server: Server,
  answerBeforeNext: (request: IncomingMessage, response: ServerResponse) => boolean,
): void {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(request);
    // What stands in the same packet behind such a request, Node has thrown away.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    dropUnusableCookies(request);
    if (refusal) refuse(request, response, refusal);
    else if (!answerBeforeNext(request, response))
      for (const listener of listeners) listener.call(server, request, response);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
    refuse(request, response, badRequest(toMessage('server.http.expect'))),
  );
  server.on('connect', (request: IncomingMessage, socket: Socket) =>
    end(socket, NO_PROXY, request.url, headersOf(request)),
  );
  server.on('clientError', (error: Error & { code?: string; rawPacket?: Buffer }, socket: Socket) => {
    // As Node itself does it: `headersSent` is true from when they are made.
    const { _httpMessage: answer } = socket as Socket & { _httpMessage?: { _headerSent?: boolean } | null };
    if (error.code === 'ECONNRESET') socket.destroy();
    else if (answer?._headerSent) socket.destroySoon();
    else end(socket, UNREADABLE[error.code ?? ''] ?? NOT_HTTP, pathIn(error.rawPacket));
  });
  // Node would refuse it by itself, without a word.
  Object.assign(server, { requireHostHeader: false, shouldUpgradeCallback: isUpgradeToTake });
}

function isUpgradeToTake({ url }: IncomingMessage): boolean {
  return !env.production && url?.startsWith(HOT_RELOAD) === true;
}

/** Why a request cannot be right; null when it may be. */
function refusalOf(request: IncomingMessage): BelfryError | null {
  const { method = '', headers } = request;
  if (!METHODS.some((known) => known === method))
    return new BelfryError('method_not_allowed', toMessage('server.belfry.method', { method, allow: ALLOW }));
  if (headers.upgrade?.toLowerCase() === 'websocket') return badRequest(toMessage('server.http.web-socket'));
  if (!hasUsableHost(request)) return badRequest(toMessage('server.http.host'));
  if (!settleTarget(request)) return badRequest(toMessage('server.http.address'));
  if (!isRouterState(headers['next-router-state-tree']))
    return badRequest(toMessage('server.http.router-state'));
  return null;
}

function hasUsableHost({ headers, rawHeaders, httpVersion }: IncomingMessage): boolean {
  // Health checks of proxies still speak HTTP/1.0, which knows no Host.
  if (headers.host === undefined) return httpVersion === '1.0';
  const times = rawHeaders.filter((text, index) => index % 2 === 0 && isNamedHost(text)).length;
  return times === 1 && isHost(headers.host);
}

function isNamedHost(name: string): boolean {
  return name.length === 4 && name.toLowerCase() === 'host';
}

/** Leaves a path in `request.url`, also of a whole address of this site (RFC 9112, 3.2.2); false when it is none. */
function settleTarget(request: IncomingMessage): boolean {
  const { url = '', headers } = request;
  if (!url.startsWith('/')) {
    const address = /^https?:/i.test(url) ? URL.parse(url) : null;
    if (!address || address.host !== headers.host) return false;
    request.url = `${address.pathname}${address.search}`;
  }
  const target = request.url ?? '';
  if (!target.includes('%')) return true;
  const [path = ''] = target.split('?', 1);
  // A query may hold a "%" that begins nothing, as forms of long ago sent it, but no text in another encoding.
  if (!isEncodedUtf8(target)) return false;
  try {
    return !decodeURIComponent(path).includes('\0');
  } catch {
    return false;
  }
}

// next-auth answers 500 for as long as a browser keeps a cookie of its own that holds no address.
function dropUnusableCookies({ headers }: IncomingMessage): void {
  if (!headers.cookie?.includes('callback-url=')) return;
  const kept = headers.cookie.split(/; */).filter((cookie) => {
    const [, value] = /callback-url=(.*)$/.exec(cookie) ?? [];
    return value === undefined || isAddressInCookie(value);
  });
  headers.cookie = kept.join('; ');
}

function isAddressInCookie(value: string): boolean {
  try {
    const address = decodeURIComponent(value);
    return address.startsWith('/') || /^https?:$/.test(URL.parse(address)?.protocol ?? '');
  } catch {
    return false;
  }
}

function isRouterState(header: string | string[] | undefined): boolean {
  if (header === undefined) return true;
  try {
    parseAndValidateFlightRouterState(header);
    return true;
  } catch {
    return false;
  }
}

function badRequest(sentence: LocalizedMessage): BelfryError {
  return new BelfryError('bad_request', sentence);
}

function refuse(request: IncomingMessage, response: ServerResponse, error: BelfryError): void {
  const { method, url: path } = request;
  const asked = headersOf(request);
  refusals.note(error.code, { method, path, address: clientAddress(asked) });
  const { text, ...headers } = answerFor(error, path, asked);
  response.writeHead(error.status, {
    ...headers,
    'Cache-Control': 'private, no-store',
    // What follows on this connection may be the rest of it.
    Connection: 'close',
    ...(error.code === 'method_not_allowed' ? { Allow: ALLOW } : {}),
  });
  response.end(text);
}

/**
 * The last words on a connection on which there is no request that could be answered.
 *
 * @param asked Its headers. Default: they could not be read.
 */
function end(socket: Socket, { status, error }: typeof NOT_HTTP, path?: string, asked?: Asked): void {
  refusals.note(error.code, { path });
  const { text, ...about } = answerFor(error, path, asked);
  const headers = { Connection: 'close', ...about, 'Content-Length': Buffer.byteLength(text) };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\n${head.join('')}\r\n${text}`);
  socket.destroySoon();
}

type Asked = Pick<Headers, 'get'>;

function headersOf({ headers }: IncomingMessage): Asked {
  return { get: (name) => headers[name]?.toString() ?? null };
}

function answerFor(error: BelfryError, path = '', asked: Asked = new Headers()) {
  const reader = languages.readerOf(wishesOf(asked));
  const body = errorBody(error, languages.translate(reader));
  const said = FOR_PROGRAMS.test(path)
    ? { 'Content-Type': 'application/json', text: JSON.stringify(body) }
    : { 'Content-Type': 'text/plain; charset=utf-8', text: `${body.error.message}\n` };
  return { ...said, 'Content-Language': reader.language };
}

/** The path in what could not be read, if it came that far. */
function pathIn(packet: Buffer | undefined): string | undefined {
  return /^\S* ?(\/\S*)/.exec(packet?.toString('latin1', 0, 1_000) ?? '')?.[1];
}
