'use client';

import {
  Dialog,
  GuardedButton,
  NotificationLink,
  type PanelProps,
  useInboxList,
  usePanel,
  VirtualList,
} from 'belfry/react';
import type { RefObject } from 'react';
import { ConnectionNote } from './connection-note';
import { NotificationItem } from './item';
import { AllQuiet, Coming, LoadFailure, OlderLeft } from './list-states';
import styles from './notifications.module.css';

interface NotificationPanelProps extends PanelProps {
  inboxPath?: string | undefined;
}

/** The inbox below the bell; on a small screen a sheet in front of the page. Loaded when first wanted. */
export function NotificationPanel({ inboxPath, ...ofBell }: NotificationPanelProps) {
  const { dialog, titleId, isSheet, close } = usePanel(ofBell);
  return (
    <Dialog {...dialog} className={`${styles.below} ${styles.panel} ${styles.edge}`}>
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
  const list = useInboxList(panel);
  const { unreadTotal, totals, connection } = list.inbox;
  const hasAny = totals.inbox > 0;
  return (
    <>
      <div className={styles.head}>
        <h2 id={titleId} className={styles.title}>
          Notifications
        </h2>
        {unreadTotal > 0 && (
          <p className={`${styles.count} ${styles.edge}`}>
            <span>{unreadTotal.toLocaleString('en-GB')}</span>
            <span className={styles.countWord}> unread</span>
          </p>
        )}
        <div className={styles.headAction}>
          {isSheet ? (
            <button type="button" className={styles.quiet} onClick={onClose}>
              Done
            </button>
          ) : (
            hasAny && <ClearAll onClear={list.clearAll} />
          )}
        </div>
      </div>
      {list.problem && (
        <p role="alert" className={styles.problem}>
          {list.problem}
        </p>
      )}
      <PanelList list={list} panel={panel} onClose={onClose} />
      <ConnectionNote connection={connection} />
      {/* At the foot of the sheet: its head may stand where the bell was. */}
      {((isSheet && hasAny) || inboxPath) && (
        <div className={styles.foot}>
          {isSheet && hasAny && <ClearAll onClear={list.clearAll} />}
          <NotificationLink link={inboxPath ?? null} className={styles.quiet} onFollow={onClose}>
            {() => 'Open inbox'}
          </NotificationLink>
        </div>
      )}
    </>
  );
}

function ClearAll({ onClear }: { onClear: () => void }) {
  return (
    <GuardedButton className={styles.quiet} onPress={onClear}>
      Clear all
    </GuardedButton>
  );
}

function PanelList({
  list: { inbox, shows, dismissOne, markRead, loadOlder },
  panel,
  onClose,
}: {
  list: ReturnType<typeof useInboxList>;
  panel: RefObject<HTMLDialogElement | null>;
  onClose: () => void;
}) {
  if (shows === 'items') {
    return (
      <VirtualList
        items={inbox.items}
        total={inbox.totals.inbox}
        hasMore={inbox.hasMore}
        loadingMore={inbox.loadingMore}
        onLoadMore={loadOlder}
        onLeave={dismissOne}
        restingPlace={panel}
        className={styles.scroller}
        listClassName={styles.list}
        moreClassName={styles.more}
        renderItem={(item, leave) => (
          <NotificationItem notification={item} onDismiss={leave} onFollow={onClose} onVisit={markRead} />
        )}
        renderMore={(load) => (
          <button type="button" className={styles.quiet} aria-disabled={inbox.loadingMore} onClick={load}>
            {inbox.loadingMore ? 'Loading older…' : 'Load older'}
          </button>
        )}
      />
    );
  }
  return (
    <div className={styles.scroller}>
      {shows === 'loading' && <Coming />}
      {shows === 'failure' && <LoadFailure onRetry={inbox.retry} />}
      {shows === 'empty' && (
        <AllQuiet title="All quiet" text="You have seen everything. What comes next rings here." />
      )}
      {shows === 'older' && <OlderLeft isLoading={inbox.loadingMore} onLoad={loadOlder} />}
    </div>
  );
}
