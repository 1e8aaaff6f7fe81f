'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useT } from '@/components/use-t.ts';
import { pages } from '../pages.ts';

const SECTIONS = [
  { href: '/settings/notifications', name: 'settings.notifications' },
  { href: '/settings/account', name: 'settings.account' },
  { href: '/settings/appearance', name: 'settings.appearance' },
] as const;

export function SettingsNav() {
  const t = useT();
  const pathname = usePathname();
  return (
    <nav aria-label={t('settings.label')} className="mx-auto -mb-6 max-w-3xl px-5 pt-6 sm:-mb-8 sm:pt-8">
      <div className="flex flex-wrap gap-1 border-b border-line">
        {SECTIONS.filter(({ href }) => pages.includes(href)).map(({ href, name }) => (
          <Link
            key={href}
            href={href}
            aria-current={pathname === href ? 'page' : undefined}
            className="relative grid min-h-10 place-items-center px-3 text-sm font-medium text-soft hover:text-ink aria-[current=page]:text-ink aria-[current=page]:after:absolute aria-[current=page]:after:inset-x-3 aria-[current=page]:after:-bottom-px aria-[current=page]:after:h-0.5 aria-[current=page]:after:rounded-full aria-[current=page]:after:bg-bronze"
          >
            {t(name)}
          </Link>
        ))}
      </div>
    </nav>
  );
}
