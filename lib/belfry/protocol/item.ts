/**
 * What clients read, from the stream and over HTTP alike. Times are ISO 8601 in UTC. Schemas for what checks,
 * types for everybody: a client imports the types alone, which take no room in the browser.
 */
import { z } from 'zod';
import { PRIORITIES, type Priority } from './priority.ts';

const time = z.iso.datetime();
const nullableTime = time.nullable();

/** An event as it is on the wire. An ephemeral one has no id. */
export const eventSchema = z.object({
  /** Ever growing; `null`: ephemeral, never stored. */
  id: z.int().nonnegative().nullable(),
  eventType: z.string(),
  priority: z.enum(PRIORITIES),
  createdAt: time,
  /** Nobody is shown it from this instant on. */
  expiresAt: nullableTime,
  /** The app's own id of the user whom it is for alone; `null`: it went to several people. */
  targetUserId: z.string().nullable(),
  /** As its type has it today; of an item that no longer fits its type, `null`. */
  payload: z.unknown(),
  /** True when it was read back from the database, false when it arrives as it happens. */
  isRecovered: z.boolean(),
});

/** A stored event as one person has it. */
export const itemSchema = eventSchema.extend({
  id: z.int().positive(),
  category: z.string(),
  /** Plain text, in the reader's language as all that follows. */
  title: z.string(),
  /** With a little Markdown: see markdown.ts. */
  message: z.string(),
  link: z.string().nullable(),
  linkLabel: z.string().exactOptional(),
  /** Addresses of pictures. */
  icon: z.string().exactOptional(),
  avatar: z.string().exactOptional(),
  image: z.string().exactOptional(),
  /** The buttons that there are: none once one was pressed, or somebody else has answered. */
  actions: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      /** What is asked before it is taken. */
      confirm: z.string().nullable(),
      /** What is filled in before it is taken. */
      input: z.object({ label: z.string(), multiline: z.boolean() }).nullable(),
      /** Where it leads: it does nothing on the server. */
      link: z.string().nullable(),
    }),
  ),
  groupKey: z.string().nullable(),
  /** Of the newest in the inbox of a group of several: the group, as of when this was read. */
  group: z
    .object({
      /** How the group reads: "Ben and 3 others commented". Plain text. */
      title: z.string(),
      /** How many of it are in the inbox, this one included: 2 at least. */
      count: z.int().min(2),
      unread: z.int().nonnegative(),
    })
    .exactOptional(),
  seenAt: nullableTime,
  readAt: nullableTime,
  /** When it was dismissed or cleared. */
  doneAt: nullableTime,
  /** Not `null`: it is out of the way until then. */
  snoozedUntil: nullableTime,
  editedAt: nullableTime,
  /** The name of the action that this person took. */
  actedWith: z.string().nullable(),
  /** What was taken or answered, by them or, of a question to several, by somebody else. */
  answer: z
    .object({
      action: z.string(),
      label: z.string(),
      /** The app's own id of the user; `null`: this person. */
      by: z.string().nullable(),
      at: time,
    })
    .exactOptional(),
  /**
   * Where it stands in a list, highest first, and among equals the highest id: its id, or, once it came back from a
   * snooze, one more than the newest id at that time.
   */
  orderId: z.int().positive(),
});

/** A long job that runs, as a fleeting event tells of it: `id` is `null`. The item of its end has `key` in its payload. */
export const runningSchema = eventSchema.extend({
  key: z.string(),
  /** Plain text, in the reader's language. */
  title: z.string(),
  /** With a little Markdown. */
  message: z.string(),
  /** 0 to 1; `null`: nobody knows. */
  fraction: z.number().nullable(),
  startedAt: time,
});

/** How many items a user has: not read, not dismissed, dismissed, put off. `done` counts up to `MOST_COUNTED_DONE`. */
export const totalsSchema = z.object({
  unread: z.int().nonnegative(),
  inbox: z.int().nonnegative(),
  done: z.int().nonnegative(),
  snoozed: z.int().nonnegative(),
});

/** Of items that are done, so many are counted; a total of this many says "or more". */
export const MOST_COUNTED_DONE = 10_000;

/** Which items: `inbox` is what is neither done nor snoozed. */
export const VIEWS = ['inbox', 'unread', 'done', 'snoozed', 'all'] as const;
export type View = (typeof VIEWS)[number];

/** The numbers that every tab and device of a user agrees on, as of one instant. */
export const summarySchema = z.object({
  /** See inbox-state.ts. */
  state: z.string(),
  totals: totalsSchema,
  /** The same as `totals.unread`. */
  unreadTotal: z.int().nonnegative(),
  /** The last change of how this person wants to be told, for who knows of another one to read it: see settings.ts. */
  settingsRevision: z.int().nonnegative(),
  /** When this was read, by the server's clock. */
  readAt: time,
  /** When the next of the counted items expires, and the totals change by themselves. */
  nextExpiresAt: nullableTime,
});

/** `GET /notifications/poll`. */
export const pageSchema = summarySchema.extend({
  /** Newest first. */
  notifications: z.array(itemSchema),
  /** Unread items of HIGH and CRITICAL priority that stand further down than this page, on the first page of the inbox. */
  pinned: z.array(itemSchema),
  /** Give it as `cursor` for the next page; `null` on the last. Of a search, there may be more where this page holds none. */
  nextCursor: z.string().nullable(),
  /** Of the first page of what is done: the last *clear* that `POST /notifications/undo` still takes back; `null`: none. */
  lastClear: z.object({ undo: z.string(), at: time }).nullable().exactOptional(),
});

/** `GET /notifications/changes`. */
export const changesSchema = summarySchema.extend({
  /** Items that came or changed, as they are now, whichever view they belong to; each once. */
  changed: z.array(itemSchema),
  /** Ids that are nobody's any more: what was known of them is to be forgotten. */
  removed: z.array(z.int().positive()),
  /** Ask again with the new `state`: not all of it went into one answer. */
  hasMore: z.boolean(),
});

/** The answer to `POST /notifications/dismiss` and its kind. */
export const changeAnswerSchema = summarySchema.extend({
  /** For `POST /notifications/undo`. */
  undo: z.string().optional(),
});

/**
 * The control event `inbox` of a stream. A snapshot replaces all that a client holds: as many items follow as
 * `count` says, as events of their types. A change extends it.
 */
export const inboxFrameSchema = z.discriminatedUnion('kind', [
  summarySchema.extend({
    kind: z.literal('snapshot'),
    count: z.int().nonnegative(),
    /** Which of those that follow stand further down than the list that the others make up. */
    pinned: z.array(z.int().positive()),
    nextCursor: z.string().nullable(),
  }),
  changesSchema.omit({ hasMore: true }).extend({ kind: z.literal('changes') }),
]);

/** The control event `heartbeat`, the same for everybody: all events up to `eventId` have been sent before it. */
export const heartbeatSchema = z.object({
  now: time,
  version: z.string().optional(),
  history: z.string(),
  eventId: z.int().nonnegative(),
});

/** The control event `reconnect`: the server ends this stream, and a new one may be opened so much later. */
export const reconnectSchema = z.object({ afterMs: z.int().nonnegative() });

/** Which items of a view: those for which all of it holds. */
export interface ItemFilter {
  /** Default: `inbox`. */
  view?: View | undefined;
  category?: string | undefined;
  /** One of these. */
  priorities?: readonly Priority[] | undefined;
  /** The `groupKey`. */
  group?: string | undefined;
  /** See search.ts. */
  q?: string | undefined;
}

/** How each member is said on the wire, of any payload. */
type With<Payload, Shape> = Omit<Shape, 'payload'> & { payload: Payload };

export type EventJson<Payload = unknown> = With<Payload, z.infer<typeof eventSchema>>;
export type ItemJson<Payload = unknown> = With<Payload, z.infer<typeof itemSchema>>;
export type RunningJson<Payload = unknown> = With<Payload, z.infer<typeof runningSchema>>;
export type ItemAction = ItemJson['actions'][number];
export type Totals = z.infer<typeof totalsSchema>;
export type Summary = z.infer<typeof summarySchema>;
export type InboxPage = z.infer<typeof pageSchema>;
export type InboxChanges = z.infer<typeof changesSchema>;
export type ChangeAnswer = z.infer<typeof changeAnswerSchema>;
export type InboxFrame = z.infer<typeof inboxFrameSchema>;
export type Heartbeat = z.infer<typeof heartbeatSchema>;
