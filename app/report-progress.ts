import { defineEventType } from 'belfry';
import { z } from 'zod';

/** How far a report is. Ephemeral: only for whoever is looking. */
export const ReportProgress = defineEventType({
  name: 'ReportProgress',
  payload: z.object({
    reportId: z.string(),
    step: z.int().nonnegative(),
    steps: z.int().positive(),
    label: z.string(),
  }),
});
