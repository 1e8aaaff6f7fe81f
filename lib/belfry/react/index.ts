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
export type { ItemAction, ItemFilter, View } from '../protocol/item.ts';
export type { Priority } from '../protocol/priority.ts';
export type { CategorySettings, Mode, NotificationSettings, QuietHours } from '../protocol/settings.ts';
export { DELIBERATE } from './deliberate.ts';
export { Dialog, type DialogProps } from './dialog.tsx';
export { GuardedButton, type GuardedButtonProps } from './guarded-button.tsx';
export { InboxProvider, type InboxProviderProps } from './inbox-provider.tsx';
export { KEYS, type KeyCommand } from './key-commands.ts';
export {
  LanguageProvider,
  type LanguageProviderProps,
  type TranslateToNodes,
  useCategoryName,
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
export { type SnoozeName, type SnoozeTime, snoozeTimes } from './snooze-times.ts';
export { describeDayOf, describeInstant, describeRelative, type TimeWords } from './time-words.ts';
export { ToastItem, type ToastItemProps } from './toast-item.tsx';
export { ToastList, type ToastListProps } from './toast-list.tsx';
export type { UndoOffer } from './undo-offers.ts';
export { useArrivals } from './use-arrivals.ts';
export { useAttempt } from './use-attempt.ts';
export { type Bell, type PanelProps, useBell } from './use-bell.ts';
export { useConnection } from './use-connection.ts';
export { useEntryFocus } from './use-entry-focus.ts';
export { useEvents } from './use-events.ts';
export { useExpandable } from './use-expandable.ts';
export { type ShownGroup, useGroup } from './use-group.ts';
export { type Inbox, useInbox } from './use-inbox.ts';
export { type InboxActions, useInboxActions } from './use-inbox-actions.ts';
export { useInboxAddress } from './use-inbox-address.ts';
export { type KeyHandlers, useGoKeys, useInboxKeys } from './use-inbox-keys.ts';
export { type EntryChange, type InboxListState, useInboxList } from './use-inbox-list.ts';
export { useLinkTarget } from './use-link-target.ts';
export { useListFocus } from './use-list-focus.ts';
export { useListInFront } from './use-list-in-front.ts';
export { type NotificationSettingsState, useNotificationSettings } from './use-notification-settings.ts';
export { type NotificationPages, useNotifications } from './use-notifications.ts';
export { useNow, useToday } from './use-now.ts';
export { usePanel, usePanelIsOpen } from './use-panel.ts';
export { type ListPosition, useRowKeys } from './use-row-keys.ts';
export { useRunning } from './use-running.ts';
export { useSections } from './use-sections.ts';
export { useSeen } from './use-seen.ts';
export { type Selection, useSelection } from './use-selection.ts';
export { useSignInHref } from './use-sign-in-href.ts';
export { type SnoozeChoice, useSnoozeTimes } from './use-snooze-times.ts';
export {
  type ShownToast,
  type SpokenToast,
  type ToastSummary,
  type Toasts,
  useToasts,
} from './use-toasts.ts';
export { type Undo, useUndo } from './use-undo.ts';
export { useUnread } from './use-unread.ts';
export { badgeText, clearAppBadge, useUnreadBadge } from './use-unread-badge.ts';
export { VirtualList, type VirtualListProps, WindowList } from './virtual-list.tsx';
