import { Question, SystemNotification } from 'belfry';
import { ReportBuilt } from '@/app/report-built.ts';
import { registerEventTypes } from '@/lib/config/event-types.ts';

/** Every type of event that this app sends. Add yours here; the engine needs no other change. */
export const eventTypes = registerEventTypes([SystemNotification, Question, ReportBuilt]);
