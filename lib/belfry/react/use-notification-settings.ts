'use client';

import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { askForDesktop, type DesktopPermission, desktopPermission } from '../client/desktop-notification.ts';
import type { InboxClient } from '../client/inbox-client.ts';
import { type SettingsClient, type SettingsView, UNKNOWN_SETTINGS } from '../client/settings.ts';
import { isQuiet, settingsOf } from '../protocol/alerts.ts';
import type { CategorySettings, QuietHours } from '../protocol/settings.ts';
import { useOfUser } from './client-context.ts';
import { useNow } from './use-now.ts';

/** How the user wants to be told, and what changes it. */
export interface NotificationSettingsState
  extends SettingsView,
    Pick<SettingsClient, 'save' | 'follow' | 'unfollow'>,
    Pick<InboxClient, 'tryOut'> {
  /** What is said of a category, also where nobody has said anything. */
  settingsOf: (category: string) => CategorySettings;
  /** Changes some of what is said of a category. Shows at once; see `saved` and `problem`. */
  change: (category: string, some: Partial<CategorySettings>) => void;
  /** Keeps other quiet hours. */
  changeQuietHours: (quietHours: QuietHours) => void;
  /** Whether it is quiet now, to 20 s. */
  isQuiet: boolean;
  /** What this browser has been told of notifications on the desktop. */
  desktop: DesktopPermission;
  /** Has the browser ask. To be called from a click. */
  askForDesktop: () => Promise<DesktopPermission>;
  /** Reads them anew, after an error. */
  retry: () => void;
}

/**
 * The notification settings of whoever is signed in, for a page that shows them. They are read when that is mounted; what is
 * changed shows at once, is kept on the server, and is obeyed by every tab and device of the user within seconds.
 */
export function useNotificationSettings(): NotificationSettingsState {
  const { client } = useOfUser();
  const { settings: store, tryOut } = client;
  const view = useSyncExternalStore(store.subscribe, store.view, () => UNKNOWN_SETTINGS);
  const now = useNow();
  const [desktop, recheck] = useDesktopPermission();
  useEffect(() => void store.load(), [store]);
  const isQuietNow = now !== null && isQuiet(view.settings, now);
  return useMemo(() => {
    const { settings } = view;
    return {
      ...view,
      save: store.save,
      follow: store.follow,
      unfollow: store.unfollow,
      tryOut,
      settingsOf: (category) => settingsOf(settings, category),
      change(category, some) {
        const changed = { ...settingsOf(store.view().settings, category), ...some };
        const { categories } = store.view().settings;
        void store.save({ ...store.view().settings, categories: { ...categories, [category]: changed } });
      },
      changeQuietHours: (quietHours) => void store.save({ ...store.view().settings, quietHours }),
      isQuiet: isQuietNow,
      desktop,
      async askForDesktop() {
        const answered = await askForDesktop();
        recheck();
        return answered;
      },
      retry: () => void store.load(),
    };
  }, [view, store, tryOut, isQuietNow, desktop, recheck]);
}

/** It can be changed in the browser's own settings, while the page is open. On the server nothing is known of it. */
function useDesktopPermission(): [DesktopPermission, () => void] {
  const [permission, setPermission] = useState<DesktopPermission>('default');
  const check = useCallback(() => setPermission(desktopPermission()), []);
  useEffect(() => {
    check();
    window.addEventListener('focus', check);
    return () => window.removeEventListener('focus', check);
  }, [check]);
  return [permission, check];
}
