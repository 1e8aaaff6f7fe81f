/**
 * One stream per browser. HTTP/1.1 allows six connections to a host, so that a seventh tab with a
 * stream of its own would hang without an error. Tabs therefore have a leader: the one that holds the tab lock
 * keeps the stream and passes on its frames to the others over a BroadcastChannel. When it closes, crashes or
 * freezes, the next one leads.
 *
 * In a browser without BroadcastChannel every tab keeps a stream of its own.
 */
import { type ConnectionOptions, type ConnectionState, openConnection, type RawFrame } from './connection.ts';
import { competeForTabLock } from './tab-lock.ts';

export interface SharedConnection {
  /** Tells the other tabs of a position that this one knows of, and the stream may not bring now. */
  tell: (state: string) => void;
  close: () => void;
}

export interface SharedConnectionOptions extends ConnectionOptions {
  /** This tab joined a stream that another one holds: what went by before it could hear is to be read. */
  onJoin: () => void;
  /** Another tab tells of a position. */
  onTold: (state: string) => void;
}

type Message =
  | { kind: 'frame'; frame: RawFrame }
  | { kind: 'state'; state: ConnectionState }
  | { kind: 'told'; position: string }
  /** A tab that has just opened asks how the stream is. */
  | { kind: 'hello' };

// The leader passes on every heartbeat of 15 s; after three in vain it is frozen, or worse.
const LEADER_SILENCE_MS = 50_000;
const WATCH_EVERY_MS = 5_000;

/** What tabs of one user tell each other where there is no stream at all. */
export function openTabChannel({
  onTold,
  ...named
}: Pick<
  SharedConnectionOptions,
  'userKey' | 'locale' | 'eventTypes' | 'basePath' | 'onTold'
>): SharedConnection {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => {}, close: () => {} };
  const channel = new BroadcastChannel(channelName(named));
  channel.onmessage = ({ data: message }: MessageEvent<Message>) => {
    if (message.kind === 'told') onTold(message.position);
  };
  return {
    tell: (position) => channel.postMessage({ kind: 'told', position } satisfies Message),
    close: () => channel.close(),
  };
}

/** Two apps on one host may have users of one name. */
function channelName({
  userKey,
  locale,
  eventTypes,
  basePath = '',
}: Pick<ConnectionOptions, 'userKey' | 'locale' | 'eventTypes' | 'basePath'>): string {
  return `belfry-stream-${basePath}${userKey}-${locale}-${[...eventTypes].sort().join()}`;
}

/**
 * Opens the user's stream, or joins it. Tabs of different users or languages share nothing, nor do those of two
 * versions of the app that ask for different types.
 */
export function openSharedConnection(options: SharedConnectionOptions): SharedConnection {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => {}, close: openConnection(options) };

  const { userKey, locale, eventTypes, basePath = '', position, onFrame, onState, onJoin, onTold } = options;
  const name = channelName({ userKey, locale, eventTypes, basePath });
  const channel = new BroadcastChannel(name);
  const post = (message: Message) => channel.postMessage(message);
  let disconnect: (() => void) | null = null;
  let state: ConnectionState = 'connecting';
  let lastHeard = performance.now();
  let isJoining = false;

  channel.onmessage = ({ data: message }: MessageEvent<Message>) => {
    if (message.kind === 'hello') {
      if (disconnect) post({ kind: 'state', state });
      return;
    }
    lastHeard = performance.now();
    if (message.kind === 'told') onTold(message.position);
    // A leader that another tab has just taken the lead from may still have had some on the way.
    else if (disconnect) return;
    else if (message.kind === 'frame') onFrame(message.frame);
    else hearState(message.state);
  };

  function hearState(ofLeader: ConnectionState): void {
    onState(ofLeader);
    if (ofLeader !== 'open') return;
    if (isJoining) onJoin();
    isJoining = false;
  }

  function lead(): void {
    isJoining = false;
    disconnect = openConnection({
      userKey,
      locale,
      eventTypes,
      basePath,
      position,
      onFrame(frame) {
        post({ kind: 'frame', frame });
        onFrame(frame);
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
    if (disconnect || performance.now() - lastHeard < LEADER_SILENCE_MS) return;
    lastHeard = performance.now();
    lock.take();
  }

  // What the leader passed on while this page was frozen has gone by.
  function rejoin(event: PageTransitionEvent): void {
    if (event.persisted && !disconnect) join();
  }

  const watch = setInterval(takeOverIfSilent, WATCH_EVERY_MS);
  window.addEventListener('pageshow', rejoin);
  const lock = competeForTabLock({
    name,
    onHeld: lead,
    onLost() {
      // It had not been heard of for too long.
      follow();
      join();
    },
  });
  join();

  return {
    tell: (told) => post({ kind: 'told', position: told }),
    close() {
      clearInterval(watch);
      window.removeEventListener('pageshow', rejoin);
      follow();
      lock.close();
      channel.close();
    },
  };
}
