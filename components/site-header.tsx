import Link from 'next/link';
import { AccountMenu } from './account-menu.tsx';
import { ConnectionState } from './connection-state.tsx';
import { NotificationBell } from './notifications/bell.tsx';
import { SignedOutNotice } from './signed-out-notice.tsx';
import { SignInLink, SiteNav } from './site-nav.tsx';
import { BrandMark } from './ui/brand-mark.tsx';
import { VersionNotice } from './version-notice.tsx';

interface SiteHeaderProps {
  user: { name: string; email: string; role: 'ADMIN' | 'USER' } | null;
}

export function SiteHeader({ user }: SiteHeaderProps) {
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-paper low:relative">
      <div className="mx-auto flex min-h-15 max-w-6xl flex-wrap items-center gap-1 px-3 sm:gap-3 sm:px-5">
        <Link href="/" className="flex items-center gap-2.5 rounded-lg py-1 pe-1.5">
          <BrandMark className="size-8" />
          <span className={`font-display text-xl font-bold tracking-tight ${user ? 'max-sm:sr-only' : ''}`}>
            Belfry
          </span>
        </Link>
        {user ? (
          <>
            <SiteNav admin={user.role === 'ADMIN'} />
            <div className="ms-auto flex items-center gap-1.5 sm:gap-3">
              <ConnectionState />
              <NotificationBell inboxPath="/inbox" />
              <AccountMenu {...user} />
            </div>
          </>
        ) : (
          <SignInLink className="ms-auto -me-1 grid min-h-10 place-items-center rounded-lg px-4 text-sm font-medium text-verdigris-text hover:bg-verdigris-wash" />
        )}
      </div>
      <VersionNotice />
      {user && <SignedOutNotice />}
    </header>
  );
}
