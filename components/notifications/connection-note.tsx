'use client';

import { type Connection, useSignInHref, useTranslate } from 'belfry/react';
import './notifications.css';

/** What keeps notifications from arriving live; nothing while they do. */
export function ConnectionNote({ connection }: { connection: Connection }) {
  const signInHref = useSignInHref();
  const t = useTranslate();
  if (connection !== 'polling' && connection !== 'offline' && connection !== 'signed-out') return null;
  return (
    <p className="belfry-trouble">
      <span>{t(`belfry.connection.${connection}`)}</span>
      {connection === 'signed-out' && signInHref && <a href={signInHref}>{t('belfry.connection.sign-in')}</a>}
    </p>
  );
}
