/** Who asks, and whether they may. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Credentials } from '../engine/event-stream.ts';
import { requireSameOrigin } from '../http/origin.ts';
import { queryOf } from '../http/read-request.ts';
import { toMessage } from '../language/message.ts';
import { BelfryError } from '../protocol/errors.ts';
import type { SignedInUser, Users } from './accounts.ts';

/** What somebody is about to do: read the inbox, open a stream, or change something. */
export type Purpose = 'poll' | 'connect' | 'change';

/** How often one user may ask in a minute. A page of Belfry's does not come near. */
export type Limits = Readonly<Record<Purpose, number>>;

export interface AuthorizeOptions {
  current: NonNullable<Users['current']>;
  /** The address that people use, for the check that a change comes from a page of this site. Default: as it was asked for. */
  publicAddress?: string | undefined;
  limits?: Limits | undefined;
  /** Called once it is known who asks. */
  onKnown?: ((request: Request, user: SignedInUser) => void) | undefined;
}

export type Authorize = (request: Request, purpose: Purpose) => Promise<Credentials>;

const DEFAULT_LIMITS: Limits = { poll: 240, connect: 120, change: 600 };
const WINDOW_SECONDS = 60;
// What no clock reaches.
const NEVER = new Date(8_640_000_000_000_000);

const TOO_MANY = {
  poll: 'server.belfry.too-many-polls',
  connect: 'server.belfry.too-many-connects',
  change: 'server.belfry.too-many-changes',
} as const satisfies Record<Purpose, string>;

/**
 * Counted in memory: a round trip would cost more than what it guards. Each instance therefore allows as many.
 *
 * @returns What throws a BelfryError: `not_signed_in`, `wrong_origin`, or `too_many_requests`.
 */
export function createAuthorize({
  current,
  publicAddress,
  limits = DEFAULT_LIMITS,
  onKnown,
}: AuthorizeOptions): Authorize {
  const counters = new Map(
    (Object.keys(TOO_MANY) as Purpose[]).map((purpose) => [purpose, counterOf(purpose, limits[purpose])]),
  );

  // The library sets a timer for each user, which would keep all that Next knows of the request until it fires.
  const outside = AsyncLocalStorage.snapshot();

  async function count(purpose: Purpose, userId: string): Promise<void> {
    try {
      await outside(() => counters.get(purpose)?.consume(userId));
    } catch (refusal) {
      const waitMs = (refusal as { msBeforeNext?: number }).msBeforeNext;
      if (waitMs === undefined) throw refusal;
      const retryAfterSeconds = Math.max(1, Math.ceil(Math.min(waitMs / 1_000, WINDOW_SECONDS)));
      throw new BelfryError(
        'too_many_requests',
        toMessage(TOO_MANY[purpose], { most: limits[purpose], seconds: retryAfterSeconds }),
        { retryAfterSeconds },
      );
    }
  }

  return async (request, purpose) => {
    const user = await current(request);
    if (!user) throw new BelfryError('not_signed_in', toMessage('server.belfry.not-signed-in'));
    const userId = String(user.id);
    assertNamed(request, user);
    onKnown?.(request, user);
    if (purpose === 'change') requireSameOrigin(request.headers, publicAddress);
    await count(purpose, userId);
    return credentialsOf(user);
  };
}

/**
 * A request that names a user, in the header `X-Belfry-User` or, since an `EventSource` cannot send headers, as `?user=`,
 * gets what is theirs or nothing: somebody else may have signed in in the same browser since its page was opened.
 *
 * @throws BelfryError `not_signed_in` when it names another one.
 */
export function assertNamed(request: Request, { id, key }: Pick<SignedInUser, 'id' | 'key'>): void {
  const named = request.headers.get('x-belfry-user') ?? queryOf(request).get('user');
  if (named === null || named === key || named === String(id)) return;
  throw new BelfryError('not_signed_in', toMessage('server.belfry.somebody-else'));
}

/** What a stream is opened with for somebody who is signed in. */
export function credentialsOf(user: SignedInUser): Credentials {
  return {
    userId: String(user.id),
    key: user.session ?? ANY_SESSION,
    expiresAt: user.expiresAt == null ? NEVER : new Date(user.expiresAt),
    info: user.info,
    locale: user.locale,
    timeZone: user.timeZone,
  };
}

/** The key of streams whose sign-in has no name of its own. */
export const ANY_SESSION = '';

function counterOf(purpose: Purpose, points: number): RateLimiterMemory {
  return new RateLimiterMemory({ keyPrefix: purpose, points, duration: WINDOW_SECONDS });
}
