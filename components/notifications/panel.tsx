'use client';

import {
  Dialog,
  GuardedButton,
  NotificationLink,
  type PanelProps,
  useInboxList,
  usePanel,
  useTranslate,
  useTranslateRich,
  VirtualList,
} from 'belfry/react';
import type { RefObject } from 'react';
import { ConnectionNote } from './connection-note';
import { NotificationEntry, useOpenGroups } from './entry';
import { AllQuiet, Coming, LoadFailure, OlderLeft } from './list-states';
import './notifications.css';
import { RunningJobs } from './running';

interface NotificationPanelProps extends PanelProps {
  inboxPath?: string | undefined;
}

/** The inbox below the bell; on a small screen a sheet in front of the page. Loaded when first wanted. */
export function NotificationPanel({ inboxPath, ...ofBell }: NotificationPanelProps) {
  const { dialog, titleId, isSheet, close } = usePanel(ofBell);
  return (
    <Dialog {...dialog} className="belfry-below belfry-panel belfry-edge">
      <PanelContent
        panel={dialog.ref}
        titleId={titleId}
        isSheet={isSheet}
        onClose={close}
        inboxPath={inboxPath}
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
}: {
  panel: RefObject<HTMLDialogElement | null>;
  titleId: string;
  isSheet: boolean;
  onClose: () => void;
  inboxPath: string | undefined;
}) {
  const t = useTranslate();
  const rich = useTranslateRich();
  const list = useInboxList(panel);
  const { unreadTotal, totals, connection } = list.inbox;
  const hasAny = totals.inbox > 0;
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
        <div className="belfry-head-action">
          {isSheet ? (
            <button type="button" className="belfry-quiet" onClick={onClose}>
              {t('belfry.panel.close')}
            </button>
          ) : (
            hasAny && <ClearAll onClear={list.clearAll} />
          )}
        </div>
      </div>
      {list.problem && (
        <p role="alert" className="belfry-problem">
          {list.problem}
        </p>
      )}
      <RunningJobs />
      <PanelList list={list} panel={panel} onClose={onClose} />
      <ConnectionNote connection={connection} />
      {/* At the foot of the sheet: its head may stand where the bell was. */}
      {((isSheet && hasAny) || inboxPath) && (
        <div className="belfry-foot">
          {isSheet && hasAny && <ClearAll onClear={list.clearAll} />}
          <NotificationLink link={inboxPath ?? null} className="belfry-quiet" onFollow={onClose}>
            {() => t('belfry.panel.inbox')}
          </NotificationLink>
        </div>
      )}
    </>
  );
}

function ClearAll({ onClear }: { onClear: () => void }) {
  const t = useTranslate();
  return (
    <GuardedButton className="belfry-quiet" onPress={onClear}>
      {t('belfry.panel.clear')}
    </GuardedButton>
  );
}

function PanelList({
  list: { inbox, shows, dismissOne, dismissAllOf, markRead, markAllRead, visitAllOf, loadOlder },
  panel,
  onClose,
}: {
  list: ReturnType<typeof useInboxList>;
  panel: RefObject<HTMLDialogElement | null>;
  onClose: () => void;
}) {
  const t = useTranslate();
  const openGroups = useOpenGroups();
  if (shows === 'items') {
    return (
      <VirtualList
        items={inbox.entries}
        hasMore={inbox.hasMore}
        loadingMore={inbox.loadingMore}
        onLoadMore={loadOlder}
        restingPlace={panel}
        className="belfry-scroller"
        listClassName="belfry-list"
        moreClassName="belfry-more"
        renderItem={(entry, handOn) => (
          <NotificationEntry
            entry={entry}
            handOn={handOn}
            openGroups={openGroups}
            onDismiss={dismissOne}
            onFollow={onClose}
            onVisit={markRead}
            onDismissGroup={dismissAllOf}
            onReadGroup={markAllRead}
            onVisitGroup={visitAllOf}
          />
        )}
        renderMore={(load) => (
          <button type="button" className="belfry-quiet" aria-disabled={inbox.loadingMore} onClick={load}>
            {t(inbox.loadingMore ? 'belfry.list.loading-more' : 'belfry.list.more')}
          </button>
        )}
      />
    );
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
