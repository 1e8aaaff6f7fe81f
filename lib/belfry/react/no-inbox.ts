import { type InboxClient, type InboxView, LOADING } from '../client/inbox-client.ts';
import { RequestError } from '../client/requests.ts';
import { UNKNOWN_SETTINGS } from '../client/settings.ts';
import type { TranslateClient } from '../client/translate-client.ts';

const SIGNED_OUT: InboxView = { ...LOADING, status: 'error', connection: 'signed-out' };

/** The inbox of a page that nobody is signed in on: it shows nothing, asks for nothing, and refuses every change. */
export function signedOutInbox(translate: TranslateClient): InboxClient {
  return inboxThatShows(SIGNED_OUT, translate('belfry.client.sign-in'));
}

/** The inbox while it is not known who is signed in, or in which language to tell them. */
export function unknownInbox(translate: TranslateClient): InboxClient {
  return inboxThatShows(LOADING, translate('belfry.client.coming'));
}

function inboxThatShows(view: InboxView, refusal: string): InboxClient {
  const refuse = () => Promise.reject(new RequestError(401, refusal));
  const unsubscribe = () => {};
  const idle = async () => {};
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
    act: refuse,
    clear: refuse,
    readAll: refuse,
    dismissGroup: refuse,
    readGroup: refuse,
    undo: refuse,
    see: () => {},
    loadMore: refuse,
    retry: () => {},
    views: null,
    showsToasts: () => false,
    settings: {
      view: () => UNKNOWN_SETTINGS,
      subscribe: () => unsubscribe,
      load: idle,
      save: idle,
      follow: idle,
      unfollow: idle,
    },
    tryOut: () => ({ toast: false, sound: false, desktop: false }),
  };
}
