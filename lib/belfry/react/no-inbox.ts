import { type InboxClient, type InboxView, LOADING } from '../client/inbox-client.ts';
import { RequestError } from '../client/requests.ts';

const SIGNED_OUT: InboxView = { ...LOADING, status: 'error', connection: 'signed-out' };

/** The inbox of a page that nobody is signed in on: it shows nothing, asks for nothing, and refuses every change. */
export const signedOutInbox: InboxClient = /* @__PURE__ */ inboxThatShows(
  SIGNED_OUT,
  'Sign in to change your notifications.',
);

/** The inbox while it is not known who is signed in. */
export const unknownInbox: InboxClient = /* @__PURE__ */ inboxThatShows(
  LOADING,
  'Your notifications are still on their way. Try again in a moment.',
);

function inboxThatShows(view: InboxView, refusal: string): InboxClient {
  const refuse = () => Promise.reject(new RequestError(401, refusal));
  const unsubscribe = () => {};
  return {
    open: () => unsubscribe,
    view: () => view,
    subscribe: () => unsubscribe,
    listen: () => unsubscribe,
    dismiss: refuse,
    read: refuse,
    unread: refuse,
    restore: refuse,
    snooze: refuse,
    clear: refuse,
    readAll: refuse,
    undo: refuse,
    loadMore: refuse,
    retry: () => {},
  };
}
