/** Signing in: who these credentials belong to, and how often somebody may guess. */
import { z } from 'zod';
import { storableText } from '../belfry/protocol/text.ts';
import { db } from '../database/db.ts';
import { networkOf } from '../http/client-address.ts';
import { auditTrail } from './audit.ts';
import { inPasswordTurn, verifyPassword } from './password.ts';
import { LONGEST_PASSWORD } from './password-rules.ts';
import { signInLimiter } from './sign-in-limit.ts';

// Lenient about what an address looks like: what has no account is refused as a wrong password is.
const credentialsSchema = z.object({
  email: storableText().trim().toLowerCase().min(1).max(254),
  password: z.string().min(1).max(LONGEST_PASSWORD),
});

// The newest: older ones are of places where the person no longer is.
const SESSIONS_LOOKED_AT = 100;

export interface Credentials {
  email: string;
  password: string;
}

export interface OpenedAccount {
  id: number;
  email: string;
  name: string;
  /** What the password was checked against. See `createSession`. */
  passwordHash: string;
}

/** The address and password of a form, the address as it is stored; null when they cannot be anybody's. */
export function parseCredentials(form: unknown): Credentials | null {
  return credentialsSchema.safeParse(form).data ?? null;
}

/**
 * The account that these credentials open, or null. A wrong password, an unknown address and a disabled
 * account take the same time and look the same.
 *
 * @param client Where the try comes from; see `SignInTry`. Whoever uses up a limit goes into the audit trail.
 * @throws BelfryError `too_many_requests` with `retryAfterSeconds`, before the password is looked at.
 */
export async function checkCredentials(
  credentials: Credentials,
  client: { address: string; agent?: string; knownBrowserId: string | null },
): Promise<OpenedAccount | null> {
  const { email } = credentials;
  const isKnownNetwork = () => hasSignedInFrom(networkOf(client.address), email);
  const tried = { email, ...client, isKnownNetwork };
  await signInLimiter.admit(tried);
  const turn = async () => {
    // Again: those ahead in the line may have used up the last try. Two take their turn at once, so
    // a burst gets one guess more than the limit, not as many as it likes.
    const admission = await signInLimiter.admit(tried);
    const account = await findOpenedAccount(credentials);
    const locks = await (account ? signInLimiter.succeeded(admission) : signInLimiter.failed(admission));
    const by = { name: email, address: client.address, agent: client.agent ?? '' };
    for (const lock of locks)
      auditTrail.recordFromStranger({ action: 'sign_in_locked', by, detail: { ...lock } });
    return account;
  };
  // A browser that is known need not wait for whoever else is at its address.
  return inPasswordTurn(turn, client.knownBrowserId ?? networkOf(client.address));
}

/** Whether one of the sessions of that account, which are kept for a while, was at that network. */
async function hasSignedInFrom(network: string, email: string): Promise<boolean> {
  const sessions = await db.session.findMany({
    where: { user: { email } },
    select: { address: true },
    orderBy: { lastSeenAt: 'desc' },
    take: SESSIONS_LOOKED_AT,
  });
  return sessions.some(({ address }) => networkOf(address) === network);
}

async function findOpenedAccount({ email, password }: Credentials): Promise<OpenedAccount | null> {
  const account = await db.user.findUnique({
    where: { email },
    select: { id: true, name: true, passwordHash: true, disabledAt: true },
  });
  const hash = account && !account.disabledAt ? account.passwordHash : null;
  const opens = await verifyPassword(hash, password);
  if (!account || !opens) return null;
  const { id, name, passwordHash } = account;
  return { id, email, name, passwordHash };
}
