import type { Metadata } from 'next';
import { browserName } from '@/lib/auth/browser-name.ts';
import { requireUserPage } from '@/lib/auth/session.ts';
import { listSessions } from '@/lib/auth/sessions.ts';
import { PasswordForm } from './password-form.tsx';
import { SessionList } from './session-list.tsx';

export const metadata: Metadata = { title: 'Your account' };

export default async function AccountPage() {
  const user = await requireUserPage('/settings/account');
  const sessions = await listSessions(user.id);
  return (
    <div className="mx-auto max-w-3xl px-5 py-10 sm:py-14">
      <h1 className="text-4xl font-bold tracking-tight">Your account</h1>
      <p className="mt-3 mb-10 text-lg text-soft">
        <bdi className="wrap-anywhere">{user.name}</bdi>
        <span>, </span>
        <bdi className="wrap-anywhere">{user.email}</bdi>
      </p>
      <section aria-labelledby="password-heading">
        <h2 id="password-heading" className="mb-1 text-2xl font-semibold tracking-tight">
          Password
        </h2>
        <p className="mb-5 text-sm text-soft">
          A new password signs you out everywhere else. Here you stay signed in.
        </p>
        <PasswordForm email={user.email} />
      </section>
      <section aria-labelledby="sessions-heading" className="mt-16">
        <SessionList
          sessions={sessions.map(({ id, createdAt, lastSeenAt, address, agent }) => ({
            id,
            browser: browserName(agent),
            address,
            signedInAt: createdAt.toISOString(),
            lastSeenAt: lastSeenAt.toISOString(),
            isThis: id === user.sessionId,
          }))}
        />
      </section>
    </div>
  );
}
