'use client';

import { type NotificationSettingsState, useNotificationSettings, useTranslate } from 'belfry/react';
import { type ReactNode, Suspense, useEffect, useId, useState } from 'react';
import './notifications.css';
import { CategoryList } from './settings-categories';
import { QuietHoursForm } from './settings-quiet-hours';
import { TopicList } from './settings-topics';

// Time to read it; it stands before other things.
const SAVED_SHOWN_MS = 5_000;

export interface NotificationSettingsProps {
  /** What topics are called, by name. Default: by their names. */
  topicNames?: Readonly<Record<string, string>>;
}

/** How somebody wants to be told of what arrives: by category, at which hours, and of which topics. */
export function NotificationSettings(props: NotificationSettingsProps) {
  return (
    <Suspense>
      <SettingsInSections {...props} />
    </Suspense>
  );
}

function SettingsInSections({ topicNames = {} }: NotificationSettingsProps) {
  const t = useTranslate();
  const settings = useNotificationSettings();
  const { status, problem, retry } = settings;
  return (
    <div className="belfry-root belfry-settings">
      {status === 'ready' ? (
        <>
          <Section title={t('belfry.settings.kinds')} text={t('belfry.settings.kinds-text')}>
            <CategoryList settings={settings} />
          </Section>
          <Section title={t('belfry.settings.quiet')} text={t('belfry.settings.quiet-text')}>
            <QuietHoursForm settings={settings} />
          </Section>
          <Section title={t('belfry.settings.topics')} text={t('belfry.settings.topics-text')}>
            <TopicList settings={settings} names={topicNames} />
          </Section>
        </>
      ) : status === 'error' ? (
        <div role="alert" className="belfry-state">
          <p className="belfry-state-title">{t('belfry.settings.failed')}</p>
          <p className="belfry-state-text">{problem}</p>
          <button type="button" className="belfry-plain" onClick={retry}>
            {t('belfry.attempt.again')}
          </button>
        </div>
      ) : (
        <SettingsComing />
      )}
      <Outcome settings={settings} />
    </div>
  );
}

function Section({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="belfry-settings-title">
        {title}
      </h2>
      <p className="belfry-settings-text">{text}</p>
      {children}
    </section>
  );
}

interface OutcomeProps {
  settings: NotificationSettingsState;
}

/** What became of the last change. Always there, so that it is heard when it is filled. */
function Outcome({ settings: { status, saved, problem, settings, topics } }: OutcomeProps) {
  const t = useTranslate();
  const [isRead, setIsRead] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change is told anew
  useEffect(() => {
    setIsRead(false);
    const timer = setTimeout(() => setIsRead(true), SAVED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [saved, settings, topics]);
  return (
    <div className="belfry-settings-outcome">
      <p role="status" className="belfry-settings-saved">
        {saved === 'saving' && <span>{t('belfry.settings.saving')}</span>}
        {saved === 'saved' && !isRead && <span>{t('belfry.settings.saved')}</span>}
      </p>
      {status === 'ready' && problem && (
        <p role="alert" className="belfry-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

/** As high as what comes, so that nothing jumps. */
function SettingsComing() {
  const t = useTranslate();
  return (
    <div>
      <p className="belfry-unseen">{t('belfry.settings.loading')}</p>
      {[1, 2, 3].map((row) => (
        <div key={row} className="belfry-settings-coming" aria-hidden="true" />
      ))}
    </div>
  );
}
