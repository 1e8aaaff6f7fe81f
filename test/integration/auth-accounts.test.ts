// First: the app opens the database that the environment names when it is loaded.
import '../support/app-database.ts';

import { expect, test } from 'vitest';
import {
  createAccount,
  disableAccount,
  enableAccount,
  findAccount,
  listAccounts,
  setPassword,
  setRole,
  userIdsAfter,
  userIdsThatExist,
} from '../../lib/auth/accounts.ts';
import { commandLineActor } from '../../lib/auth/actor.ts';
import { createApiToken, findApiToken, listApiTokens, revokeApiToken } from '../../lib/auth/api-token.ts';
import { checkCredentials } from '../../lib/auth/credentials.ts';
import { findDemoAccounts, PUBLIC_DEMO_PASSWORD, settleDemoAccounts } from '../../lib/auth/demo-accounts.ts';
import { createSession, endSession, findSession } from '../../lib/auth/sessions.ts';
import { env } from '../../lib/config/env.ts';
import { db } from '../../lib/database/db.ts';

const client = { address: '192.0.2.1', knownBrowserId: null };
const password = 'correct horse';
const by = commandLineActor();
const CI = { name: 'ci', scopes: ['send', 'metrics'], expiresAt: null } as const;

async function newAccount(name: string): Promise<{ id: number; email: string }> {
  const email = `${name}@example.com`;
  return { ...(await createAccount({ email, name, password }, by)), email };
}

test('an account opens with its password, whatever the case of the address, and is no admin', async () => {
  await createAccount({ email: ' Mara@Example.com', name: ' Mara ', password }, by);
  expect(await checkCredentials({ email: 'mara@example.com', password }, client)).toMatchObject({
    name: 'Mara',
  });
  expect(await findAccount('MARA@example.com')).toMatchObject({ email: 'mara@example.com', role: 'USER' });
});

test('a wrong password, an unknown address and a disabled account are all refused', async () => {
  const { id, email } = await newAccount('nils');
  expect(await checkCredentials({ email, password: 'wrong horse' }, client)).toBeNull();
  expect(await checkCredentials({ email: 'nobody@example.com', password }, client)).toBeNull();
  await db.user.update({ where: { id }, data: { disabledAt: new Date() } });
  expect(await checkCredentials({ email, password }, client)).toBeNull();
});

test('what cannot be an account is refused field by field', async () => {
  await expect(createAccount({ email: 'x', name: ' ', password: 'short' }, by)).rejects.toMatchObject({
    code: 'invalid_input',
    fieldErrors: { email: [expect.any(String)], name: [expect.any(String)], password: [expect.any(String)] },
  });
  expect(await findAccount('x')).toBeNull();
});

test.each([
  ['two lines', 'Ada\nByron'],
  ['a turn of direction', 'Ada \u202enoryB'],
  ['an isolate that stays open', 'Ada \u2067'],
  ['nothing to see', '\u200b\u2800'],
  ['a control character', 'Ada\u001b[31m'],
  ['half a character', 'Ada \udc00'],
])('neither an account nor a token is named with %s', async (_, name) => {
  const refused = { code: 'invalid_input', fieldErrors: { name: [expect.stringMatching(/\.$/)] } };
  await expect(createAccount({ email: 'x@example.com', name, password }, by)).rejects.toMatchObject(refused);
  await expect(createApiToken({ ...CI, name }, by)).rejects.toMatchObject(refused);
  expect(await findAccount('x@example.com')).toBeNull();
});

test('neither a new account nor an old one takes a password that is common, or its owner’s name', async () => {
  const { email } = await newAccount('waldemar');
  for (const bad of ['password123', 'Waldemar2026!', 'belfry-demo']) {
    const refusal = { code: 'invalid_input', fieldErrors: { password: [expect.any(String)] } };
    await expect(setPassword({ email, password: bad }, by)).rejects.toMatchObject(refusal);
    const account = { email: 'waldemar@example.org', name: 'Waldemar', password: bad };
    await expect(createAccount(account, by)).rejects.toMatchObject(refusal);
  }
  expect(await checkCredentials({ email, password }, client)).toMatchObject({ email });
});

test('an address has one account, even when two are asked for at once', async () => {
  const answers = await Promise.allSettled([newAccount('olga'), newAccount('OLGA')]);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
});

/** A session as signing in begins it. */
async function newSession(email: string): Promise<string> {
  const account = await checkCredentials({ email, password }, client);
  const id = account && (await createSession(account, { address: '192.0.2.1', agent: 'A browser' }));
  if (!id) throw new Error(`${email} could not sign in.`);
  return id;
}

test('promotion makes an admin and signs nobody out', async () => {
  const { email } = await newAccount('pia');
  const session = await newSession(email);
  await setRole({ email, role: 'ADMIN' }, by);
  expect(await findAccount(email)).toMatchObject({ role: 'ADMIN' });
  expect(await findSession(session)).toMatchObject({ role: 'ADMIN' });
  await expect(setRole({ email: 'nobody@example.com', role: 'ADMIN' }, by)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a new password replaces the old one and ends every session', async () => {
  const { id, email } = await newAccount('quentin');
  const sessions = [await newSession(email), await newSession(email)];
  await setPassword({ email, password: 'battery staple' }, by);
  expect(await checkCredentials({ email, password }, client)).toBeNull();
  expect(await checkCredentials({ email, password: 'battery staple' }, client)).toMatchObject({ id });
  for (const session of sessions) expect(await findSession(session)).toBeNull();
  await expect(setPassword({ email, password: 'short' }, by)).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('ten wrong passwords close an account for a while, even to the right one', async () => {
  const { email } = await newAccount('rosa');
  for (let n = 0; n < 10; n += 1)
    await checkCredentials({ email, password: `guess ${n}` }, { ...client, address: 'a' });
  const fromElsewhere = { ...client, address: 'b' };
  await expect(checkCredentials({ email, password }, fromElsewhere)).rejects.toMatchObject({
    code: 'too_many_requests',
  });
  const known = { ...client, knownBrowserId: 'laptop' };
  expect(await checkCredentials({ email, password }, known)).toMatchObject({ email });
});

test('whoever signed in from a network before gets in from there, however much strangers guess', async () => {
  const { email } = await newAccount('ruth');
  const session = { address: '2001:db8:0:1::7', agent: 'A browser' };
  const opened = await checkCredentials({ email, password }, client);
  await endSession({
    userId: opened?.id ?? 0,
    sessionId: (opened && (await createSession(opened, session))) ?? '',
  });
  for (let n = 0; n < 10; n += 1)
    await checkCredentials({ email, password: `guess ${n}` }, { ...client, address: `203.0.113.${n}` });
  const from = (address: string) => checkCredentials({ email, password }, { ...client, address });
  expect(await from('2001:db8:0:1::8')).toMatchObject({ email });
  await expect(from('2001:db8:0:2::7')).rejects.toMatchObject({ code: 'too_many_requests' });
});

test('guesses that are made all at once are counted like any others', async () => {
  const { email } = await newAccount('simon');
  const guesses = Array.from({ length: 40 }, (_, n) => `guess ${n}`);
  const answers = await Promise.allSettled(
    guesses.map((guess, n) => checkCredentials({ email, password: guess }, { ...client, address: `s${n}` })),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(11);
});

test('one account may sign in on many devices at once', async () => {
  const { email } = await newAccount('thea');
  const opened = await Promise.all(
    Array.from({ length: 20 }, () => checkCredentials({ email, password }, client)),
  );
  expect(opened.filter(Boolean)).toHaveLength(20);
});

test('a disabled account opens nothing, and its sessions do not come back when it is enabled again', async () => {
  const { email } = await newAccount('wim');
  const session = await newSession(email);
  expect(await disableAccount({ email }, by)).toBe(true);
  expect(await disableAccount({ email }, by)).toBe(false);
  expect(await checkCredentials({ email, password }, client)).toBeNull();
  expect(await enableAccount({ email }, by)).toBe(true);
  expect(await checkCredentials({ email, password }, client)).toMatchObject({ email });
  expect(await findSession(session)).toBeNull();
});

test('the last admin who can sign in stays one, unless somebody insists', async () => {
  await db.user.updateMany({ data: { role: 'USER' } });
  const { email } = await newAccount('xenia');
  const other = await newAccount('yann');
  await setRole({ email, role: 'ADMIN' }, by);
  await setRole({ email: other.email, role: 'ADMIN' }, by);
  await disableAccount({ email: other.email }, by);
  await expect(setRole({ email, role: 'USER' }, by)).rejects.toMatchObject({ code: 'conflict' });
  await expect(disableAccount({ email }, by)).rejects.toMatchObject({ code: 'conflict' });
  await enableAccount({ email: other.email }, by);
  await setRole({ email, role: 'USER' }, by);
  await setRole({ email: other.email, role: 'USER', force: true }, by);
  expect((await listAccounts()).filter(({ role }) => role === 'ADMIN')).toEqual([]);
});

test('an API token is shown once, kept as a hash, and found by its header', async () => {
  const { id, token } = await createApiToken(CI, by);
  expect(token).toMatch(/^bf_[A-Za-z0-9_-]{43}$/);
  expect(await findApiToken(`Bearer ${token}`)).toEqual({
    id,
    name: 'ci',
    scopes: ['send', 'metrics'],
    state: 'valid',
  });
  expect(JSON.stringify(await db.apiToken.findUnique({ where: { id } }))).not.toContain(token);
});

test('no header, another scheme or a changed token find nothing', async () => {
  const { token } = await createApiToken(CI, by);
  const changed = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
  for (const header of [
    null,
    '',
    'Bearer',
    token,
    `Basic ${token}`,
    `Bearer ${changed}`,
    `Bearer ${token} x`,
  ]) {
    expect(await findApiToken(header)).toBeNull();
  }
});

test('a token is valid until it expires or is revoked, and is revoked once', async () => {
  const past = new Date(Date.now() - 1);
  const expired = await createApiToken({ ...CI, expiresAt: past }, by);
  expect(await findApiToken(`Bearer ${expired.token}`)).toMatchObject({ state: 'expired' });
  const { id, token } = await createApiToken({ ...CI, expiresAt: new Date(Date.now() + 60_000) }, by);
  expect(await findApiToken(`Bearer ${token}`)).toMatchObject({ state: 'valid' });
  expect(await revokeApiToken({ id, name: 'ci' }, by)).toBe(true);
  expect(await findApiToken(`Bearer ${token}`)).toMatchObject({ state: 'revoked' });
  expect(await revokeApiToken({ id, name: 'ci' }, by)).toBe(false);
  const states = new Map((await listApiTokens()).map((listed) => [listed.id, listed.state]));
  expect([states.get(expired.id), states.get(id)]).toEqual(['expired', 'revoked']);
});

test('a token from before there were scopes may do everything, and does not expire', async () => {
  await db.apiToken.create({ data: { name: 'old', tokenHash: 'old' } });
  const old = (await listApiTokens()).find(({ name }) => name === 'old');
  expect(old).toMatchObject({ scopes: ['send', 'metrics'], expiresAt: null, state: 'valid' });
});

test('when a token was last used is noted once a minute', async () => {
  const { id, token } = await createApiToken(CI, by);
  const lastUsedAt = async () => (await db.apiToken.findUniqueOrThrow({ where: { id } })).lastUsedAt;
  expect(await lastUsedAt()).toBeNull();
  await findApiToken(`Bearer ${token}`);
  const first = await lastUsedAt();
  expect(first).toBeInstanceOf(Date);
  await findApiToken(`Bearer ${token}`);
  expect(await lastUsedAt()).toEqual(first);
  await db.apiToken.update({ where: { id }, data: { lastUsedAt: new Date(Date.now() - 61_000) } });
  await findApiToken(`Bearer ${token}`);
  expect((await lastUsedAt())?.getTime()).toBeGreaterThan(Date.now() - 5_000);
});

test('a token needs a name', async () => {
  await expect(createApiToken({ ...CI, name: '  ' }, by)).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(createApiToken({ ...CI, name: 'x'.repeat(101) }, by)).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('with BELFRY_DEMO=1 demo accounts open with the public password; without it they are closed', async () => {
  const credentials = { email: 'admin@belfry.test', password: PUBLIC_DEMO_PASSWORD };
  const settleAs = async (mode: typeof env.demoAccounts, isNewDatabase = false) => {
    env.demoAccounts = mode;
    await settleDemoAccounts(db, { isNewDatabase });
  };
  const before = env.demoAccounts;
  try {
    await settleAs('public-password', true);
    await db.user.update({ where: { email: 'ada@belfry.test' }, data: { name: 'Ada Lovelace' } });
    await Promise.all([settleAs('public-password', true), settleAs('public-password', true)]);
    const accounts = await findDemoAccounts(db);
    expect(accounts).toHaveLength(3);
    for (const { email } of accounts)
      expect(await checkCredentials({ ...credentials, email }, client)).toMatchObject({ email });
    expect(await findAccount('admin@belfry.test')).toMatchObject({ role: 'ADMIN' });
    expect(await findAccount('ada@belfry.test')).toMatchObject({ role: 'USER', name: 'Ada Lovelace' });

    await setPassword({ email: 'ben@belfry.test', password: 'a password of my own' }, by);
    await settleAs('none');
    expect(await findDemoAccounts(db)).toEqual([]);
    expect(await checkCredentials(credentials, client)).toBeNull();
    expect(await checkCredentials({ ...credentials, password: '!' }, client)).toBeNull();
    const own = { email: 'ben@belfry.test', password: 'a password of my own' };
    expect(await checkCredentials(own, client)).not.toBeNull();

    await settleAs('public-password');
    expect(await checkCredentials(credentials, client)).not.toBeNull();
    expect(await checkCredentials({ ...own, password: PUBLIC_DEMO_PASSWORD }, client)).toBeNull();
  } finally {
    env.demoAccounts = before;
  }
});

test('no demo accounts are made where there are to be none', async () => {
  const before = env.demoAccounts;
  await db.user.deleteMany({ where: { email: { endsWith: '@belfry.test' } } });
  try {
    env.demoAccounts = 'none';
    await settleDemoAccounts(db, { isNewDatabase: true });
    expect(await db.user.count({ where: { email: { endsWith: '@belfry.test' } } })).toBe(0);
  } finally {
    env.demoAccounts = before;
  }
});

test('Belfry learns who the users are a page at a time, each once, and knows them again', async () => {
  for (const name of ['page-1', 'page-2', 'page-3', 'page-4', 'page-5']) await newAccount(name);
  const all = (await listAccounts()).map(({ id }) => String(id));
  const listed: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page: string[] = await userIdsAfter({ after, limit: 2 });
    expect(page.length).toBeLessThanOrEqual(2);
    listed.push(...page);
    after = page.at(-1) ?? null;
    if (after === null) break;
  }
  expect(listed).toEqual(all);
  expect((await userIdsThatExist([...listed, '987654321'])).sort()).toEqual(listed.sort());
});
