/** Tells the engine that somebody signed out, without either knowing the other. */
import { processSingleton } from '../process-singleton.ts';

type SignOutListener = (userId: number) => void;

const slot = processSingleton('sign-out-listener', (): { listener: SignOutListener | null } => ({
  listener: null,
}));

/** Called once for each sign-out, after the answer that clears the cookie. The last listener set counts. */
export function setSignOutListener(listener: SignOutListener): void {
  slot.listener = listener;
}

/** Says that `userId` signed out in one browser. Nothing happens while nobody listens. */
export function announceSignOut(userId: number): void {
  slot.listener?.(userId);
}
