'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

const LINK =
  'relative grid min-h-10 place-items-center rounded-lg px-3 text-sm font-medium text-soft hover:text-ink aria-[current=page]:text-ink aria-[current=page]:after:absolute aria-[current=page]:after:inset-x-3 aria-[current=page]:after:bottom-1 aria-[current=page]:after:h-0.5 aria-[current=page]:after:rounded-full aria-[current=page]:after:bg-bronze';

export function SiteNav({ admin }: { admin: boolean }) {
  const pathname = usePathname();
  const links = admin ? [HOME, ADMIN] : [HOME];
  return (
    <nav aria-label="Main" className="flex">
      {links.map(({ href, name }) => (
        <Link key={href} href={href} aria-current={pathname === href ? 'page' : undefined} className={LINK}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

const HOME = { href: '/', name: 'Home' };
const ADMIN = { href: '/admin', name: 'Admin' };

/** For visitors; on the page that it leads to it would be in the way. */
export function SignInLink({ className }: { className: string }) {
  return usePathname() === '/sign-in' ? null : (
    <Link href="/sign-in" className={className}>
      Sign in
    </Link>
  );
}
