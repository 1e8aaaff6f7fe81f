/**
 * `belfry`: the server's half. `createBelfry` makes one; what it is made of comes from `belfry/prisma`, `belfry/drizzle`,
 * `belfry/sqlite` or `belfry/postgresql`, and `belfry/redis`. Nothing of it is for a browser: that is `belfry/react`.
 */
export type { SignedInUser, UserPage, Users } from './accounts/accounts.ts';
export type { Limits, Purpose } from './accounts/authorize.ts';
export { type BusMessage, type BusSubscriber, type EventBus, InProcessEventBus } from './bus/event-bus.ts';
export { type Belfry, type BelfryOptions, createBelfry, type RoutesOptions } from './create-belfry.ts';
export type { Action, ActionContext } from './definitions/action.ts';
export { defineEventType, type EventType } from './definitions/event-type.ts';
export {
  defineNotification,
  type GroupRendering,
  type NotificationDefinition,
  type NotificationType,
  type Rendering,
} from './definitions/notification-type.ts';
export {
  defineProgress,
  type Progress,
  type ProgressDefinition,
  type ProgressType,
} from './definitions/progress-type.ts';
export {
  type Answer,
  defineQuestion,
  type Option,
  Question,
  type QuestionType,
} from './definitions/question-type.ts';
export type { EngineObserver } from './engine/engine-observer.ts';
export type { Credentials } from './engine/event-stream.ts';
export type { FailedJob, Job, JobHandler, NewJob } from './jobs/job.ts';
export { type Catalogues, type Language, Languages } from './language/languages.ts';
export { createToMessage, type LocalizedMessage, type ToMessage, type Wording } from './language/message.ts';
export type { Log } from './log.ts';
export { type MigrationStatus, migrate, migrationStatus } from './migrations/migrations.ts';
export type {
  Acting,
  Asking,
  FetchPageOptions,
  GlobalNotification,
  NotificationProvider,
  Sending,
  SendOptions,
  Sent,
  SentEvent,
  Starting,
  UserNotification,
} from './notifications/provider.ts';
export type { Delivery } from './notifications/sending.ts';
export { type NotificationPayload, SystemNotification } from './notifications/system-notification.ts';
export type { ProgressJob } from './progress/running-job.ts';
export type { AudienceInput } from './protocol/audience.ts';
export type { Content } from './protocol/content.ts';
export {
  BelfryError,
  type ErrorCode,
  type FieldErrors,
  type FieldWordings,
  isBelfryError,
} from './protocol/errors.ts';
export type { InboxChanges, InboxPage, ItemJson, Totals, View } from './protocol/item.ts';
export { escapeMarkdown, plainText } from './protocol/markdown.ts';
export type { Priority } from './protocol/priority.ts';
export type { NotificationSettings, SettingsAnswer } from './protocol/settings.ts';
export type { AppTransaction, Register } from './register.ts';
export type { SqlDatabase, SqlRunner } from './storage/database.ts';
