/**
 * The one place that opens an `EventSource`. The browser's own reconnecting is not enough: it gives up
 * for good after a 401, 429 or 503, and a connection may be dead without an error after sleep or a
 * return through the back-forward cache. So silence is watched for, and a dead stream is made anew.
 */

export type ConnectionState = 'connecting' | 'open' | 'down';

export interface EventConnectionOptions {
  /** Whose page this is. Nobody else's stream will do. */
  userKey: string;
  /** Types to ask for, beside the control events. */
  eventTypes: readonly string[];
  /** Called for every event, `inbox`, `heartbeat` and `session-ended` among them. */
  onEvent: (eventType: string, data: unknown) => void;
  onState: (state: ConnectionState) => void;
}

const CONTROL_EVENTS = ['inbox', 'heartbeat', 'reconnect', 'session-ended'];
// Three heartbeats of 15 s: one may be late, two are not.
const SILENCE_MS = 45_000;
const WATCH_EVERY_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Opens the stream and keeps it open. Returns its own undo.
 *
 * `onState('open')` comes when the server has answered, `'down'` whenever it has gone; the next try
 * follows by itself, after a pause that grows and is spread at random.
 */
export function openEventConnection(options: EventConnectionOptions): () => void {
  const { userKey, eventTypes, onEvent, onState } = options;
  let source: EventSource | null = null;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let lastHeard = Date.now();

  function open(): void {
    close();
    lastHeard = Date.now();
    onState('connecting');
    const opened = new EventSource(`/sse/${eventTypes.map(encodeURIComponent).join(',')}?user=${userKey}`);
    source = opened;
    opened.addEventListener('open', () => {
      lastHeard = Date.now();
      failures = 0;
      onState('open');
    });
    opened.addEventListener('error', () => reopenLater());
    for (const eventType of [...eventTypes, ...CONTROL_EVENTS]) {
      opened.addEventListener(eventType, (event: MessageEvent<string>) => {
        lastHeard = Date.now();
        const data: unknown = JSON.parse(event.data);
        if (eventType === 'reconnect') reopenLater((data as { afterMs: number }).afterMs);
        else onEvent(eventType, data);
      });
    }
  }

  function close(): void {
    clearTimeout(retryTimer);
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
    if (source && Date.now() - lastHeard > SILENCE_MS) open();
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
