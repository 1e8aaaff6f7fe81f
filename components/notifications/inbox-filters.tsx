'use client';

import { type ItemFilter, KEYS, type Priority, useCategoryName, useTranslate } from 'belfry/react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { Icon } from './icons';
import './notifications.css';

const VIEWS = ['inbox', 'unread', 'snoozed', 'done'] as const;
const PRIORITIES: readonly Priority[] = ['CRITICAL', 'HIGH', 'NORMAL', 'LOW'];
const URGENT = 'HIGH,CRITICAL';
// Somebody who types goes on typing.
const PAUSE_MS = 200;

interface InboxFiltersProps {
  filter: ItemFilter;
  setFilter: (filter: ItemFilter, how?: 'push' | 'replace') => void;
}

/** Which part of the notifications is seen, with how many there are where that matters. */
export function InboxViews({
  filter,
  setFilter,
  totals,
}: InboxFiltersProps & { totals: { inbox: number; unread: number; snoozed: number } }) {
  const t = useTranslate();
  const counts = { ...totals, done: 0 };
  return (
    <fieldset aria-label={t('belfry.inbox.views')} className="belfry-views">
      {VIEWS.map((view) => (
        <button
          key={view}
          type="button"
          aria-pressed={view === (filter.view ?? 'inbox')}
          onClick={() => setFilter({ ...filter, view })}
          className="belfry-view"
        >
          <span>{t(`belfry.inbox.${view}`)}</span>
          {/* Its place is kept while the number is on its way. */}
          {view !== 'done' && <span className="belfry-view-count">{counts[view] > 0 && counts[view]}</span>}
        </button>
      ))}
    </fieldset>
  );
}

/** Category, priority and words. */
export function InboxFilters({
  filter,
  setFilter,
  categories,
  search,
  hasKeys,
  onLeave,
}: InboxFiltersProps & {
  categories: readonly string[];
  search: RefObject<HTMLInputElement | null>;
  hasKeys: boolean;
  /** Escape was pressed in the search. */
  onLeave: () => void;
}) {
  const t = useTranslate();
  const nameOf = useCategoryName();
  const priority = filter.priorities?.join() ?? '';
  // What an address asks for is a choice as well, also where nothing of it is left.
  const listed = filter.category ? [...new Set([...categories, filter.category])].sort() : categories;
  return (
    <fieldset aria-label={t('belfry.inbox.filter')} className="belfry-filters">
      {listed.length > 1 && (
        <select
          aria-label={t('belfry.inbox.category')}
          value={filter.category ?? ''}
          onChange={({ target }) => setFilter({ ...filter, category: target.value })}
          className="belfry-choice"
        >
          <option value="">{t('belfry.inbox.every-category')}</option>
          {listed.map((category) => (
            <option key={category} value={category}>
              {nameOf(category)}
            </option>
          ))}
        </select>
      )}
      <select
        aria-label={t('belfry.inbox.priority')}
        value={priority}
        onChange={({ target }) =>
          setFilter({ ...filter, priorities: target.value.split(',').filter(Boolean) as Priority[] })
        }
        className="belfry-choice"
      >
        <option value="">{t('belfry.inbox.every-priority')}</option>
        <option value={URGENT}>{t('belfry.inbox.urgent')}</option>
        {PRIORITIES.map((each) => (
          <option key={each} value={each}>
            {t(`belfry.priority.${each}`)}
          </option>
        ))}
      </select>
      <SearchField
        q={filter.q ?? ''}
        onSearch={(q) => setFilter({ ...filter, q }, 'replace')}
        field={search}
        hasKeys={hasKeys}
        onLeave={onLeave}
      />
    </fieldset>
  );
}

function SearchField({
  q,
  onSearch,
  field,
  hasKeys,
  onLeave,
}: {
  q: string;
  onSearch: (q: string) => void;
  field: RefObject<HTMLInputElement | null>;
  hasKeys: boolean;
  onLeave: () => void;
}) {
  const t = useTranslate();
  const [text, setText] = useState(q);
  const [asked, setAsked] = useState(q);
  const search = useRef(onSearch);
  useEffect(() => {
    search.current = onSearch;
  });
  // Back, or a link, asks for something else.
  if (q !== asked) {
    setAsked(q);
    setText(q);
  }
  useEffect(() => {
    if (text === asked) return;
    const timer = setTimeout(() => {
      setAsked(text);
      search.current(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, asked]);

  return (
    <div className="belfry-search">
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        dir="auto"
        enterKeyHint="search"
        aria-label={t('belfry.inbox.search')}
        aria-keyshortcuts={hasKeys ? KEYS.search : undefined}
        placeholder={t('belfry.inbox.search')}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          setText('');
          onLeave();
        }}
        className="belfry-field belfry-search-field"
      />
    </div>
  );
}
