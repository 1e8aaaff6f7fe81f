'use client';

import {
  type ComponentProps,
  type ComponentType,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { DELIBERATE } from './deliberate.ts';
import { leaveEmptyHistoryEntry } from './history-entry.ts';
import { useTranslate } from './language.tsx';
import { closePanel, isPanelOpen, openPanel, subscribeToPanel } from './panel-state.ts';
import { useSettings } from './settings.ts';
import { useUnread } from './use-unread.ts';
import { useView } from './use-view.ts';

const NO_ITEMS: readonly [] = [];

/** What a panel is given by its bell. */
export interface PanelProps {
  id: string;
  open: boolean;
  /** Gets the focus back. */
  bell: RefObject<HTMLButtonElement | null>;
}

/** Everything about a bell but its look. */
export interface Bell<Props extends PanelProps> {
  unreadTotal: number;
  /** Of the newest that arrived while the page was open; 0: nothing did. */
  newestLiveId: number;
  /** For a `<button>`: its accessible name holds the count. */
  button: ComponentProps<'button'>;
  open: boolean;
  /** `null` until its code is there. Wants `panel` among its props. */
  Panel: ComponentType<Props> | null;
  panel: PanelProps;
  /** Why its code could not be fetched, in a sentence; `null`: nothing has failed. */
  failure: string | null;
  /** Fetches the code of the panel, also after a failure. */
  load: () => void;
}

/**
 * A bell with a panel, whose code is fetched when somebody reaches for the bell. One bell a page.
 *
 * @param importPanel Imports the panel. The same function each time.
 */
export function useBell<Props extends PanelProps>(
  importPanel: () => Promise<ComponentType<Props>>,
): Bell<Props> {
  const items = useView('items', NO_ITEMS);
  const status = useView('status', 'loading');
  const unreadTotal = useUnread();
  const t = useTranslate();
  const open = useSyncExternalStore(subscribeToPanel, isPanelOpen, () => false);
  const { Panel, failure, load } = usePanelCode(importPanel);
  const bell = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (open) load();
  }, [open, load]);
  useEffect(leaveEmptyHistoryEntry, []);

  return {
    unreadTotal,
    newestLiveId: newestLiveId(items),
    open,
    Panel,
    failure,
    load,
    panel: { id, open, bell },
    button: {
      ref: bell,
      type: 'button',
      'aria-label':
        unreadTotal > 0 || status === 'ready'
          ? t('belfry.bell.label', { unread: unreadTotal })
          : t('belfry.bell.name'),
      'aria-haspopup': 'dialog',
      'aria-expanded': open,
      'aria-controls': open ? id : undefined,
      onPointerEnter: load,
      onFocus: load,
      ...DELIBERATE,
      onClick: open ? closePanel : openPanel,
    },
  };
}

function usePanelCode<Props>(importPanel: () => Promise<ComponentType<Props>>) {
  const { version } = useSettings();
  const t = useTranslate();
  const [Panel, setPanel] = useState<ComponentType<Props> | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const load = useCallback(async () => {
    try {
      const Loaded = await importPanel();
      setPanel(() => Loaded);
      setFailure(null);
    } catch {
      setFailure(t((await version.ask()) ? 'belfry.version.reload' : 'belfry.bell.not-opened'));
    }
  }, [importPanel, version, t]);
  return { Panel, failure, load };
}

function newestLiveId(items: readonly { id: number; isRecovered: boolean }[]) {
  return items.reduce((newest, item) => (item.isRecovered ? newest : Math.max(newest, item.id)), 0);
}
