/** Reads what a request says: its body and its address. */
import type { z } from 'zod';
import { BelfryError, invalidInput } from '../protocol/errors.ts';
import { notUtf8, readMediaType, requireUtf8 } from './media-type.ts';

// Room for the longest message in any alphabet, escaped, and for its fields.
const DEFAULT_MAX_BODY_BYTES = 131_072;

/**
 * Reads a JSON body and parses it.
 *
 * @throws BelfryError `unsupported_media_type`, `body_too_large`, `bad_json`, or `invalid_input` with
 * `fieldErrors`.
 */
export async function readJson<T>(
  request: Request,
  schema: z.ZodType<T>,
  { maxBytes = DEFAULT_MAX_BODY_BYTES }: { maxBytes?: number } = {},
): Promise<T> {
  const mediaType = readMediaType(request.headers.get('content-type'));
  if (mediaType?.essence !== 'application/json') {
    throw new BelfryError(
      'unsupported_media_type',
      'Send JSON, with the header Content-Type: application/json.',
    );
  }
  requireUtf8(mediaType);
  const text = await readText(request, maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new BelfryError('bad_json', 'The body is not valid JSON.', { cause });
  }
  if (holdsHalfCharacters(text, body)) {
    throw new BelfryError('bad_json', 'The body holds half a character (a lone surrogate). Leave it out.');
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, 'Some fields cannot be used as they are: see fieldErrors.');
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
export function readQuery<T>(request: Request, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(Object.fromEntries(queryOf(request)));
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, 'The address cannot be used as it is: see fieldErrors.');
}

/**
 * Reads a body of text. A byte order mark is dropped.
 *
 * @throws BelfryError `body_too_large`, or `bad_encoding` for what is no UTF-8.
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new BelfryError(
      'body_too_large',
      `The body is larger than ${maxBytes.toLocaleString('en')} bytes. Send less.`,
    );
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
    throw new BelfryError('request_aborted', 'The body broke off before its end. Send it again.', { cause });
  }
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw notUtf8('The body');
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
