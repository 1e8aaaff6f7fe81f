'use client';

import { useEffect, useSyncExternalStore } from 'react';
import { showAppBadge } from '../client/app-badge.ts';
import { NO_TOTALS } from '../client/inbox-model.ts';
import { decorateTitle } from '../client/page-title.ts';
import { showTabIcon } from '../client/tab-icon.ts';
import { useOfUser } from './client-context.ts';
import { useTranslate } from './language.tsx';
import { useView } from './use-view.ts';

// A number wider than this would cover what it stands at; the full one is in the bell's name.
const BADGE_MAX = 99;

/** A count as badges show it: `99+` at most. */
export function badgeText(count: number): string {
  return count > BADGE_MAX ? `${BADGE_MAX}+` : `${count}`;
}

/**
 * Has the page's tab say how many notifications are unread: in its title, `(3) Inbox`, and by its icon. Installed, the app
 * has the number at its own icon, put there by the tab that shows toasts. All of it goes with the component, and when the
 * session ends; where the page is left by signing out, `clearAppBadge` takes the app's away.
 *
 * @param options.unreadIcon The address of the icon while something is unread. Default: the icon stays as it is.
 */
export function useUnreadBadge({ unreadIcon }: { unreadIcon?: string | undefined } = {}): void {
  const t = useTranslate();
  const { client } = useOfUser();
  const { unread } = useView('totals', NO_TOTALS);
  const isKnown = useView('status', 'loading') === 'ready';
  const isOver = useView('connection', 'connecting') === 'signed-out';
  const isOurs = useSyncExternalStore(client.subscribe, client.showsToasts, () => false);
  const text = unread > 0 ? badgeText(unread) : null;
  const icon = unread > 0 ? unreadIcon : undefined;

  useEffect(() => {
    if (text !== null) return decorateTitle((title) => t('belfry.title.unread', { count: text, title }));
  }, [text, t]);
  useEffect(() => {
    if (icon !== undefined) return showTabIcon(icon);
  }, [icon]);
  useEffect(() => {
    if (isOurs && (isKnown || isOver)) showAppBadge(unread);
  }, [isOurs, isKnown, isOver, unread]);
  useEffect(() => clearAppBadge, []);
}

/** Takes the number from the icon of an app that somebody has installed: to be called when they sign out. */
export function clearAppBadge(): void {
  showAppBadge(0);
}
