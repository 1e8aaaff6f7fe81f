/** What a key asks a list of notifications to do. */
export type KeyCommand =
  | 'help'
  | 'next'
  | 'previous'
  | 'done'
  | 'read'
  | 'unread'
  | 'snooze'
  | 'undo'
  | 'all-done'
  | 'select'
  | 'search'
  | 'leave';

/** What of a keyboard event matters. */
export type PressedKey = Pick<
  KeyboardEvent,
  'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'isComposing'
>;

/** Each key, as `?` tells them and as `aria-keyshortcuts` has them. */
export const KEYS: Readonly<Record<KeyCommand, string>> = {
  help: '?',
  next: 'j',
  previous: 'k',
  done: 'e',
  read: 'r',
  unread: 'u',
  snooze: 's',
  undo: 'z',
  'all-done': 'Shift+A',
  select: 'x',
  search: '/',
  leave: 'Escape',
};

const COMMANDS = /* @__PURE__ */ new Map(
  (Object.entries(KEYS) as [KeyCommand, string][]).map(([command, key]) => [key.toLowerCase(), command]),
);

/** What a key asks for; `null`: nothing. Keys with Ctrl, Alt or the command key are the browser's. */
export function keyCommand(pressed: PressedKey): KeyCommand | null {
  if (isOthers(pressed)) return null;
  const { key, shiftKey } = pressed;
  // Signs have their Shift in them, wherever they stand on a keyboard. Capitals may come from Caps Lock.
  const isLetter = /^\p{L}$/u.test(key);
  return COMMANDS.get(isLetter && shiftKey ? `shift+${key.toLowerCase()}` : key.toLowerCase()) ?? null;
}

// Whoever waits longer than this has begun something else.
const SECOND_KEY_WITHIN_MS = 1_500;

/** Where `g` and another key lead: returns the other key when it is pressed in time. One for a page. */
export function createGoKeys(now: () => number): (pressed: PressedKey) => string | null {
  let begunAt = Number.NEGATIVE_INFINITY;
  return (pressed) => {
    const key = pressed.key.toLowerCase();
    // To hold Shift for what follows is no other key.
    if (key === 'shift') return null;
    const isSecond = now() - begunAt <= SECOND_KEY_WITHIN_MS;
    begunAt = Number.NEGATIVE_INFINITY;
    if (isOthers(pressed)) return null;
    if (isSecond) return key;
    if (key === 'g') begunAt = now();
    return null;
  };
}

function isOthers({ altKey, ctrlKey, metaKey, isComposing }: PressedKey): boolean {
  return altKey || ctrlKey || metaKey || isComposing;
}

const TYPED_IN =
  'textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"], [role="combobox"], [role="listbox"], [role="menu"], [role="grid"]';
// Of these a letter means nothing.
const NOT_TYPED_IN = new Set(['button', 'checkbox', 'radio', 'submit', 'reset', 'image', 'file']);

/** Whether a key that is pressed there is meant for it: it is typed in. */
export function takesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLInputElement) return !NOT_TYPED_IN.has(target.type);
  return target.closest(TYPED_IN) !== null;
}
