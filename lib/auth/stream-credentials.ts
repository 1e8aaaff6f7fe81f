/** What a session means to an open stream, and how the engine finds out that it no longer stands. */
import type { Credentials, SignedInUser } from 'belfry';
import type { CurrentUser } from './session.ts';
import { checkOpenSessions } from './session-use.ts';
import { findEndedLately } from './sessions.ts';

interface SessionInfo {
  role: string;
}

/** A signed-in user as Belfry knows one. */
export function toSignedInUser({
  id,
  key,
  sessionId,
  sessionExpiresAt,
  role,
  language,
}: CurrentUser): SignedInUser {
  const info = { role } satisfies SessionInfo;
  return { id, key, session: sessionId, expiresAt: sessionExpiresAt, locale: language, info };
}

/** Of all open streams' credentials, those whose session has ended, and those whose user has another role by now. */
export async function revalidateStreams(
  open: Credentials[],
): Promise<{ ended: Credentials[]; changed: Credentials[] }> {
  const { ended, changed } = await checkOpenSessions(
    open.map(({ key, info }) => ({ id: key, role: (info as SessionInfo | undefined)?.role })),
  );
  const [isEnded, isChanged] = [new Set(ended), new Set(changed)];
  return {
    ended: open.filter(({ key }) => isEnded.has(key)),
    changed: open.filter(({ key }) => isChanged.has(key)),
  };
}

/** The sessions that ended in the last seconds, wherever that happened. */
export async function findEndedKeys(): Promise<string[]> {
  return (await findEndedLately()).map(({ id }) => id);
}
