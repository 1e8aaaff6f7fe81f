import { ReportProgress } from '@/app/report-progress.ts';
import { registerEventTypes } from '@/lib/event-types.ts';
import { SystemNotification } from '@/lib/notifications/system-notification.ts';

/** Every type of event that this app sends. Add yours here; the engine needs no other change. */
export const eventTypes = registerEventTypes([SystemNotification, ReportProgress]);
