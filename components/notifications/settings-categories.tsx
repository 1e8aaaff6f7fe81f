'use client';

import {
  type CategorySettings,
  type Mode,
  type NotificationSettingsState,
  useCategoryName,
  useTranslate,
  useTranslateRich,
} from 'belfry/react';
import { useState } from 'react';
import './notifications.css';

const MODES = ['toast', 'inbox', 'muted'] as const satisfies readonly Mode[];

interface CategoryListProps {
  settings: NotificationSettingsState;
}

/** One row for each category: how it is shown, with a sound, on the desktop. */
export function CategoryList({ settings }: CategoryListProps) {
  const t = useTranslate();
  const nameOf = useCategoryName();
  const { categories, tryOut, settingsOf, isQuiet } = settings;
  const [tried, setTried] = useState<{ category: string; sentence: string } | null>(null);

  function tryIt(category: string) {
    const { toast, sound, desktop: isWanted } = tryOut(category);
    const desktop = isWanted && settings.desktop === 'granted';
    const { mode } = settingsOf(category);
    const how = sound && desktop ? 'both' : sound ? 'sound' : desktop ? 'desktop' : 'toast';
    const outcome = toast
      ? how
      : mode === 'toast' && isQuiet
        ? 'quiet'
        : mode === 'muted'
          ? 'muted'
          : 'inbox';
    setTried({ category, sentence: t(`belfry.settings.tried.${outcome}`) });
  }

  return (
    <>
      <div className="belfry-settings-rows">
        {categories.map((category) => (
          <CategoryRow
            key={category}
            name={nameOf(category)}
            chosen={settingsOf(category)}
            settings={settings}
            onChange={(some) => {
              setTried(null);
              settings.change(category, some);
            }}
            onTry={() => tryIt(category)}
            tried={tried?.category === category ? tried.sentence : null}
          />
        ))}
      </div>
      <p className="belfry-settings-hint">{t('belfry.settings.muted-text')}</p>
      <DesktopNote settings={settings} />
    </>
  );
}

interface CategoryRowProps {
  name: string;
  chosen: CategorySettings;
  settings: NotificationSettingsState;
  onChange: (some: Partial<CategorySettings>) => void;
  onTry: () => void;
  /** What trying it came to; `null`: it was not tried since it was changed. */
  tried: string | null;
}

function CategoryRow({ name, chosen, settings, onChange, onTry, tried }: CategoryRowProps) {
  const t = useTranslate();
  const rich = useTranslateRich();
  const { mode, sound, desktop } = chosen;
  const isShown = mode === 'toast';
  const cannotShow = settings.desktop === 'unsupported' || settings.desktop === 'denied';

  async function changeDesktop(isWanted: boolean) {
    onChange({ desktop: isWanted });
    if (isWanted) await settings.askForDesktop();
  }

  return (
    <fieldset className="belfry-settings-row">
      <legend className="belfry-settings-name">
        <bdi>{name}</bdi>
      </legend>
      <select
        aria-label={t('belfry.settings.mode')}
        value={mode}
        onChange={({ target }) => onChange({ mode: target.value as Mode })}
        className="belfry-settings-select"
      >
        {MODES.map((each) => (
          <option key={each} value={each}>
            {t(`belfry.settings.mode.${each}`)}
          </option>
        ))}
      </select>
      <label className="belfry-settings-check">
        <input
          type="checkbox"
          checked={sound}
          disabled={!isShown}
          onChange={({ target }) => onChange({ sound: target.checked })}
        />
        <span>{t('belfry.settings.sound')}</span>
      </label>
      <label className="belfry-settings-check">
        <input
          type="checkbox"
          checked={desktop}
          // What was chosen in another browser can be taken back here.
          disabled={!isShown || (cannotShow && !desktop)}
          onChange={({ target }) => void changeDesktop(target.checked)}
        />
        <span>{t('belfry.settings.desktop')}</span>
      </label>
      <button type="button" className="belfry-quiet belfry-settings-try" onClick={onTry}>
        <span>
          {rich('belfry.settings.try', { category: name, more: <span className="belfry-unseen" /> })}
        </span>
      </button>
      <p role="status" className="belfry-settings-tried">
        {tried && <span>{tried}</span>}
      </p>
    </fieldset>
  );
}

/** What this browser has been told of notifications on the desktop, where that matters. */
function DesktopNote({ settings }: { settings: NotificationSettingsState }) {
  const t = useTranslate();
  const { desktop, categories, settingsOf, askForDesktop } = settings;
  const isWanted = categories.some((category) => settingsOf(category).desktop);
  if (desktop === 'unsupported' || desktop === 'denied') {
    return <p className="belfry-settings-note">{t(`belfry.settings.desktop.${desktop}`)}</p>;
  }
  if (!isWanted || desktop === 'granted') {
    return <p className="belfry-settings-hint">{t('belfry.settings.desktop-text')}</p>;
  }
  return (
    <div className="belfry-settings-note">
      <p>{t('belfry.settings.desktop-ask')}</p>
      <button type="button" className="belfry-plain" onClick={() => void askForDesktop()}>
        {t('belfry.settings.desktop-allow')}
      </button>
    </div>
  );
}
