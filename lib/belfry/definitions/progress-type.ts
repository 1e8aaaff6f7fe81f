/** A long job as one item that fills: while it runs it is told and not stored; its end is stored. */
import { z } from 'zod';
import type { Catalogue } from '../language/translate.ts';
import type { Content } from '../protocol/content.ts';
import type { EventType } from './event-type.ts';
import {
  checked,
  type NotificationDefinition,
  type NotificationType,
  type Rendering,
} from './notification-type.ts';

/** How far a job is, or how it ended. `lost`: nothing was heard of it for too long. */
export type Progress<Result = unknown> =
  | {
      state: 'running';
      /** 0 to 1; `null`: nobody knows. */
      fraction: number | null;
      /** What whoever does it said last. */
      note: string | null;
    }
  | { state: 'done'; result: Result }
  | { state: 'failed'; reason?: string | undefined }
  | { state: 'lost' };

/** The payload as it is told and stored: the app's own, and the job that it is of. */
export interface KeptProgress<Payload = unknown, Result = unknown> {
  key: string;
  /** ISO 8601. */
  startedAt: string;
  payload: Payload;
  progress: Progress<Result>;
}

/** What a definition of a job says. */
export interface ProgressDefinition<
  Payload,
  Input,
  Result,
  ResultInput,
  English extends Catalogue,
  Name extends string = string,
> extends Omit<
    NotificationDefinition<Payload, Input, English, unknown, Name>,
    'actions' | 'groupTitle' | 'render'
  > {
  /** A zod schema of what the job ends with. Default: nothing. */
  result?: z.ZodType<Result, ResultInput>;
  /** How it reads, while it runs and when it has ended. It has no effect beside what it gives back. */
  render(rendering: Rendering<Payload, English> & { progress: Progress<Result> }): Content;
}

// Only the compiler knows of it.
declare const SAID: unique symbol;

/** A job that can be told of: what `defineProgress` makes. */
export interface ProgressType<
  Payload = unknown,
  Input = Payload,
  Result = unknown,
  ResultInput = Result,
  Name extends string = string,
> extends NotificationType<KeptProgress<Payload, Result>, KeptProgress<Payload, Result>, Name> {
  readonly isProgress: true;
  readonly [SAID]?: { payload: Input; result: ResultInput };
}

/**
 * Defines a long job. Defining registers nothing: list the result in app/event-types.ts.
 *
 *     export const ReportBuilt = defineProgress({
 *       name: 'ReportBuilt',
 *       payload: z.object({ month: z.string() }),
 *       messages: { en: { building: 'Building your report', ready: 'Your report is ready', failed: 'Your report failed' } },
 *       render: ({ progress: { state }, t }) => ({
 *         title: t(state === 'running' ? 'building' : state === 'done' ? 'ready' : 'failed'),
 *       }),
 *     });
 *
 *     const job = await progress(ReportBuilt, { to: { user: '7' }, payload: { month: 'May' } });
 *     job.report(0.4);
 *     await job.done();
 *
 * @throws TypeError as `defineNotification` does.
 */
export function defineProgress<
  Payload,
  Input = Payload,
  Result = void,
  ResultInput = Result,
  const English extends Catalogue = Catalogue,
  const Name extends string = string,
>(
  definition: ProgressDefinition<Payload, Input, Result, ResultInput, English, Name>,
): ProgressType<Payload, Input, Result, ResultInput, Name> {
  const { payload, result = z.unknown().optional(), ...rest } = definition;
  const kept = z.object({
    key: z.string(),
    startedAt: z.iso.datetime(),
    payload,
    progress: z.discriminatedUnion('state', [
      z.object({ state: z.literal('running'), ...reportSchema.shape }),
      z.object({ state: z.literal('done'), result }),
      z.object({ state: z.literal('failed'), reason: z.string().optional() }),
      z.object({ state: z.literal('lost') }),
    ]),
  });
  const type = checked({
    ...rest,
    payload: kept as unknown as z.ZodType<KeptProgress<Payload, Result>>,
    group: definition.group && (({ payload }) => definition.group?.(payload) ?? ''),
    render: ({
      payload: { payload, progress },
      ...reading
    }: Rendering<KeptProgress<Payload, Result>, English>) =>
      definition.render({ ...reading, payload, progress }),
    upgrade:
      definition.upgrade &&
      ((older: unknown, version: number) => {
        const { payload, ...job } = older as KeptProgress;
        return { ...job, payload: definition.upgrade?.(payload, version) };
      }),
  } as NotificationDefinition<
    KeptProgress<Payload, Result>,
    KeptProgress<Payload, Result>,
    English,
    unknown,
    Name
  >);
  return Object.freeze({ ...type, isProgress: true as const }) as ProgressType<
    Payload,
    Input,
    Result,
    ResultInput,
    Name
  >;
}

/** What may be said of a job that runs. */
export const reportSchema = z.object({
  fraction: z.number().min(0).max(1).nullable(),
  note: z.string().nullable(),
});

export function isProgressType(type: EventType): type is ProgressType {
  return 'isProgress' in type;
}
