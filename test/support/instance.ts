/** One instance of an app with Belfry in it: the engine on a database, and what answers requests as the app's routes do. */
import type { z } from 'zod';
import type { EventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import type { EventStream } from '../../lib/belfry/engine/event-stream.ts';
import { EventTypeRegistry } from '../../lib/belfry/engine/event-type.ts';
import type { StreamSink } from '../../lib/belfry/engine/stream-sink.ts';
import { createSseResponse } from '../../lib/belfry/http/sse-response.ts';
import type { NotificationProvider } from '../../lib/belfry/notifications/provider.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import { type ChangeName, changeSchemas } from '../../lib/belfry/protocol/changes.ts';
import { BelfryError, errorBody, invalidInput, isBelfryError } from '../../lib/belfry/protocol/errors.ts';
import type { ChangeAnswer } from '../../lib/belfry/protocol/item.ts';
import type { SqlDatabase } from '../../lib/belfry/storage/database.ts';
import type { Activity } from './activity.ts';
import { NO_LOG } from './engine.ts';

type Body<Name extends ChangeName> = z.output<(typeof changeSchemas)[Name]>;

const CHANGES: {
  [Name in ChangeName]: (
    provider: NotificationProvider,
    change: Body<Name> & { userId: string },
  ) => Promise<ChangeAnswer>;
} = {
  dismiss: (provider, change) => provider.dismiss(change),
  clear: (provider, change) => provider.clear(change),
  read: (provider, change) => provider.read(change),
  unread: (provider, change) => provider.unread(change),
  restore: (provider, change) => provider.restore(change),
  snooze: (provider, change) => provider.snooze(change),
  seen: (provider, change) => provider.see(change),
  undo: (provider, change) => provider.undo(change),
  act: (provider, change) => provider.act(change),
};

const NEVER = new Date(Date.UTC(2100, 0, 1));

export class Instance {
  readonly belfry: Belfry;
  readonly #sinks = new Set<StreamSink>();
  #isDead = false;

  constructor({ database, bus, activity }: { database: SqlDatabase; bus: EventBus; activity: Activity }) {
    const types = new EventTypeRegistry();
    types.registerAll([SystemNotification]);
    this.belfry = createBelfry({
      database: activity.watch(database, () => this.#assertAlive()),
      bus,
      types,
      log: NO_LOG,
      maxStreamsPerUser: 100,
    });
  }

  start(): Promise<void> {
    return this.belfry.start();
  }

  /** As on SIGTERM. */
  stop(): Promise<void> {
    return this.belfry.shutdown();
  }

  /** As by `kill -9`: what it was about to do is not done, and nobody is told. */
  kill(): Promise<void> {
    this.#isDead = true;
    for (const sink of this.#sinks) sink.abort();
    return this.belfry.shutdown();
  }

  /** Answers a request of a signed-in user. Rejects when the instance dies meanwhile. */
  async answer(userId: string, request: Request): Promise<Response> {
    this.#assertAlive();
    const response = await this.#route(userId, request).catch(refusal);
    this.#assertAlive();
    return response;
  }

  async #route(userId: string, request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const { notifications } = this.belfry;
    const [, room, name = ''] = pathname.split('/');
    if (room === 'sse') return this.#openStream(userId, request, name.split(','), searchParams.get('since'));
    if (name === 'poll') {
      const cursor = searchParams.get('cursor') ?? undefined;
      return Response.json(await notifications.fetchPage({ userId, cursor }));
    }
    if (name === 'changes') {
      const since = searchParams.get('since') ?? '';
      return Response.json(await notifications.fetchChanges({ userId, since }));
    }
    return Response.json(await this.#change(userId, name as ChangeName, await request.json()));
  }

  async #openStream(userId: string, request: Request, eventTypes: string[], since: string | null) {
    const credentials = { userId, key: `session of ${userId}`, expiresAt: NEVER };
    const connect = await this.belfry.prepareStream({ credentials, eventTypes, since });
    this.#assertAlive();
    let stream: EventStream | null = null;
    const { sink, response } = createSseResponse(request, null, () => stream?.close('client-gone'));
    this.#sinks.add(sink);
    stream = connect(sink);
    return response;
  }

  #change<Name extends ChangeName>(userId: string, name: Name, body: unknown): Promise<ChangeAnswer> {
    const parsed = changeSchemas[name].safeParse(body);
    if (!parsed.success) throw invalidInput(parsed.error, 'The request cannot be understood.');
    return CHANGES[name](this.belfry.notifications, { ...(parsed.data as Body<Name>), userId });
  }

  #assertAlive(): void {
    if (this.#isDead) throw new Error('The instance was killed.');
  }
}

function refusal(error: unknown): Response {
  const known = isBelfryError(error) ? error : new BelfryError('internal_error', 'It failed.');
  return Response.json(errorBody(known), { status: known.status });
}
