/** What a request says of its body, and whether its text can be read as it is meant. */
import { MIMEType } from 'node:util';
import { toMessage } from '../language/message.ts';
import { BelfryError } from '../protocol/errors.ts';

/** `Content-Type` in its parts, names in small letters; null for a missing or malformed one. */
export function readMediaType(header: string | null | undefined): MIMEType | null {
  try {
    return header ? new MIMEType(header) : null;
  } catch {
    return null;
  }
}

// UTF-8, and what is a part of it.
const CHARSETS = ['utf-8', 'utf8', 'us-ascii'];

/** @throws BelfryError `unsupported_media_type` for text in another encoding than UTF-8, as far as it says so. */
export function requireUtf8(type: MIMEType | null): void {
  const charset = type?.params.get('charset');
  if (charset == null || CHARSETS.includes(charset.toLowerCase())) return;
  throw new BelfryError('unsupported_media_type', toMessage('server.belfry.other-charset'));
}

/** Whether what stands percent-encoded in a form or in an address is UTF-8 as well. */
export function isEncodedUtf8(text: string): boolean {
  try {
    for (const [bytes] of text.matchAll(/(?:%[\da-f]{2})+/gi)) decodeURIComponent(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A refusal of text that is no UTF-8, whatever it says. */
export function notUtf8(part: 'body' | 'field' | 'form'): BelfryError {
  return new BelfryError('bad_encoding', toMessage('server.belfry.not-utf8', { part }));
}
