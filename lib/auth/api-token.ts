/** Bearer tokens for programs. A token is shown once; only its SHA-256 is kept. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { parseInput } from '../belfry/protocol/errors.ts';
import { lineOfText } from '../belfry/protocol/text.ts';
import { db } from '../database/db.ts';
import { toMessage } from '../language/languages.ts';
import type { AppMessageKey } from '../language/messages.ts';
import { log } from '../telemetry/log.ts';
import { type Actor, auditTrail } from './audit.ts';

/** What a token may do: send notifications, read metrics. */
export const TOKEN_SCOPES = ['send', 'metrics'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export type TokenState = 'valid' | 'expired' | 'revoked';

export interface ApiToken {
  id: number;
  name: string;
  scopes: TokenScope[];
  state: TokenState;
}

/** A token as a list of them shows it. */
export interface ListedToken extends ApiToken {
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

const TOKEN_BYTES = 32;
const NAME_LENGTH = 'server.auth.token-name';
const nameSchema = lineOfText<AppMessageKey>({ max: 100, missing: NAME_LENGTH, tooLong: NAME_LENGTH });
const BEARER = /^Bearer +(bf_[A-Za-z0-9_-]{43})$/i;

// A program may send many times a second; when it last did is for people, who think in minutes.
const LAST_USED_STEP_MS = 60_000;

const STATE_FIELDS = {
  id: true,
  name: true,
  scopes: true,
  expiresAt: true,
  lastUsedAt: true,
  revokedAt: true,
};

/**
 * Makes a token that works until it expires or is revoked.
 *
 * @param token.name What it is for, 1 to 100 characters; names need not differ.
 * @param token.expiresAt `null`: never.
 * @returns the token itself, which cannot be had again.
 * @throws BelfryError `invalid_input` for a name that is empty, too long or cannot be printed.
 */
export async function createApiToken(
  token: { name: string; scopes: readonly TokenScope[]; expiresAt: Date | null },
  by: Actor,
): Promise<{ id: number; token: string }> {
  const { scopes, expiresAt } = token;
  const { name } = parseInput(z.object({ name: nameSchema }), token, null, { toMessage });
  const secret = `bf_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  const { id } = await db.apiToken.create({
    data: { name, tokenHash: sha256(secret), scopes: scopes.join(), expiresAt },
    select: { id: true },
  });
  auditTrail.record({
    action: 'token_created',
    by,
    subject: tokenLabel({ id, name }),
    detail: { scopes: scopes.join(), expires: expiresAt?.toISOString() ?? 'never' },
  });
  return { id, token: secret };
}

/**
 * The token that an `Authorization` header carries, in whatever state; null when there is none, or it is
 * unknown. Looked up by its hash, so the time it takes tells nothing about tokens that exist. Notes when a
 * valid one was last used, at most once a minute; if that fails, it is logged and no more.
 */
export async function findApiToken(authorizationHeader: string | null): Promise<ApiToken | null> {
  const token = BEARER.exec(authorizationHeader ?? '')?.[1];
  if (!token) return null;
  const row = await db.apiToken.findUnique({
    where: { tokenHash: sha256(token) },
    select: STATE_FIELDS,
  });
  if (!row) return null;
  const state = stateOf(row);
  // Later than now it was by a clock that was wrong.
  const usedLately = row.lastUsedAt && Math.abs(Date.now() - row.lastUsedAt.getTime()) < LAST_USED_STEP_MS;
  if (state === 'valid' && !usedLately) await noteUse(row.id);
  return { id: row.id, name: row.name, scopes: parseScopes(row.scopes), state };
}

/** All tokens, oldest first. */
export async function listApiTokens(): Promise<ListedToken[]> {
  const rows = await db.apiToken.findMany({
    select: { ...STATE_FIELDS, createdAt: true },
    orderBy: { id: 'asc' },
  });
  return rows.map(({ revokedAt, scopes, ...row }) => ({
    ...row,
    scopes: parseScopes(scopes),
    state: stateOf({ revokedAt, expiresAt: row.expiresAt }),
  }));
}

/** Revokes a token, from the next request on. Returns whether it was not revoked before. */
export async function revokeApiToken(token: { id: number; name: string }, by: Actor): Promise<boolean> {
  const { count } = await db.apiToken.updateMany({
    where: { id: token.id, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  if (count > 0) auditTrail.record({ action: 'token_revoked', by, subject: tokenLabel(token) });
  return count > 0;
}

/** A token as people read it: names need not differ. */
export function tokenLabel({ id, name }: { id: number; name: string }): string {
  return `token ${id} (${name})`;
}

function stateOf({ revokedAt, expiresAt }: { revokedAt: Date | null; expiresAt: Date | null }): TokenState {
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt.getTime() <= Date.now() ? 'expired' : 'valid';
}

function parseScopes(stored: string): TokenScope[] {
  return TOKEN_SCOPES.filter((scope) => stored.split(',').includes(scope));
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
