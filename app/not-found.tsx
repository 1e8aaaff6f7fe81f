import type { Metadata } from 'next';
import { ButtonLink } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <MessagePage sign="404" title="There is nothing at this address">
      <p className="mt-3 mb-8 text-lg text-soft">It may have moved, or a letter in the address is wrong.</p>
      <ButtonLink href="/">Go to Home</ButtonLink>
    </MessagePage>
  );
}
