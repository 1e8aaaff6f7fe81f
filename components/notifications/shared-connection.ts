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
import { competeForTabLock } from './tab-lock.ts';

export interface SharedConnection {
  /** Tells the other tabs of something that this tab knows and the stream may not carry now. */
  share: (eventType: string, data: unknown) => void;
  close: () => void;
}

export interface SharedConnectionOptions extends EventConnectionOptions {
  /** This tab joined a stream that another one holds: what went by before it could hear is to be read. */
  onJoin: () => void;
}

type Message =
  | { kind: 'event'; eventType: string; data: unknown }
  | { kind: 'state'; state: ConnectionState }
  /** A tab that has just opened asks how the stream is. */
  | { kind: 'hello' };

// The leader passes on every heartbeat of 15 s; after three in vain it is frozen, or worse.
const LEADER_SILENCE_MS = 50_000;
const WATCH_EVERY_MS = 5_000;

/**
 * Opens the user's stream, or joins it. Tabs of different users share nothing, nor do those of two versions of
 * the app that ask for different types.
 */
export function openSharedConnection(options: SharedConnectionOptions): SharedConnection {
  const canShare = typeof BroadcastChannel !== 'undefined' && 'locks' in navigator;
  if (!canShare) return { share: () => {}, close: openEventConnection(options) };

  const { userKey, eventTypes, onEvent, onState, onJoin } = options;
  const name = `belfry-stream-${userKey}-${[...eventTypes].sort().join()}`;
  const channel = new BroadcastChannel(name);
  const post = (message: Message) => channel.postMessage(message);
  let disconnect: (() => void) | null = null;
  let state: ConnectionState = 'connecting';
  let lastHeard = Date.now();
  let isJoining = false;

  channel.onmessage = ({ data: message }: MessageEvent<Message>) => {
    if (message.kind === 'hello') {
      if (disconnect) post({ kind: 'state', state });
      return;
    }
    lastHeard = Date.now();
    if (message.kind === 'event') onEvent(message.eventType, message.data);
    else if (!disconnect) hearState(message.state);
  };

  function hearState(ofLeader: ConnectionState): void {
    onState(ofLeader);
    if (!isJoining || ofLeader !== 'open') return;
    isJoining = false;
    onJoin();
  }

  function lead(): void {
    isJoining = false;
    disconnect = openEventConnection({
      userKey,
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
  }

  function follow(): void {
    disconnect?.();
    disconnect = null;
  }

  /** Until an answer comes, for all this tab knows there is no stream. */
  function join(): void {
    isJoining = true;
    onState('connecting');
    post({ kind: 'hello' });
  }

  function takeOverIfSilent(): void {
    if (disconnect || Date.now() - lastHeard < LEADER_SILENCE_MS) return;
    lastHeard = Date.now();
    lock.take();
  }

  const watch = setInterval(takeOverIfSilent, WATCH_EVERY_MS);
  const lock = competeForTabLock({
    name,
    onHeld: lead,
    onLost() {
      // It had not heard of this tab for too long.
      follow();
      join();
    },
  });
  join();

  return {
    share: (eventType, data) => post({ kind: 'event', eventType, data }),
    close() {
      clearInterval(watch);
      follow();
      lock.close();
      channel.close();
    },
  };
}
