import { RelativeTime } from 'belfry/react';
import { PriorityMark, PriorityWord } from '@/components/notifications/priority-mark.tsx';
import { isExpired } from '@/lib/belfry/protocol/event.ts';
import type { recentGlobalNotifications } from '@/lib/belfry.ts';

type Sent = Awaited<ReturnType<typeof recentGlobalNotifications>>[number];

/** The last notices to everyone and what became of them. */
export function SentLately({ sent, now }: { sent: Sent[]; now: Date }) {
  if (sent.length === 0) {
    return (
      <p className="rounded-xl border border-dashed border-control px-6 py-10 text-center text-soft">
        Nothing has been sent to everyone yet.
      </p>
    );
  }
  return (
    <div className="@container">
      <table className="w-full border-t border-line text-sm @max-xl:block">
        <thead className="@max-xl:sr-only">
          <tr className="border-b border-line text-left text-xs text-soft">
            <th scope="col" className="py-2.5 pr-4 font-medium">
              Notice
            </th>
            <th scope="col" className="py-2.5 pr-4 font-medium">
              Sent
            </th>
            <th scope="col" className="py-2.5 pr-4 font-medium">
              Expires
            </th>
            <th scope="col" className="py-2.5 text-right font-medium">
              Dismissed by
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

function SentRow({ notice, expired }: { notice: Sent; expired: boolean }) {
  const { priority, createdAt, expiresAt, sentBy, dismissedBy } = notice;
  return (
    <tr className="border-b border-line align-top @max-xl:flex @max-xl:flex-wrap @max-xl:gap-x-4 @max-xl:gap-y-1 @max-xl:py-4">
      <th scope="row" className="py-3.5 pr-4 text-left font-normal @max-xl:basis-full @max-xl:p-0 @xl:w-1/2">
        <span className="flex items-start gap-3">
          <PriorityMark priority={priority} className={`h-7! w-6! ${expired ? 'opacity-60' : ''}`} />
          <span className="min-w-0">
            <span dir="auto" className="line-clamp-2 font-semibold wrap-anywhere">
              {titleOf(notice.payload) ?? 'A notice without a title'}
            </span>
            <span className="text-xs">
              <PriorityWord priority={priority} />
            </span>
          </span>
        </span>
      </th>
      <td className="py-3.5 pr-4 text-soft @max-xl:min-w-0 @max-xl:p-0 @max-xl:pl-9">
        <RelativeTime at={createdAt.toISOString()} past className="text-ink @xl:whitespace-nowrap" />
        {sentBy && (
          <span className="block wrap-anywhere">
            by <bdi>{sentBy}</bdi>
          </span>
        )}
      </td>
      <td className="py-3.5 pr-4 text-soft @max-xl:ml-auto @max-xl:min-w-0 @max-xl:p-0 @max-xl:pl-9 @max-xl:text-right @xl:whitespace-nowrap">
        {expired ? (
          'Expired'
        ) : expiresAt ? (
          <>
            <span className="@xl:hidden">Expires </span>
            <RelativeTime at={expiresAt.toISOString()} />
          </>
        ) : (
          <>
            <span>Never</span>
            <span className="@xl:hidden"> expires</span>
          </>
        )}
      </td>
      <td className="py-3.5 text-right text-base font-medium whitespace-nowrap tabular-nums @max-xl:basis-full @max-xl:p-0 @max-xl:pl-9 @max-xl:text-left @max-xl:text-sm @max-xl:font-normal @max-xl:text-soft">
        <span className="@xl:hidden">Dismissed by </span>
        <span>{dismissedBy.toLocaleString('en-GB')}</span>
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
