'use client';

import { type NotificationSettingsState, type QuietHours, useTimeWords, useTranslate } from 'belfry/react';
import { useId, useMemo, useState } from 'react';
import './notifications.css';

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
// A Monday.
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 24 * 60 * 60_000;

/** When nothing makes itself known but what is critical. */
export function QuietHoursForm({ settings }: { settings: NotificationSettingsState }) {
  const t = useTranslate();
  const { locale } = useTimeWords();
  const id = useId();
  const zones = useMemo(zonesOfThisBrowser, []);
  const hours = settings.settings.quietHours ?? proposal();
  const { on, from, to, days, timeZone } = hours;
  const change = (some: Partial<QuietHours>) => settings.changeQuietHours({ ...hours, ...some });
  const nameOf = (day: number, weekday: 'short' | 'long') =>
    new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' }).format(MONDAY + (day - 1) * DAY_MS);

  return (
    <div>
      <label className="belfry-settings-check">
        <input type="checkbox" checked={on} onChange={({ target }) => change({ on: target.checked })} />
        <span>{t('belfry.settings.quiet-on')}</span>
      </label>
      {on && (
        <>
          <div className="belfry-settings-fields">
            <TimeField
              label={t('belfry.settings.begins')}
              time={from}
              onChange={(time) => change({ from: time })}
            />
            <TimeField
              label={t('belfry.settings.ends')}
              time={to}
              onChange={(time) => change({ to: time })}
            />
            <div className="belfry-settings-field">
              <label htmlFor={`${id}-zone`}>{t('belfry.settings.zone')}</label>
              <select
                id={`${id}-zone`}
                value={timeZone}
                onChange={({ target }) => change({ timeZone: target.value })}
                className="belfry-settings-select"
              >
                {(zones.includes(timeZone) ? zones : [timeZone, ...zones]).map((zone) => (
                  <option key={zone} value={zone}>
                    {zone.replaceAll('_', ' ')}
                  </option>
                ))}
              </select>
            </div>
          </div>
          <fieldset className="belfry-settings-days">
            <legend>{t('belfry.settings.days')}</legend>
            {DAYS.map((day) => (
              <label key={day} className="belfry-settings-check">
                <input
                  type="checkbox"
                  aria-label={nameOf(day, 'long')}
                  checked={days.includes(day)}
                  onChange={({ target }) =>
                    change({
                      days: target.checked ? [...days, day].sort() : days.filter((one) => one !== day),
                    })
                  }
                />
                <span aria-hidden="true">{nameOf(day, 'short')}</span>
              </label>
            ))}
          </fieldset>
          {to <= from && <p className="belfry-settings-hint">{t('belfry.settings.next-day')}</p>}
        </>
      )}
      <p role="status" className="belfry-settings-hint">
        {settings.isQuiet && <span>{t('belfry.settings.quiet-now')}</span>}
      </p>
    </div>
  );
}

interface TimeFieldProps {
  label: string;
  time: string;
  onChange: (time: string) => void;
}

function TimeField({ label, time, onChange }: TimeFieldProps) {
  const id = useId();
  /** While it is written it may be none for a moment: what is not whole is not kept. */
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <div className="belfry-settings-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="time"
        required
        value={draft ?? time}
        onChange={({ target: { value } }) => {
          setDraft(value);
          if (value !== '') onChange(value);
        }}
        onBlur={() => setDraft(null)}
        className="belfry-settings-time"
      />
    </div>
  );
}

/** Of whoever never had any: the night, in the zone of this browser. */
function proposal(): QuietHours {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return { on: false, from: '22:00', to: '07:00', days: [...DAYS], timeZone };
}

function zonesOfThisBrowser(): readonly string[] {
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];
}
