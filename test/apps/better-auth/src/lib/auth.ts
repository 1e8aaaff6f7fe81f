import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { nextCookies } from 'better-auth/next-js';
import { db } from '@/db';

export const auth = betterAuth({
  baseURL: { allowedHosts: ['localhost:*', '127.0.0.1:*'] },
  database: drizzleAdapter(db, { provider: 'sqlite' }),
  emailAndPassword: { enabled: true },
  plugins: [nextCookies()],
});
