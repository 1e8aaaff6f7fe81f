import type { Metadata } from 'next';
import { ButtonLink } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';

export const metadata: Metadata = { title: 'Not allowed' };

export default function Forbidden() {
  return (
    <MessagePage sign="403" title="This page is for administrators">
      <p className="mt-3 mb-8 text-lg text-soft">
        You are signed in, but your account may not open it. If it should, ask somebody who is an
        administrator.
      </p>
      <ButtonLink href="/">Go to Home</ButtonLink>
    </MessagePage>
  );
}
