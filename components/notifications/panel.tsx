'use client';

import {
  Dialog,
  GuardedButton,
  KEYS,
  NotificationLink,
  type PanelProps,
  useInboxKeys,
  useInboxList,
  usePanel,
  useRowKeys,
  useTranslate,
  useTranslateRich,
  useUndo,
} from 'belfry/react';
import type { RefObject } from 'react';
import { ConnectionNote } from './connection-note';
import { EntryList } from './entry-list';
import { AllQuiet, Coming, LoadFailure, OlderLeft } from './list-states';
import './notifications.css';
import { RunningJobs } from './running';
import { UndoLine } from './undo-line';

interface NotificationPanelProps extends PanelProps {
  inboxPath?: string | undefined;
  /** `false`: its keys are left alone. Default: they work while the focus is in it. */
  keyboard?: boolean;
}

/** The inbox below the bell; on a small screen a sheet in front of the page. Loaded when first wanted. */
export function NotificationPanel({ inboxPath, keyboard = true, ...ofBell }: NotificationPanelProps) {
  const { dialog, titleId, isSheet, close } = usePanel(ofBell);
  return (
    <Dialog {...dialog} className="belfry-below belfry-panel belfry-edge">
      <PanelContent
        panel={dialog.ref}
        titleId={titleId}
        isSheet={isSheet}
        onClose={close}
        inboxPath={inboxPath}
        keyboard={keyboard}
      />
    </Dialog>
  );
}

function PanelContent({
  panel,
  titleId,
  isSheet,
  onClose,
  inboxPath,
  keyboard,
}: {
  panel: RefObject<HTMLDialogElement | null>;
  titleId: string;
  isSheet: boolean;
  onClose: () => void;
  inboxPath: string | undefined;
  keyboard: boolean;
}) {
  const t = useTranslate();
  const rich = useTranslateRich();
  const list = useInboxList(panel);
  const { entries, unreadTotal, totals, connection } = list.inbox;
  const hasAny = totals.inbox > 0;
  const rows = useRowKeys(panel, entries);
  const { undo } = useUndo();
  useInboxKeys(
    { within: panel, isOn: keyboard },
    {
      next: () => rows.move(1),
      previous: () => rows.move(-1),
      done: () => rows.press('[data-dismiss]'),
      read: () => rows.press('[data-mark="read"]'),
      unread: () => rows.press('[data-mark="unread"]'),
      snooze: () => rows.press('[data-snooze]'),
      'all-done': () => hasAny && list.clearAll(),
      undo,
    },
  );
  return (
    <>
      <div className="belfry-head">
        <h2 id={titleId} className="belfry-title">
          {t('belfry.panel.title')}
        </h2>
        {unreadTotal > 0 && (
          <p className="belfry-count belfry-edge">
            {rich('belfry.panel.unread', {
              unread: unreadTotal,
              word: <span className="belfry-count-word" />,
            })}
          </p>
        )}
        {isSheet && (
          <button type="button" className="belfry-quiet belfry-head-action" onClick={onClose}>
            {t('belfry.panel.close')}
          </button>
        )}
      </div>
      {list.problem && (
        <p role="alert" className="belfry-problem">
          {list.problem}
        </p>
      )}
      <RunningJobs />
      <PanelList list={list} panel={panel} onClose={onClose} keyboard={keyboard} />
      <div className="belfry-at-foot">
        <UndoLine hasKeys={keyboard} restingPlace={panel} />
      </div>
      <ConnectionNote connection={connection} />
      {/* Never where the bell was: at the foot, behind what it is about. */}
      {(hasAny || inboxPath) && (
        <div className="belfry-foot">
          <NotificationLink link={inboxPath ?? null} className="belfry-quiet" onFollow={onClose}>
            {() => t('belfry.panel.inbox')}
          </NotificationLink>
          {hasAny && (
            <GuardedButton
              className="belfry-quiet belfry-foot-end"
              aria-keyshortcuts={keyboard ? KEYS['all-done'] : undefined}
              onPress={list.clearAll}
            >
              {t('belfry.panel.clear')}
            </GuardedButton>
          )}
        </div>
      )}
    </>
  );
}

function PanelList({
  list,
  panel,
  onClose,
  keyboard,
}: {
  list: ReturnType<typeof useInboxList>;
  panel: RefObject<HTMLDialogElement | null>;
  onClose: () => void;
  keyboard: boolean;
}) {
  const t = useTranslate();
  const { inbox, shows, loadOlder } = list;
  if (shows === 'items') {
    return <EntryList list={list} scrolls="box" restingPlace={panel} hasKeys={keyboard} onFollow={onClose} />;
  }
  return (
    <div className="belfry-scroller">
      {shows === 'loading' && <Coming />}
      {shows === 'failure' && <LoadFailure onRetry={inbox.retry} />}
      {shows === 'empty' && <AllQuiet title={t('belfry.list.quiet')} text={t('belfry.list.quiet-panel')} />}
      {shows === 'older' && <OlderLeft isLoading={inbox.loadingMore} onLoad={loadOlder} />}
    </div>
  );
}
