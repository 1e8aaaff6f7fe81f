/**
 * Whether the server is another version of the site than the one that this page came from. Then an action
 * or a file that the page asks for may be gone, and no connection is to blame.
 */
import { unstable_isUnrecognizedActionError } from 'next/navigation';

// Somebody waits for the answer, to read why something failed.
const TIME_LIMIT_MS = 5_000;

let ofPage: string | undefined;
let isOther = false;
const listeners = new Set<() => void>();

/** Takes note of a version that the server has told. */
export function noteVersion(version: string | null | undefined): void {
  // As the document came: what the router brings later does not change its code.
  ofPage ??= document.documentElement.dataset.version;
  if (version && ofPage && version !== ofPage) noteOther();
}

/** Stays true: while instances are replaced one by one, the old version may answer in between. */
export function isOtherVersion(): boolean {
  return isOther;
}

/** For what asks the server. */
export const siteVersion = {
  note: noteVersion,
  isOther: isOtherVersion,
  ask: () => isFromOtherVersion(),
};

export function subscribeToVersion(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Finds out whether something failed because of a new version.
 *
 * @param error What was caught: of an action that the server does not know, it tells by itself.
 */
export async function isFromOtherVersion(error?: unknown): Promise<boolean> {
  if (unstable_isUnrecognizedActionError(error)) noteOther();
  if (!isOther) await askVersion();
  return isOther;
}

async function askVersion(): Promise<void> {
  try {
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const response = await fetch('/api/health?live', { method: 'HEAD', cache: 'no-store', signal });
    noteVersion(response.headers.get('X-Belfry-Version'));
  } catch {
    // Nobody answers: it is the connection, or the server is on its way back.
  }
}

function noteOther(): void {
  if (isOther) return;
  isOther = true;
  for (const listener of listeners) listener();
}
