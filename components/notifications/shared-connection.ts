/**
 * One stream per browser. HTTP/1.1 allows six connections to a host, so that a seventh tab with a
 * stream of its own would hang without an error. Tabs therefore elect a leader: the one that holds a Web
 * Lock keeps the stream and hands what it hears to the others over a BroadcastChannel. When it closes or
 * crashes the browser gives the lock to the next.
 *
 * Without these (an insecure address, an old browser) every tab keeps a stream of its own.
 */
import {
  type ConnectionState,
  type EventConnectionOptions,
  openEventConnection,
} from './event-connection.ts';

export interface SharedConnection {
  /** Tells the other tabs of something that this tab knows and the stream may not carry now. */
  share: (eventType: string, data: unknown) => void;
  close: () => void;
}

type Message =
  | { kind: 'event'; eventType: string; data: unknown }
  | { kind: 'state'; state: ConnectionState }
  /** A tab that has just opened asks how the stream is. */
  | { kind: 'hello' };

// The leader passes on every heartbeat of 15 s; after three in vain it is frozen, or worse.
const LEADER_SILENCE_MS = 50_000;
const WATCH_EVERY_MS = 5_000;

/** Opens the user's stream, or joins it. Tabs of different users share nothing. */
export function openSharedConnection(options: EventConnectionOptions): SharedConnection {
  const canShare = typeof BroadcastChannel !== 'undefined' && 'locks' in navigator;
  if (!canShare) return { share: () => {}, close: openEventConnection(options) };

  const { userId, eventTypes, onEvent, onState } = options;
  const name = `belfry-stream-${userId}`;
  const channel = new BroadcastChannel(name);
  const post = (message: Message) => channel.postMessage(message);
  let disconnect: (() => void) | null = null;
  let state: ConnectionState = 'connecting';
  let lastHeard = Date.now();
  let closed = false;
  let resign: () => void = () => {};

  channel.onmessage = ({ data: message }: MessageEvent<Message>) => {
    if (message.kind === 'hello') {
      if (disconnect) post({ kind: 'state', state });
      return;
    }
    lastHeard = Date.now();
    if (message.kind === 'event') onEvent(message.eventType, message.data);
    else if (!disconnect) onState(message.state);
  };

  function lead(): Promise<void> {
    if (closed) return Promise.resolve();
    disconnect = openEventConnection({
      userId,
      eventTypes,
      onEvent(eventType, data) {
        post({ kind: 'event', eventType, data });
        onEvent(eventType, data);
      },
      onState(next) {
        state = next;
        post({ kind: 'state', state });
        onState(state);
      },
    });
    // The lock is held for as long as this promise is open.
    return new Promise((resolve) => {
      resign = resolve;
    });
  }

  function follow(): void {
    disconnect?.();
    disconnect = null;
  }

  function stand(lockOptions: LockOptions): void {
    navigator.locks.request(name, lockOptions, lead).catch(() => {
      // Another tab took the lead from this one: it had not heard of it for too long.
      follow();
      if (!closed) stand({});
    });
  }

  function takeOverIfSilent(): void {
    if (disconnect || Date.now() - lastHeard < LEADER_SILENCE_MS) return;
    lastHeard = Date.now();
    stand({ steal: true });
  }

  const watch = setInterval(takeOverIfSilent, WATCH_EVERY_MS);
  stand({});
  post({ kind: 'hello' });

  return {
    share: (eventType, data) => post({ kind: 'event', eventType, data }),
    close() {
      closed = true;
      clearInterval(watch);
      follow();
      resign();
      channel.close();
    },
  };
}
