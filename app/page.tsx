import { getCurrentUser } from '@/lib/auth/session.ts';
import { Home } from './home.tsx';
import { Landing } from './landing.tsx';

export default async function FirstPage() {
  const user = await getCurrentUser();
  return user ? <Home name={user.name} /> : <Landing />;
}
