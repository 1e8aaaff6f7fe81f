/** Who is at it, for the audit trail: from a request, or from the command line. */
import { userInfo } from 'node:os';
import { clientAddress } from '../http/client-address.ts';
import { type Actor, COMMAND_LINE } from './audit.ts';

/** Whoever sent a request with these headers. */
export function actorOf(who: Pick<Actor, 'name' | 'userId' | 'tokenId'>, headers: Headers): Actor {
  return {
    ...who,
    address: clientAddress(headers),
    agent: headers.get('user-agent') ?? '',
  };
}

/** The user of the operating system who runs a command. */
export function commandLineActor(): Actor {
  return { name: systemUser(), address: COMMAND_LINE, agent: '' };
}

/** The app, at its start. */
export const SYSTEM_ACTOR: Actor = { name: 'Belfry', address: 'start', agent: '' };

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container, a number may stand for nobody.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
