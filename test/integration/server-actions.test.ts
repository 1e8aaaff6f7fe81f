// @module-tag once
// First: the app and Next look at what is around them when they are loaded.
import '../support/app-database.ts';
import '../support/next-request.ts';

import { encode } from 'next-auth/jwt';
import { beforeAll, expect, test } from 'vitest';
import { checkNotice } from '@/app/admin/actions.ts';
import { changePassword } from '@/app/settings/account/actions.ts';
import { createAccount } from '@/lib/auth/accounts.ts';
import { commandLineActor } from '@/lib/auth/actor.ts';
import { authSecret } from '@/lib/auth/secret.ts';
import { cookieNames } from '@/lib/auth/session-cookie.ts';
import { createSession } from '@/lib/auth/sessions.ts';
import { db } from '@/lib/database/db.ts';
import type { FormAction, FormState } from '@/lib/http/form-action.ts';
import { Browser } from '../support/next-request.ts';

const ORIGIN = 'http://localhost:3000';
const password = 'correct horse';
const notice = { title: 'Tea', message: 'At four.', priority: 'NORMAL', expires: 'never' };
const draftId = '0193e1b4-7c1f-7a5e-8d53-2f9f6d3c1a10';

const admin = new Browser();
const nobody = new Browser();

beforeAll(async () => {
  const account = { email: 'mara@example.com', name: 'Mara', password, role: 'ADMIN' } as const;
  const { id } = await createAccount(account, commandLineActor());
  const { passwordHash } = await db.user.findUniqueOrThrow({ where: { id } });
  const sessionId = await createSession({ id, passwordHash }, { address: '127.0.0.1', agent: '' });
  const token = await encode({ token: { sessionId: sessionId ?? '' }, secret: authSecret(), maxAge: 3600 });
  admin.cookies.set(cookieNames().session, token);
});

/** Sends a form to an action, from a browser that speaks Chinese. */
function act(
  action: FormAction,
  fields: Record<string, string>,
  { browser = admin, origin = ORIGIN } = {},
): Promise<FormState> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return browser.inside(() => action(null, form), {
    Origin: origin,
    'Accept-Language': 'zh-TW,zh;q=0.9,en;q=0.8',
  });
}

test('an action tells of success in the language of whoever sent the form', async () => {
  expect(await act(checkNotice, { ...notice, draftId })).toEqual({
    ok: true,
    message: '目前只有你在線上。',
  });
});

test('an action says in their language what is wrong with the fields', async () => {
  const title = 'x'.repeat(201);
  expect(await act(checkNotice, { title, message: 'a\u202eb', link: 'javascript:1', draftId })).toEqual({
    ok: false,
    message: '請檢查標示出來的 5 個欄位。',
    fieldErrors: {
      title: ['標題最多 200 個字元。'],
      message: ['請移除看不見的字元 U+202E：它會顛倒文字的閱讀方向。'],
      link: ['連結請以 / 開頭指向本網站的頁面，或以 https:// 開頭。'],
      priority: ['請選擇優先順序。'],
      expires: ['請選擇到期時間。'],
    },
  });
});

test('so it is with what only the work itself finds out', async () => {
  const wrong = { current: 'wrong', password: 'some new words', again: 'some new words' };
  expect(await act(changePassword, wrong)).toEqual({
    ok: false,
    message: '這不是你目前的密碼。',
    fieldErrors: { current: ['這不是你目前的密碼。'] },
  });
  const simple = { current: password, password: 'aaaaaaaaaaaa', again: 'aaaaaaaaaaaa' };
  const sentence = '這個密碼只重複少數字元，或依照鍵盤順序排列。請選擇別人不會先猜的密碼。';
  expect(await act(changePassword, simple)).toEqual({
    ok: false,
    message: sentence,
    fieldErrors: { password: [sentence] },
  });
});

test('so it is with who may not', async () => {
  const refused = (message: string) => ({ ok: false, message, fieldErrors: {} });
  expect(await act(checkNotice, notice, { browser: nobody })).toEqual(
    refused('你尚未登入。請登入後再試一次。'),
  );
  expect(await act(checkNotice, notice, { origin: 'https://evil.example' })).toMatchObject(
    refused(expect.stringContaining('這個請求並非來自本網站的頁面。') as unknown as string),
  );
});

test('a language that was chosen in this browser counts before the one that it asks for', async () => {
  const browser = new Browser();
  browser.cookies.set('belfry-language', 'en');
  expect(await act(checkNotice, notice, { browser })).toMatchObject({
    message: 'Nobody is signed in. Sign in, then try again.',
  });
});

test('the language that somebody chose for their account counts before all others', async () => {
  await db.user.updateMany({ data: { language: 'en' } });
  expect(await act(checkNotice, { ...notice, title: '' })).toMatchObject({
    message: 'Check the 2 marked fields.',
    fieldErrors: { title: ['Give the notification a title.'] },
  });
  await db.user.updateMany({ data: { language: null } });
});
