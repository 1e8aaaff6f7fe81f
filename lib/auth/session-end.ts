/** Tells the engine that sessions have ended, without either knowing the other. */
import { processSingleton } from '../config/process-singleton.ts';

/** Sessions of one person. */
export interface EndedSessions {
  userId: number;
  sessionIds: string[];
}

type SessionEndListener = (ended: EndedSessions) => void;

const slot = processSingleton('session-end-listener', (): { listener: SessionEndListener | null } => ({
  listener: null,
}));

/** Called once whenever sessions were ended by this process, when that is durable. The last listener set counts. */
export function setSessionEndListener(listener: SessionEndListener): void {
  slot.listener = listener;
}

/** Says that these sessions have ended. Nothing happens for none, or while nobody listens, as in a script. */
export function announceEnded(ended: EndedSessions): void {
  if (ended.sessionIds.length > 0) slot.listener?.(ended);
}
