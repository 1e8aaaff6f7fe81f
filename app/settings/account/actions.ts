'use server';

import { BelfryError } from 'belfry';
import { revalidatePath } from 'next/cache';
import { headers } from 'next/headers';
import { z } from 'zod';
import { setPassword } from '@/lib/auth/accounts.ts';
import { actorOf } from '@/lib/auth/actor.ts';
import { auditTrail } from '@/lib/auth/audit.ts';
import { checkCredentials } from '@/lib/auth/credentials.ts';
import { findKnownBrowser } from '@/lib/auth/known-browser.ts';
import { type CurrentUser, clientOf, requireUser } from '@/lib/auth/session.ts';
import { endOtherSessions, endSession } from '@/lib/auth/sessions.ts';
import { formAction } from '@/lib/http/form-action.ts';
import { toMessage } from '@/lib/language/languages.ts';
import type { AppMessageKey } from '@/lib/language/messages.ts';

const PAGE = '/settings/account';

export const changePassword = formAction(
  requireUser,
  z
    .object({
      current: z.string('server.password.current' satisfies AppMessageKey),
      password: z.string('server.password.new' satisfies AppMessageKey),
      again: z.string('server.password.again' satisfies AppMessageKey),
    })
    .refine(({ password, again }) => password === again, {
      path: ['again'],
      message: 'server.password.differs' satisfies AppMessageKey,
    }),
  async ({ current, password }, user) => {
    const asked = await headers();
    const { email } = user;
    const knownBrowserId = await findKnownBrowser(email);
    // As at sign-in, with its limits: whoever sits at somebody else's screen may not guess.
    const opened = await checkCredentials(
      { email, password: current },
      { ...clientOf(asked), knownBrowserId },
    );
    const by = await actorOfRequest(user);
    if (!opened) {
      auditTrail.record({ action: 'sign_in_refused', by, detail: { at: 'password change' } });
      const message = toMessage('server.password.not-current');
      throw new BelfryError('invalid_input', message, { fieldErrors: { current: [message] } });
    }
    await setPassword({ email, password, keepSessionId: user.sessionId }, by);
    revalidatePath(PAGE);
    return toMessage('server.password.changed');
  },
);

export const endOneSession = formAction(
  requireUser,
  z.object({ sessionId: z.string() }),
  async ({ sessionId }, user) => {
    const isNews = await endSession({ userId: user.id, sessionId });
    if (isNews) auditTrail.record({ action: 'session_ended', by: await actorOfRequest(user) });
    revalidatePath(PAGE);
    return toMessage(isNews ? 'server.session.ended' : 'server.session.had-ended');
  },
);

export const endAllOtherSessions = formAction(requireUser, z.object({}), async (_fields, user) => {
  const count = await endOtherSessions({ userId: user.id, sessionId: user.sessionId });
  if (count > 0) {
    auditTrail.record({ action: 'session_ended', by: await actorOfRequest(user), detail: { count } });
  }
  revalidatePath(PAGE);
  return toMessage('server.session.others-ended');
});

async function actorOfRequest({ email, id }: CurrentUser) {
  return actorOf({ name: email, userId: id }, await headers());
}
