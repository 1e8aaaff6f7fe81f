'use client';

import { type NotificationSettingsState, useTranslate, useTranslateRich } from 'belfry/react';
import './notifications.css';

interface TopicListProps {
  settings: NotificationSettingsState;
  names: Readonly<Record<string, string>>;
}

/** What somebody follows, or has left by themselves and may come back to. */
export function TopicList({ settings, names }: TopicListProps) {
  const t = useTranslate();
  const rich = useTranslateRich();
  const { topics, follow, unfollow } = settings;
  if (topics.length === 0) return <p className="belfry-settings-hint">{t('belfry.settings.no-topics')}</p>;
  return (
    <ul
      // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
      role="list"
      className="belfry-settings-topics"
    >
      {topics.map(({ name, isFollowed }) => {
        const topic = names[name] ?? name;
        const values = { topic, more: <span className="belfry-unseen" /> };
        return (
          <li key={name} className="belfry-settings-topic">
            <div>
              <bdi className="belfry-settings-name">{topic}</bdi>
              {!isFollowed && <p className="belfry-settings-hint">{t('belfry.settings.left')}</p>}
            </div>
            {/* The same button, so that the focus stays where it is. */}
            <button
              type="button"
              className="belfry-plain"
              onClick={() => void (isFollowed ? unfollow(name) : follow(name))}
            >
              <span>{rich(isFollowed ? 'belfry.settings.unfollow' : 'belfry.settings.follow', values)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
