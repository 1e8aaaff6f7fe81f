/**
 * The one place that opens an `EventSource`. The browser's own reconnecting is not enough: it gives up
 * for good after a 401, 429 or 503, and a connection may be dead without an error: after sleep, after a return
 * through the back-forward cache, behind a proxy that holds back what the server sends. So silence is watched
 * for, and a dead stream is made anew.
 */

import { localeQuery } from './translate-client.ts';

/** `open`: data has come. `connecting`: it may come any moment. `down`: the next try follows after a pause. */
export type ConnectionState = 'connecting' | 'open' | 'down';

/** One frame of the stream: its event type, and its data as the server wrote it. */
export interface RawFrame {
  eventType: string;
  data: string;
  /** Of the first `inbox` frame of a stream: the position that it was asked to resume at; `null`: none. */
  since?: string | null;
}

export interface ConnectionOptions {
  /** Whose page this is. Nobody else's stream will do. */
  userKey: string;
  /** The language of the page, as a BCP 47 tag: what the server puts into words is in it. */
  locale: string;
  /** Types to ask for, beside the control events. */
  eventTypes: readonly string[];
  /** Where the app lives on its host, such as `/app`. Default: at the root. */
  basePath?: string;
  /** The position to resume at, asked for whenever a stream is opened; `null`: from the beginning. */
  position: () => string | null;
  /** Called for every frame, those of `inbox`, `heartbeat` and `session-ended` among them. */
  onFrame: (frame: RawFrame) => void;
  onState: (state: ConnectionState) => void;
}

const CONTROL_EVENTS = ['inbox', 'heartbeat', 'reconnect', 'session-ended'];
// Every stream begins with a frame `inbox`, as soon as the database has answered.
const FIRST_FRAME_WITHIN_MS = 10_000;
// Three heartbeats of 15 s: one may be late, two are not.
const SILENCE_MS = 45_000;
const WATCH_EVERY_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Opens the stream and keeps it open. Returns its own undo.
 *
 * `onState('open')` comes when the first frame `inbox` has come, after it was passed on; `'down'` whenever the
 * stream has gone. The next try follows by itself, after a pause that grows and is spread at random.
 */
export function openConnection({
  userKey,
  locale,
  eventTypes,
  basePath = '',
  position,
  onFrame,
  onState,
}: ConnectionOptions): () => void {
  let source: EventSource | null = null;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let firstFrameTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let lastHeard = performance.now();

  function open(): void {
    close();
    lastHeard = performance.now();
    onState('connecting');
    const since = position();
    const types = eventTypes.map(encodeURIComponent).join(',');
    const resume = since === null ? '' : `&since=${encodeURIComponent(since)}`;
    const opened = new EventSource(
      `${basePath}/sse/${types}?user=${userKey}&${localeQuery(locale)}${resume}`,
    );
    let hasBegun = false;
    source = opened;
    // Answered is not enough: a proxy may pass the head and hold the body.
    firstFrameTimer = setTimeout(() => reopenLater(), FIRST_FRAME_WITHIN_MS);
    opened.addEventListener('error', () => reopenLater());
    for (const eventType of [...eventTypes, ...CONTROL_EVENTS]) {
      opened.addEventListener(eventType, ({ data }: MessageEvent<string>) => {
        lastHeard = performance.now();
        if (eventType === 'reconnect') {
          reopenLater((JSON.parse(data) as { afterMs: number }).afterMs);
        } else if (eventType === 'inbox' && !hasBegun) {
          hasBegun = true;
          clearTimeout(firstFrameTimer);
          failures = 0;
          onFrame({ eventType, data, since });
          onState('open');
        } else {
          onFrame({ eventType, data });
        }
      });
    }
  }

  function close(): void {
    clearTimeout(retryTimer);
    clearTimeout(firstFrameTimer);
    source?.close();
    source = null;
  }

  function reopenLater(afterMs = backOff(failures)): void {
    close();
    failures += 1;
    onState('down');
    retryTimer = setTimeout(open, afterMs);
  }

  function reopenIfSilent(): void {
    if (source && performance.now() - lastHeard > SILENCE_MS) open();
  }

  // Somebody is looking again, or the network is back: no reason to wait any longer.
  function reopenIfDown(): void {
    if (!source) open();
    else reopenIfSilent();
  }

  function onPageShow(event: PageTransitionEvent): void {
    if (event.persisted) open();
  }

  function onVisible(): void {
    if (document.visibilityState === 'visible') reopenIfDown();
  }

  const watch = setInterval(reopenIfSilent, WATCH_EVERY_MS);
  // Without a network a stream stays silent, and looks open. One that still works, as on this machine
  // itself, opens again at once.
  window.addEventListener('offline', open);
  window.addEventListener('online', open);
  window.addEventListener('pageshow', onPageShow);
  document.addEventListener('visibilitychange', onVisible);
  open();

  return () => {
    clearInterval(watch);
    window.removeEventListener('offline', open);
    window.removeEventListener('online', open);
    window.removeEventListener('pageshow', onPageShow);
    document.removeEventListener('visibilitychange', onVisible);
    close();
  };
}

/** Between half and all of 1 s, 2 s, 4 s … 30 s: many clients must not come back in one instant. */
function backOff(failures: number): number {
  const longest = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
  return longest / 2 + Math.random() * (longest / 2);
}
