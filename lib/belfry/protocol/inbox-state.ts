/**
 * The position that a client has reached, RFC 8620's "state": within one history of the database, every event
 * up to an id, and every change that the user made to their items up to a revision. On the wire it is a text,
 * `<history>.<event id>.<revision>`.
 */

/** See the file's head. */
export interface InboxState {
  /** Which history of the database the two numbers belong to: letters and digits. */
  history: string;
  eventId: number;
  revision: number;
}

const FORM = /^([A-Za-z0-9_-]{1,64})\.(\d{1,16})\.(\d{1,16})$/;

/** The text that stands for a position. */
export function formatState({ history, eventId, revision }: InboxState): string {
  return `${history}.${eventId}.${revision}`;
}

/** The position that a text stands for; null when it stands for none. */
export function parseState(text: string): InboxState | null {
  const [, history, eventId, revision] = FORM.exec(text) ?? [];
  if (history === undefined) return null;
  const state = { history, eventId: Number(eventId), revision: Number(revision) };
  return Number.isSafeInteger(state.eventId) && Number.isSafeInteger(state.revision) ? state : null;
}
