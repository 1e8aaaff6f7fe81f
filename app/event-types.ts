import { Question, SystemNotification } from 'belfry';
import { DeploymentEnded, DeploymentQuestion } from '@/app/demonstrations/deployment.ts';
import { PostCommented } from '@/app/demonstrations/post-commented.ts';
import { ReportBuilt } from '@/app/demonstrations/report-built.ts';
import { registerEventTypes } from '@/lib/config/event-types.ts';

/** Every type of event that this app sends. Add yours here; the engine needs no other change. */
export const eventTypes = registerEventTypes([
  SystemNotification,
  Question,
  ReportBuilt,
  DeploymentQuestion,
  DeploymentEnded,
  PostCommented,
]);
