/** Reads what a request says: its body and its address. */
import type { z } from 'zod';
import { type ToMessage, toMessage } from '../language/message.ts';
import { BelfryError, type InputOptions, parseInput } from '../protocol/errors.ts';
import { notUtf8, readMediaType, requireUtf8 } from './media-type.ts';

// Room for the longest message in any alphabet, escaped, and for its fields.
const DEFAULT_MAX_BODY_BYTES = 131_072;

/**
 * Reads a JSON body and parses it.
 *
 * @param options.toMessage Whose catalogue the messages of the schema are of: see `parseInput`.
 * @throws BelfryError `unsupported_media_type`, `body_too_large`, `bad_json`, or `invalid_input` with
 * `fieldErrors`.
 */
export async function readJson<T>(
  request: Request,
  schema: z.ZodType<T>,
  {
    maxBytes = DEFAULT_MAX_BODY_BYTES,
    toMessage: own,
  }: { maxBytes?: number; toMessage?: Pick<ToMessage, 'text'> } = {},
): Promise<T> {
  const mediaType = readMediaType(request.headers.get('content-type'));
  if (mediaType?.essence !== 'application/json') {
    throw new BelfryError('unsupported_media_type', toMessage('server.belfry.send-json'));
  }
  requireUtf8(mediaType);
  const text = await readText(request, maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new BelfryError('bad_json', toMessage('server.belfry.bad-json'), { cause });
  }
  if (holdsHalfCharacters(text, body)) {
    throw new BelfryError('bad_json', toMessage('server.belfry.half-character-in-json'));
  }
  return parseInput(schema, body, toMessage('server.belfry.see-fields'), { toMessage: own });
}

/** The parameters of a request's address, as text. */
export function queryOf({ url }: Pick<Request, 'url'>): URLSearchParams {
  return new URLSearchParams(/^[^?#]*(\?[^#]*)?/.exec(url)?.[1]);
}

/**
 * The parameters of a request's address, parsed.
 *
 * @throws BelfryError `invalid_input` with `fieldErrors`.
 */
export function readQuery<T>(
  request: Request,
  schema: z.ZodType<T>,
  options: Pick<InputOptions, 'toMessage'> = {},
): T {
  const query = Object.fromEntries(queryOf(request));
  return parseInput(schema, query, toMessage('server.belfry.see-fields-of-address'), options);
}

/**
 * Reads a body of text. A byte order mark is dropped.
 *
 * @throws BelfryError `body_too_large`, or `bad_encoding` for what is no UTF-8.
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new BelfryError('body_too_large', toMessage('server.belfry.body-too-large', { bytes: maxBytes }));
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  // Counted while it arrives: Content-Length may be absent or untrue.
  for await (const chunk of bodyOf(request)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/** The body as it arrives. What breaks off is the client's doing, and nobody is left to read the answer. */
async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.body ?? [];
  } catch (cause) {
    throw new BelfryError('request_aborted', toMessage('server.belfry.broke-off'), { cause });
  }
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw notUtf8('body');
  }
}

// JSON can name by its number what UTF-8 cannot hold, and PostgreSQL does not store.
function holdsHalfCharacters(text: string, body: unknown): boolean {
  return /\\ud[89a-f]/i.test(text) && !isWellFormed(body);
}

// Without recursion: a body of brackets alone is as deep as it is long.
function isWellFormed(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one === 'string' && !one.isWellFormed()) return false;
    if (typeof one !== 'object' || one === null) continue;
    for (const [name, inner] of Object.entries(one)) open.push(name, inner);
  }
  return true;
}
