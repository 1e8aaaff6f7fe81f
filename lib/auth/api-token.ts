/** Bearer tokens for programs that send notices. A token is shown once; only its SHA-256 is kept. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { db } from '../db.ts';
import { invalidInput } from '../errors.ts';
import { log } from '../log.ts';
import { lineOfText } from '../text.ts';

const TOKEN_BYTES = 32;
const NAME_LENGTH = 'Give the token a name of 1 to 100 characters, such as ci.';
const nameSchema = lineOfText({ max: 100, missing: NAME_LENGTH, tooLong: NAME_LENGTH });
const BEARER = /^Bearer +(bf_[A-Za-z0-9_-]{43})$/i;

// A program may send many times a second; when it last did is for people, who think in minutes.
const LAST_USED_STEP_MS = 60_000;

/**
 * Makes a token that works until it is revoked (`revoked_at`).
 *
 * @param name What it is for, 1 to 100 characters; names need not differ.
 * @returns the token itself, which cannot be had again.
 * @throws BelfryError `invalid_input` for a name that is empty or too long.
 */
export async function createApiToken({ name }: { name: string }): Promise<{ id: number; token: string }> {
  const parsed = z.object({ name: nameSchema }).safeParse({ name });
  if (!parsed.success) {
    throw invalidInput(parsed.error, parsed.error.issues.map(({ message }) => message).join(' '));
  }
  const token = `bf_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  const { id } = await db.apiToken.create({
    data: { name: parsed.data.name, tokenHash: sha256(token) },
    select: { id: true },
  });
  return { id, token };
}

/**
 * The token that an `Authorization` header carries, or null when there is none, it is unknown, or it
 * was revoked. Looked up by its hash, so the time it takes tells nothing about tokens that exist.
 * Notes when the token was last used, at most once a minute; if that fails, it is logged and no more.
 */
export async function findApiToken(
  authorizationHeader: string | null,
): Promise<{ id: number; name: string } | null> {
  const token = BEARER.exec(authorizationHeader ?? '')?.[1];
  if (!token) return null;
  const row = await db.apiToken.findUnique({
    where: { tokenHash: sha256(token) },
    select: { id: true, name: true, lastUsedAt: true, revokedAt: true },
  });
  if (!row || row.revokedAt) return null;
  if (!row.lastUsedAt || Date.now() - row.lastUsedAt.getTime() >= LAST_USED_STEP_MS) await noteUse(row.id);
  return { id: row.id, name: row.name };
}

async function noteUse(id: number): Promise<void> {
  try {
    await db.apiToken.updateMany({ where: { id }, data: { lastUsedAt: new Date() } });
  } catch (error) {
    log.warn(
      { err: error, code: 'token_use_not_noted', apiTokenId: id },
      'the last use of an API token was not noted',
    );
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
