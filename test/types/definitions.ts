/** What the compiler refuses of definitions and of sendings. It checks this file with all others; nothing here is run. */
import { z } from 'zod';
import { defineEventType } from '../../lib/belfry/definitions/event-type.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { defineProgress } from '../../lib/belfry/definitions/progress-type.ts';
import type { NotificationProvider } from '../../lib/belfry/notifications/provider.ts';

const CommentAdded = defineNotification({
  name: 'CommentAdded',
  payload: z.object({ author: z.string(), post: z.string(), count: z.int().default(1) }),
  render: ({ payload }) => ({ title: payload.author }),
});

/** The calls that have no comment above them are fine. */
export async function refusedByTheCompiler({
  notify,
  progress,
  sendEvent,
}: NotificationProvider): Promise<void> {
  const to = 'everyone';
  void notify(CommentAdded, { to, payload: { author: 'Ben', post: '7' } });
  // @ts-expect-error a member is missing
  void notify(CommentAdded, { to, payload: { author: 'Ben' } });
  // @ts-expect-error a member is of another type
  void notify(CommentAdded, { to, payload: { author: 'Ben', post: 7 } });
  // @ts-expect-error a member is too many
  void notify(CommentAdded, { to, payload: { author: 'Ben', post: '7', more: 1 } });
  // @ts-expect-error nobody is named
  void notify(CommentAdded, { payload: { author: 'Ben', post: '7' } });
  const Progress = defineEventType({ name: 'Progress', payload: z.object({ done: z.number() }) });
  void sendEvent(Progress, '7', { done: 1 });
  // @ts-expect-error what is ephemeral is no notification
  void notify(Progress, { to, payload: { done: 1 } });

  const ReportBuilt = defineProgress({
    name: 'ReportBuilt',
    payload: z.object({ month: z.string(), copies: z.int().default(1) }),
    result: z.object({ pages: z.int() }),
    // @ts-expect-error a job that was lost has no result
    render: ({ progress }) => ({ title: progress.state === 'lost' ? progress.result : 'T' }),
  });
  const job = await progress(ReportBuilt, { to: { user: 7 }, payload: { month: 'May' } });
  job.report(0.5, 'Half');
  void job.done({ pages: 3 });
  // @ts-expect-error it ends with something else
  void job.done({ pages: '3' });
  // @ts-expect-error it ends with something
  void job.done();
  // @ts-expect-error a member is missing
  void progress(ReportBuilt, { to: { user: 7 }, payload: {} });
  // @ts-expect-error a job is for one user
  void progress(ReportBuilt, { to: 'everyone', payload: { month: 'May' } });
  const Slept = defineProgress({ name: 'Slept', payload: z.object({}), render: () => ({ title: 'T' }) });
  const name: 'Slept' = Slept.name;
  void name;
  void (await progress(Slept, { to: { user: 7 }, payload: {} })).done();
  // @ts-expect-error what stands by itself is no job
  void progress(CommentAdded, { to: { user: 7 }, payload: { author: 'Ben', post: '7' } });

  defineNotification({
    name: 'Liked',
    payload: z.object({ author: z.string() }),
    messages: { en: { several: '{author} and {others, number} others' } },
    group: ({ author }) => author,
    groupTitle: ({ payloads: [{ author }], count, t }) => t('several', { author, others: count - 1 }),
    render: ({ payload }) => ({ title: payload.author }),
  });
  defineNotification({
    name: 'Liked',
    payload: z.object({ author: z.string() }),
    messages: { en: { several: '{author} and {others, number} others' } },
    // @ts-expect-error a value of the message is missing
    groupTitle: ({ payloads: [{ author }], t }) => t('several', { author }),
    render: ({ payload }) => ({ title: payload.author }),
  });
  defineNotification({
    name: 'Liked',
    payload: z.object({ author: z.string() }),
    // @ts-expect-error the payload has no such member
    group: ({ post }) => post,
    render: ({ payload }) => ({ title: payload.author }),
  });

  const payload = z.object({ author: z.string() });
  // @ts-expect-error a notification without a title
  defineNotification({ name: 'A', payload, render: () => ({ message: 'M' }) });
  // @ts-expect-error the payload has no such member
  defineNotification({ name: 'A', payload, render: ({ payload }) => ({ title: payload.writer }) });
  const messages = { en: { title: '{author} wrote' }, 'zh-TW': { title: '{author} 寫了' } } as const;
  defineNotification({
    name: 'A',
    payload,
    messages,
    render: ({ payload, t }) => ({ title: t('title', payload) }),
  });
  defineNotification({
    name: 'A',
    payload,
    messages,
    // @ts-expect-error there is no such message
    render: ({ t }) => ({ title: t('titel') }),
  });
  defineNotification({
    name: 'A',
    payload,
    messages,
    // @ts-expect-error the message needs an author
    render: ({ t }) => ({ title: t('title') }),
  });
  defineNotification({
    name: 'A',
    payload,
    // @ts-expect-error a message is missing in Chinese
    messages: { en: { title: 'T', label: 'L' }, 'zh-TW': { title: 'T' } },
    render: ({ t }) => ({ title: t('title') }),
  });
}
