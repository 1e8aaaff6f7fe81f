'use client';

import Link, { useLinkStatus } from 'next/link';
import { usePathname } from 'next/navigation';
import { useT } from './use-t.ts';

const LINK =
  'relative grid min-h-10 place-items-center rounded-lg px-3 text-sm font-medium text-soft hover:text-ink aria-[current=page]:text-ink aria-[current=page]:after:absolute aria-[current=page]:after:inset-x-3 aria-[current=page]:after:bottom-1 aria-[current=page]:after:h-0.5 aria-[current=page]:after:rounded-full aria-[current=page]:after:bg-bronze';

export function SiteNav({ admin }: { admin: boolean }) {
  const t = useT();
  const pathname = usePathname();
  const links = admin ? [HOME, INBOX, ADMIN] : [HOME, INBOX];
  return (
    <nav aria-label={t('nav.label')} className="flex min-w-0 flex-wrap">
      {links.map(({ href, name }) => (
        <Link key={href} href={href} aria-current={pathname === href ? 'page' : undefined} className={LINK}>
          <span>{t(name)}</span>
          <OnItsWay />
        </Link>
      ))}
    </nav>
  );
}

const HOME = { href: '/', name: 'nav.home' } as const;
const INBOX = { href: '/inbox', name: 'nav.inbox' } as const;
const ADMIN = { href: '/admin', name: 'nav.admin' } as const;

/** The page that was asked for has not come yet. Said only when it takes longer than one would notice. */
function OnItsWay() {
  const { pending } = useLinkStatus();
  return pending && <span aria-hidden="true" className="nav-on-its-way" />;
}

/** For visitors; on the page that it leads to it would be in the way. */
export function SignInLink({ className }: { className: string }) {
  const t = useT();
  return usePathname() === '/sign-in' ? null : (
    <Link href="/sign-in" className={className}>
      {t('button.sign-in')}
    </Link>
  );
}
