/** All parts at once in an app that has no style of its own; parts.spec.ts bundles it, and looks at it. */
import type { Entry, Item, Language, Priority, RunningItem } from 'belfry/react';
import { InboxProvider } from 'belfry/react';
import { createRoot } from 'react-dom/client';
import { NotificationBell } from '../components/notifications/bell';
import { NotificationEntry } from '../components/notifications/entry';
import { NotificationInbox } from '../components/notifications/inbox';
import { NotificationItem } from '../components/notifications/item';
import { RunningList } from '../components/notifications/running';
import { ToastCard } from '../components/notifications/toasts';

declare global {
  interface Window {
    /** Said by the test. */
    language: Language;
  }
}

const PRIORITIES: Priority[] = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'];
const TEXT = {
  title: 'A title of some length',
  message: 'Some words. '.repeat(30),
  link: 'https://example.com/',
};
const ACTION = { confirm: null, input: null, link: null };
/** What a definition may add. */
const MORE: Partial<Record<Priority, Partial<Item>>> = {
  LOW: {
    avatar: 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
    answer: { action: 'a', label: 'A choice of some length', by: null, at: '2030-01-01T00:00:00.000Z' },
    actedWith: 'a',
  },
  HIGH: {
    message: 'Some **bold** and *italic* words, `code`, and [a link](/inbox). '.repeat(6),
    actions: ['Accept', 'Decline', 'A longer one that needs its room'].map((label, at) => ({
      ...ACTION,
      name: `a${at}`,
      label,
    })),
  },
};
const NO_OP = () => {};

createRoot(document.body.appendChild(document.createElement('main'))).render(
  <InboxProvider userKey="7-ada" language={window.language} signInPath="/sign-in" pages={['/inbox']}>
    <header>
      <NotificationBell inboxPath="/inbox" />
    </header>
    <NotificationInbox />
    {['closed', 'open'].map((key) => (
      <NotificationEntry
        key={key}
        entry={groupWith(key)}
        on={{
          onDismiss: NO_OP,
          onRead: NO_OP,
          onSnooze: NO_OP,
          onSelect: NO_OP,
          onDismissGroup: NO_OP,
          onReadGroup: NO_OP,
        }}
        handOn={NO_OP}
        leavesWith={[]}
        isOpen={key === 'open'}
        onToggle={NO_OP}
      />
    ))}
    <RunningList running={[0.4, null].map(runningAt)} />
    {PRIORITIES.map((priority) => (
      <div key={priority}>
        <ToastCard priority={priority} {...TEXT} />
        <NotificationItem notification={itemWith(priority)} onDismiss={NO_OP} onRead={NO_OP} />
      </div>
    ))}
  </InboxProvider>,
);

function runningAt(fraction: number | null): RunningItem {
  const { title, message } = TEXT;
  return {
    id: null,
    eventType: 'ReportBuilt',
    priority: 'NORMAL',
    createdAt: '2030-01-01T00:00:00.000Z',
    startedAt: '2030-01-01T00:00:00.000Z',
    expiresAt: null,
    targetUserId: '7',
    payload: {},
    isRecovered: false,
    key: String(fraction),
    title,
    message,
    fraction,
  };
}

function groupWith(key: string): Entry {
  const items = PRIORITIES.map(itemWith).map((item, at) => ({ ...item, id: at + 1 }));
  const [item] = items as [Item, ...Item[]];
  const group = { key, title: null, count: 4, unread: 4, priority: 'CRITICAL' as const, throughId: 4 };
  return { id: key, item, group: { ...group, items, end: null } };
}

function itemWith(priority: Priority): Item {
  const now = Date.now();
  return {
    id: 1,
    orderId: 1,
    eventType: 'SystemNotification',
    category: '',
    priority,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 3_600_000).toISOString(),
    targetUserId: null,
    payload: TEXT,
    isRecovered: true,
    actions: [],
    groupKey: null,
    seenAt: null,
    readAt: null,
    doneAt: null,
    snoozedUntil: null,
    editedAt: null,
    actedWith: null,
    ...TEXT,
    ...MORE[priority],
  };
}
