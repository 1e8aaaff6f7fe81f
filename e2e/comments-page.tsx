/** The page of an app in which people comment on posts; groups.spec.ts bundles it. */
import type { Language } from 'belfry/react';
import { createRoot } from 'react-dom/client';
import { NotificationBell } from '../components/notifications/bell';
import { NotificationInbox } from '../components/notifications/inbox';
import { Notifications } from '../components/notifications/notifications';

declare global {
  interface Window {
    /** Said by the test. */
    language: Language;
  }
}

const eventTypes = ['SystemNotification', 'Question', 'CommentAdded'];

createRoot(document.body.appendChild(document.createElement('main'))).render(
  <Notifications userKey="ada" language={window.language} eventTypes={eventTypes}>
    <header>
      <h1>Posts</h1>
      <NotificationBell inboxPath="/inbox" />
    </header>
    {location.pathname === '/inbox' && <NotificationInbox />}
  </Notifications>,
);
