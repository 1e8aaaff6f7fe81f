const SITE = 'http://belfry.test';
const NO_LIMIT = 1_000_000_000;

/** One instance of an app with Belfry in it: the engine on a database, and what answers requests as the app's routes do. */
import type { EventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';
import type { Credentials, EventStream } from '../../lib/belfry/engine/event-stream.ts';
import type { StreamSink } from '../../lib/belfry/engine/stream-sink.ts';
import { createSseResponse } from '../../lib/belfry/http/sse-response.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import type { ChangeName } from '../../lib/belfry/protocol/changes.ts';
import { BelfryError, errorBody, isBelfryError } from '../../lib/belfry/protocol/errors.ts';
import type { SqlDatabase } from '../../lib/belfry/storage/database.ts';
import type { Activity } from './activity.ts';
import { NO_LOG } from './engine.ts';

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
    const [, room, name = ''] = pathname.split('/');
    if (room === 'sse') return this.#openStream(userId, name.split(','), searchParams.get('since'), request);
    const { poll, changes, change, settings } = this.belfry.handlers({
      // Each page has a key of its own here, so that no two share a stream.
      current: ({ headers }) => ({ id: userId, key: headers.get('x-belfry-user') ?? userId }),
      publicAddress: SITE,
      limits: { poll: NO_LIMIT, connect: NO_LIMIT, change: NO_LIMIT },
    });
    if (name === 'poll') return poll(request);
    if (name === 'changes') return changes(request);
    if (name === 'settings' && request.method === 'GET') return settings.read(request);
    // As a browser says of it.
    request.headers.set('Origin', SITE);
    if (name === 'settings') return settings.save(request);
    if (name === 'follow' || name === 'unfollow') return settings[name](request);
    return change[name as ChangeName](request);
  }

  /** By hand, for the sake of the sink: it breaks when the instance is killed. */
  async #openStream(userId: string, eventTypes: string[], since: string | null, request: Request) {
    const credentials = credentialsOf(userId);
    const connect = await this.belfry.prepareStream({ credentials, eventTypes, since });
    this.#assertAlive();
    let stream: EventStream | null = null;
    const { sink, response } = createSseResponse(request, null, () => stream?.close('client-gone'));
    this.#sinks.add(sink);
    stream = connect(sink);
    return response;
  }

  #assertAlive(): void {
    if (this.#isDead) throw new Error('The instance was killed.');
  }
}

function credentialsOf(userId: string): Credentials {
  return { userId, key: `session of ${userId}`, expiresAt: NEVER };
}

function refusal(error: unknown): Response {
  const known = isBelfryError(error) ? error : new BelfryError('internal_error', 'It failed.');
  return Response.json(errorBody(known), { status: known.status });
}
