/**
 * `belfry/react`: the inbox in React, without a look. The provider and the hooks read and change it; the primitives
 * are what a bell, a panel and toasts do, for parts that the app styles itself (see components/notifications).
 */

export type { DesktopPermission } from '../client/desktop-notification.ts';
export type { Connection } from '../client/inbox-client.ts';
export type { Entry, EntryGroup, Item } from '../client/inbox-model.ts';
export type { SiteVersion } from '../client/requests.ts';
export type { RunningItem } from '../client/running.ts';
export type { Catalogue, Language, OwnMessages, Translate } from '../language/translate.ts';
export type { ItemAction, View } from '../protocol/item.ts';
export type { Priority } from '../protocol/priority.ts';
export type { CategorySettings, Mode, NotificationSettings, QuietHours } from '../protocol/settings.ts';
export { DELIBERATE } from './deliberate.ts';
export { Dialog, type DialogProps } from './dialog.tsx';
export { GuardedButton, type GuardedButtonProps } from './guarded-button.tsx';
export { InboxProvider, type InboxProviderProps } from './inbox-provider.tsx';
export {
  LanguageProvider,
  type LanguageProviderProps,
  type TranslateToNodes,
  useTimeWords,
  useTranslate,
  useTranslateRich,
} from './language.tsx';
export type { LinkTarget } from './link-target.ts';
export { MessageText, type MessageTextProps } from './message-text.tsx';
export { NotificationContent } from './notification-content.tsx';
export { NotificationLink, type NotificationLinkProps } from './notification-link.tsx';
export type {
  NotificationPartProps,
  NotificationParts,
} from './notification-parts.ts';
export { closePanel, openPanel } from './panel-state.ts';
export { RelativeTime, type RelativeTimeProps } from './relative-time.tsx';
export { serverClock } from './server-clock.ts';
export { describeRelative, type TimeWords } from './time-words.ts';
export { ToastItem } from './toast-item.tsx';
export { ToastList } from './toast-list.tsx';
export { useAttempt } from './use-attempt.ts';
export { type Bell, type PanelProps, useBell } from './use-bell.ts';
export { useConnection } from './use-connection.ts';
export { useEntryFocus } from './use-entry-focus.ts';
export { useEvents } from './use-events.ts';
export { useExpandable } from './use-expandable.ts';
export { type ShownGroup, useGroup } from './use-group.ts';
export { type Inbox, useInbox } from './use-inbox.ts';
export { type InboxActions, useInboxActions } from './use-inbox-actions.ts';
export { type InboxListState, useInboxList } from './use-inbox-list.ts';
export { useListFocus } from './use-list-focus.ts';
export { type NotificationSettingsState, useNotificationSettings } from './use-notification-settings.ts';
export { type NotificationPages, type NotificationsOf, useNotifications } from './use-notifications.ts';
export { useNow } from './use-now.ts';
export { usePanel } from './use-panel.ts';
export { useRunning } from './use-running.ts';
export { useSignInHref } from './use-sign-in-href.ts';
export { type ShownToast, type ToastSummary, useToasts } from './use-toasts.ts';
export { VirtualList, type VirtualListProps } from './virtual-list.tsx';
