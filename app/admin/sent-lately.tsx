import { RelativeTime } from 'belfry/react';
import { PriorityMark, PriorityWord } from '@/components/notifications/priority-mark.tsx';
import { Rich } from '@/components/rich.tsx';
import { isExpired } from '@/lib/belfry/protocol/event.ts';
import type { recentGlobalNotifications } from '@/lib/belfry.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';

type Sent = Awaited<ReturnType<typeof recentGlobalNotifications>>[number];

// Where the table has no head.
const NARROW = <span className="@xl:hidden" />;

/** The last notices to everyone and what became of them. */
export async function SentLately({ sent, now }: { sent: Sent[]; now: Date }) {
  const { t } = await currentLanguage();
  if (sent.length === 0) {
    return (
      <p className="rounded-xl border border-dashed border-control px-6 py-10 text-center text-soft">
        {t('admin.sent.none')}
      </p>
    );
  }
  return (
    <div className="@container">
      <table className="w-full border-t border-line text-sm @max-xl:block">
        <thead className="@max-xl:sr-only">
          <tr className="border-b border-line text-xs text-soft">
            <th scope="col" className="py-2.5 pe-4 text-start font-medium">
              {t('admin.sent.notification')}
            </th>
            <th scope="col" className="py-2.5 pe-4 text-start font-medium">
              {t('admin.sent.sent')}
            </th>
            <th scope="col" className="py-2.5 pe-4 text-start font-medium">
              {t('admin.sent.expires')}
            </th>
            <th scope="col" className="py-2.5 text-end font-medium">
              {t('admin.sent.dismissed')}
            </th>
          </tr>
        </thead>
        <tbody className="@max-xl:block">
          {sent.map((notice) => (
            <SentRow key={notice.id} notice={notice} expired={isExpired(notice, now)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

async function SentRow({ notice, expired }: { notice: Sent; expired: boolean }) {
  const { t } = await currentLanguage();
  const { priority, createdAt, expiresAt, sentBy, dismissedBy } = notice;
  return (
    <tr className="border-b border-line align-top @max-xl:flex @max-xl:flex-wrap @max-xl:gap-x-4 @max-xl:gap-y-1 @max-xl:py-4">
      <th scope="row" className="py-3.5 pe-4 text-start font-normal @max-xl:basis-full @max-xl:p-0 @xl:w-1/2">
        <span className="flex items-start gap-3">
          <PriorityMark priority={priority} className={`h-7! w-6! ${expired ? 'opacity-60' : ''}`} />
          <span className="min-w-0">
            <span dir="auto" className="line-clamp-2 font-semibold wrap-anywhere">
              {titleOf(notice.payload) ?? t('admin.sent.untitled')}
            </span>
            <span className="text-xs">
              <PriorityWord priority={priority} />
            </span>
          </span>
        </span>
      </th>
      <td className="py-3.5 pe-4 text-soft @max-xl:min-w-0 @max-xl:p-0 @max-xl:ps-9">
        <RelativeTime at={createdAt.toISOString()} past className="text-ink @xl:whitespace-nowrap" />
        {sentBy && (
          <span className="block wrap-anywhere">
            <Rich message="admin.sent.by" values={{ name: sentBy, who: <bdi /> }} />
          </span>
        )}
      </td>
      <td className="py-3.5 pe-4 text-soft @max-xl:ms-auto @max-xl:min-w-0 @max-xl:p-0 @max-xl:ps-9 @max-xl:text-end @xl:whitespace-nowrap">
        {expired ? (
          <span>{t('admin.sent.expired')}</span>
        ) : expiresAt ? (
          <Rich
            message="admin.sent.expires-at"
            values={{ word: NARROW, when: <RelativeTime at={expiresAt.toISOString()} /> }}
          />
        ) : (
          <Rich message="admin.sent.never" values={{ word: NARROW }} />
        )}
      </td>
      <td className="py-3.5 text-end text-base font-medium whitespace-nowrap tabular-nums @max-xl:basis-full @max-xl:p-0 @max-xl:ps-9 @max-xl:text-start @max-xl:text-sm @max-xl:font-normal @max-xl:text-soft">
        <Rich message="admin.sent.dismissed-by" values={{ word: NARROW, count: dismissedBy }} />
      </td>
    </tr>
  );
}

// Not by the schema of what is sent: a stored notice may be older than its rules.
function titleOf(payload: unknown): string | null {
  const title =
    typeof payload === 'object' && payload !== null && 'title' in payload ? payload.title : undefined;
  return typeof title === 'string' ? title : null;
}
