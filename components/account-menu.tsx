'use client';

import Link from 'next/link';
import { SignOutButton } from './sign-out-button.tsx';
import { useRichT, useT } from './use-t.ts';

interface AccountMenuProps {
  name: string;
  email: string;
  role: 'ADMIN' | 'USER';
}

/** Built on the browser's own popover: it closes on Escape and on a press elsewhere without any code here. */
export function AccountMenu({ name, email, role }: AccountMenuProps) {
  const t = useT();
  const rich = useRichT();
  return (
    <>
      <button
        type="button"
        popoverTarget="account-menu"
        className="grid size-10 place-items-center rounded-lg hover:bg-verdigris-wash"
      >
        <span
          data-initials={initials(name)}
          className="grid edge h-8 w-7 place-items-center rounded-t-full rounded-b-sm bg-ink pt-1 font-display text-xs font-semibold text-paper before:content-[attr(data-initials)/'']"
        />
        <span className="sr-only">{rich('menu.label', { name, who: <bdi /> })}</span>
      </button>
      <div
        id="account-menu"
        popover="auto"
        className="fixed inset-auto top-16 end-[max(0.75rem,calc((100vw-72rem)/2+1.25rem))] edge max-h-[calc(100dvh-4.5rem)] w-64 max-w-[calc(100vw-1.5rem)] overflow-y-auto rounded-2xl bg-surface text-ink shadow-lifted"
      >
        <div className="border-b border-line px-5 py-4">
          <p className="font-semibold wrap-anywhere">{name}</p>
          <p className="text-sm wrap-anywhere text-soft">{email}</p>
          {role === 'ADMIN' && (
            <p className="mt-1.5 text-xs font-medium text-bronze-text">{t('menu.administrator')}</p>
          )}
        </div>
        <div className="p-2">
          <Link
            href="/settings/account"
            // The page stays, and so would the menu.
            onClick={({ currentTarget }) => currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()}
            className="grid min-h-10 w-full items-center rounded-lg px-3 text-start text-sm font-medium hover:bg-sunken"
          >
            {t('menu.settings')}
          </Link>
          <Link
            href="/settings/appearance"
            onClick={({ currentTarget }) => currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()}
            className="grid min-h-10 w-full items-center rounded-lg px-3 text-start text-sm font-medium hover:bg-sunken"
          >
            {t('menu.appearance')}
          </Link>
          <SignOutButton />
        </div>
      </div>
    </>
  );
}

function initials(name: string) {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.at(0)?.toUpperCase() ?? '')
    .join('');
}
