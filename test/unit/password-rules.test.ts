import { expect, test } from 'vitest';
import { passwordSchema } from '../../lib/auth/password-rules.ts';
import { translateWording } from '../../lib/belfry/language/message.ts';
import { wordingOf } from '../../lib/belfry/protocol/errors.ts';
import { toMessage } from '../../lib/language/languages.ts';

const owner = { email: 'jorg.braun@mustermann.example', name: 'Jörg Braun' };

async function problemsWith(password: string, who = owner): Promise<string[]> {
  const parsed = await passwordSchema(who).safeParseAsync(password);
  return parsed.error?.issues.map((issue) => translateWording(wordingOf(issue, toMessage))) ?? [];
}

test.each([
  'correct horse',
  'battery staple',
  'drei kleine Ziegen',
  'kX7#qP2m$vT9',
  'v4ww-wjj8-23p2-87cr',
  '8w2k9d7c3m',
  'Grüße aus Köln an alle',
  '馬が電池を正しく留める方法',
  'my jorg-shaped lampshade',
  'belfries have bats in them',
  'correct horse battery correct horse battery',
])('%s may be chosen', async (password) => {
  expect(await problemsWith(password)).toEqual([]);
});

test.each([
  'password123',
  'Password1234!',
  'PASSWORD-2026',
  'p4$$w0rd2026',
  'P@ssw0rd!!!',
  'iloveyou2026',
  '!!!dragon!!!',
  'Welcome2026!',
  'letmein12345',
  'administrator',
  'ｐａｓｓｗｏｒｄ１２３',
  '1q2w3e4r5t6y',
])('%s is too common', async (password) => {
  expect(await problemsWith(password)).toEqual([expect.stringMatching(/tried first/)]);
});

test.each([
  '1111111111',
  'aaaaaaaaaaaa',
  'abababababab',
  'abcabcabcabc',
  '1234567890',
  '9876543210',
  '0123456789',
  'abcdefghijkl',
  'lkjhgfdsapoi',
  'asdfghjklzxc',
  'qwertyuiop',
  'passwordpassword',
  'abcdeabcdeabcde',
  '          ',
])('%s is too simple', async (password) => {
  expect(await problemsWith(password)).toEqual([expect.stringMatching(/follows the keyboard/)]);
});

test.each([
  'jorg.braun@mustermann.example',
  'JORG.BRAUN1',
  'jörg braun',
  'BraunJorg99',
  'jorg-jorg-2026',
  'mustermann1',
  'mustermann.example',
  'br4un-j0rg!',
  'belfry-demo',
  'Belfry2026!',
  'belfrybelfry',
  'B3lfry!2026#',
  'jorg@belfry',
  'belfryadmin',
  'my-belfry-password',
])('%s is somebody’s or something’s own', async (password) => {
  const problems = await problemsWith(password);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/made of your name|tried first|follows the keyboard/);
});

test('what is one person’s own may be another’s', async () => {
  const ada = { email: 'ada@example.com', name: 'Ada Byron' };
  expect(await problemsWith('mustermann-17', ada)).toEqual([]);
  expect(await problemsWith('ada-byron-1815', ada)).toHaveLength(1);
});

test('a password has 10 to 1,024 characters, and what is wrong with its length is told alone', async () => {
  expect(await problemsWith('password')).toEqual(['Choose a password of at least 10 characters.']);
  // Five characters, which take ten places in memory.
  expect(await problemsWith('🦊🐴🔋📎🦉')).toEqual(['Choose a password of at least 10 characters.']);
  expect(await problemsWith('kx7q'.padEnd(1_025, 'zyxwv2'))).toEqual([
    'Choose a password of at most 1024 characters.',
  ]);
});
