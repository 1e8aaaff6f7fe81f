/**
 * What one tab of a browser has at a time. A tab waits for it, and may take it by force; when the holder closes,
 * crashes or freezes, another one gets it. Where the browser has Web Locks they decide; elsewhere (plain http in
 * a local network) the tabs hold an election.
 */

export interface TabLockOptions {
  name: string;
  onHeld: () => void;
  /** Another tab has it now. This one waits for it again. */
  onLost: () => void;
}

export interface TabLock {
  /** Takes it from whichever tab has it. Nothing when this one has it. */
  take: () => void;
  /** Gives it up, and waits no longer. Neither callback comes afterwards. */
  close: () => void;
}

/** Begins to wait. */
export function competeForTabLock(options: TabLockOptions): TabLock {
  return 'locks' in navigator ? waitForWebLock(options) : standForElection(options);
}

function waitForWebLock({ name, onHeld, onLost }: TabLockOptions): TabLock {
  /** The request that has the lock. */
  let holding: object | null = null;
  let isQueued = false;
  let closed = false;
  let release: () => void = () => {};

  function request(options: LockOptions): void {
    const mine = {};

    function hold(): Promise<void> | undefined {
      if (!options.steal) isQueued = false;
      if (closed) return;
      const isFirst = holding === null;
      holding = mine;
      if (isFirst) onHeld();
      // The lock is held for as long as this promise is open.
      return new Promise((resolve) => {
        release = resolve;
      });
    }

    navigator.locks.request(name, options, hold).catch((error: unknown) => {
      // A lock that was taken ends as an AbortError; after anything else the next try would fail as well.
      const isTaken = error instanceof DOMException && error.name === 'AbortError';
      if (closed || !isTaken || holding !== mine) return;
      holding = null;
      onLost();
      queue();
    });
  }

  // One request at a time: the browser keeps every one that waits until it has had its turn.
  function queue(): void {
    if (isQueued) return;
    isQueued = true;
    request({});
  }

  queue();
  return {
    take() {
      if (holding === null) request({ steal: true });
    },
    close() {
      closed = true;
      release();
    },
  };
}

/**
 * `beacon`: I hold it. `take`: I hold it from now on, whoever does. `ask`: does anybody? `bye`: I held it. Of two holders
 * the one with the higher term is right.
 */
type Ballot = { kind: 'beacon' | 'take' | 'ask' | 'bye'; term: number; id: string };

const BEACON_EVERY_MS = 1_000;
// Three beacons.
const HOLDER_SILENCE_MS = 3_000;
// A tab in the background may send its beacons once a minute only, but it answers at once.
const ANSWER_WITHIN_MS = 300;
// So that after a goodbye not all ask, and then take, in the same instant.
const SPREAD_MS = 100;

/**
 * Tabs tell each other over a BroadcastChannel. Whoever holds the lock says so every second; whoever hears
 * nothing for three seconds asks, and takes it when nobody answers. Each taking raises the term, so that a tab
 * that was frozen while it held the lock gives way as soon as it hears; of two that took it at once, the lower
 * id keeps it.
 */
function standForElection({ name, onHeld, onLost }: TabLockOptions): TabLock {
  // One tab alone knows of no other.
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`${name}-lock`);
  const id = `${Math.random()}`.slice(2);
  let held = false;
  let closed = false;
  let term = 0;
  let lastHeard = Number.NEGATIVE_INFINITY;
  /** It was just taken by force: what the holder before has still said is out of date, whatever its term was. */
  let isForced = false;
  let askTimer: ReturnType<typeof setTimeout> | undefined;
  let takeTimer: ReturnType<typeof setTimeout> | undefined;

  const post = (kind: Ballot['kind']) => channel?.postMessage({ kind, term, id } satisfies Ballot);

  function hold(kind: 'beacon' | 'take' = 'beacon'): void {
    if (held || closed) return;
    held = true;
    term += 1;
    isForced = kind === 'take';
    stopAsking();
    post(kind);
    onHeld();
  }

  function giveWay(): void {
    if (!held) return;
    held = false;
    onLost();
  }

  function ask(): void {
    stopAsking();
    post('ask');
    takeTimer = setTimeout(() => hold(), channel ? ANSWER_WITHIN_MS + Math.random() * SPREAD_MS : 0);
  }

  function stopAsking(): void {
    clearTimeout(askTimer);
    clearTimeout(takeTimer);
    takeTimer = undefined;
  }

  function receive({ data: ballot }: MessageEvent<Ballot>): void {
    if (ballot.kind === 'ask') {
      if (held) post('beacon');
      return;
    }
    if (ballot.kind === 'bye') {
      if (held || ballot.term < term) return;
      stopAsking();
      askTimer = setTimeout(ask, Math.random() * SPREAD_MS);
      return;
    }
    if (ballot.kind === 'take') isForced = false;
    const isRight =
      ballot.kind === 'take' || ballot.term > term || (ballot.term === term && (!held || ballot.id < id));
    if (!isRight) {
      if (held) post('beacon');
      return;
    }
    if (held && isForced) {
      term = Math.max(term, ballot.term + 1);
      post('beacon');
      return;
    }
    term = Math.max(term, ballot.term);
    lastHeard = performance.now();
    stopAsking();
    giveWay();
  }

  function watch(): void {
    isForced = false;
    if (held) post('beacon');
    else if (takeTimer === undefined && performance.now() - lastHeard > HOLDER_SILENCE_MS) ask();
  }

  // A page that the browser keeps for going back is frozen: the others need not find that out.
  function leave(): void {
    if (!held) return;
    post('bye');
    giveWay();
  }

  if (channel) channel.onmessage = receive;
  const beacon = setInterval(watch, BEACON_EVERY_MS);
  window.addEventListener('pagehide', leave);
  ask();

  return {
    take: () => hold('take'),
    close() {
      closed = true;
      clearInterval(beacon);
      stopAsking();
      window.removeEventListener('pagehide', leave);
      if (held) post('bye');
      held = false;
      channel?.close();
    },
  };
}
