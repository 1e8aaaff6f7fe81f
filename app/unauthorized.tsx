import type { Metadata } from 'next';
import { ButtonLink } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';

export const metadata: Metadata = { title: 'Sign in first' };

export default function Unauthorized() {
  return (
    <MessagePage sign="401" title="This page is for people who are signed in">
      <p className="mt-3 mb-8 text-lg text-soft">Sign in, then open it again.</p>
      <ButtonLink href="/sign-in">Sign in</ButtonLink>
    </MessagePage>
  );
}
