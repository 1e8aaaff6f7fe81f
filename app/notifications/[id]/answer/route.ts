import { BelfryError } from 'belfry';
import { z } from 'zod';
import { requireAdminOrToken } from '@/lib/auth/admin-or-token.ts';
import { consumeAnswer } from '@/lib/auth/send-limit.ts';
import { readQuery } from '@/lib/belfry/http/read-request.ts';
import { notificationProvider } from '@/lib/belfry.ts';
import { json, route } from '@/lib/http/route.ts';
import { toMessage } from '@/lib/language/languages.ts';
import type { AppMessageKey } from '@/lib/language/messages.ts';

const LONGEST_WAIT_SECONDS = 30;
const query = z.object({
  wait: z.coerce
    .number()
    .default(0)
    .refine((seconds) => seconds >= 0 && seconds <= LONGEST_WAIT_SECONDS, {
      message: 'server.answer.wait' satisfies AppMessageKey,
      params: { most: LONGEST_WAIT_SECONDS },
    }),
});

interface Context {
  params: Promise<{ id: string }>;
}

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route<Context>({ GET: answer });

/** 200 with the answer, once there is one; 204 while there is none, or when there will be none. */
async function answer(request: Request, { params }: Context): Promise<Response> {
  const sender = await requireAdminOrToken(request, 'send');
  await consumeAnswer(sender.key);
  const { wait } = readQuery(request, query, { toMessage });
  const { id } = await params;
  if (!/^[1-9]\d{0,15}$/.test(id))
    throw new BelfryError('not_found', toMessage('server.answer.nothing-here'));
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(wait * 1_000)]);
  const answered = await notificationProvider().waitForAnswer({
    id: Number(id),
    askedBy: sender.key,
    signal,
  });
  if (!answered) return new Response(null, { status: 204 });
  const { action, by, at, input } = answered;
  return json({ answer: { action, by, at, ...(input === null ? {} : { input }) } });
}
