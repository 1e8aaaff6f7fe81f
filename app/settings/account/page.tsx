import { LanguageForm } from '@/app/language-form.tsx';
import { Rich } from '@/components/rich.tsx';
import { browserName } from '@/lib/auth/browser-name.ts';
import { requireUserPage } from '@/lib/auth/session.ts';
import { listSessions } from '@/lib/auth/sessions.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';
import { PasswordForm } from './password-form.tsx';
import { SessionList } from './session-list.tsx';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('account.title') };
}

export default async function AccountPage() {
  const user = await requireUserPage('/settings/account');
  const { t } = await currentLanguage();
  const sessions = await listSessions(user.id);
  return (
    <div className="mx-auto max-w-3xl px-5 py-10 sm:py-14">
      <h1 className="text-4xl font-bold tracking-tight">{t('account.title')}</h1>
      <p className="mt-3 mb-10 text-lg text-soft">
        <Rich
          message="account.of"
          values={{
            name: user.name,
            email: user.email,
            who: <bdi className="wrap-anywhere" />,
            sep: <span />,
          }}
        />
      </p>
      <section aria-labelledby="password-heading">
        <h2 id="password-heading" className="mb-1 text-2xl font-semibold tracking-tight">
          {t('account.password')}
        </h2>
        <p className="mb-5 text-sm text-soft">{t('account.password-text')}</p>
        <PasswordForm email={user.email} />
      </section>
      <section aria-labelledby="language-heading" className="mt-16">
        <h2 id="language-heading" className="mb-1 text-2xl font-semibold tracking-tight">
          {t('language.label')}
        </h2>
        <p className="mb-5 text-sm text-soft">{t('account.language-text')}</p>
        <LanguageForm />
      </section>
      <section aria-labelledby="sessions-heading" className="mt-16">
        <SessionList
          sessions={sessions.map(({ id, createdAt, lastSeenAt, address, agent }) => ({
            id,
            browser: browserName(agent, t),
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
