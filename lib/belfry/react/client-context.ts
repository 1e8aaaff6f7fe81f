'use client';

import { createContext, use } from 'react';
import type { InboxClient } from '../client/inbox-client.ts';
import type { UserKey } from './user-key.ts';

/** Whose inbox it is, and the store behind it. */
export interface OfUser {
  userKey: UserKey;
  client: InboxClient;
}

/** `null` where there is no provider. */
export const ClientContext = /* @__PURE__ */ createContext<OfUser | null>(null);

/** The inbox of the provider above. Throws where there is none. */
export function useOfUser(): OfUser {
  const ofUser = use(ClientContext);
  if (!ofUser) throw new Error('An inbox needs an <InboxProvider> above it.');
  return ofUser;
}
