import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeMarkdown, parseMarkdown, plainText } from '../../lib/belfry/protocol/markdown.ts';

test('bold, italic, code and links are parts of their own, within each other too', () => {
  expect(parseMarkdown('Hi **Ada**, *see* `a*b*` [the post](/posts/7).\nBye')).toEqual([
    'Hi ',
    { kind: 'bold', parts: ['Ada'] },
    ', ',
    { kind: 'italic', parts: ['see'] },
    ' ',
    { kind: 'code', text: 'a*b*' },
    ' ',
    { kind: 'link', link: '/posts/7', parts: ['the post'] },
    '.\nBye',
  ]);
  expect(parseMarkdown('**all *of* `it`**')).toEqual([
    { kind: 'bold', parts: ['all ', { kind: 'italic', parts: ['of'] }, ' ', { kind: 'code', text: 'it' }] },
  ]);
  expect(parseMarkdown('*a **b** c*')).toEqual([
    { kind: 'italic', parts: ['a ', { kind: 'bold', parts: ['b'] }, ' c'] },
  ]);
});

test.each([
  'snake_case_name and __init__',
  '2 * 3 * 4 = 24',
  '5 ** 2',
  '* a list',
  'a * b',
  '**',
  '****',
  '``',
  '[nowhere]',
  '[a]()',
  '# No heading',
  '<b>no</b> &amp; <script>alert(1)</script>',
  '[run](javascript:alert(1))',
  '[run](data:text/html,x)',
  '[other](//evil.example)',
  '~~kept~~',
])('what is none of them is the text that it is: %s', (text) => {
  expect(parseMarkdown(text)).toEqual([text]);
});

test('a sign behind a backslash is itself, and so is all that is escaped', () => {
  expect(parseMarkdown('\\*no\\* \\[no\\](x) C:\\dir')).toEqual(['*no* [no](x) C:\\dir']);
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(plainText(escapeMarkdown(text))).toBe(text);
    }),
  );
});

test('whatever is written, every word of it is there once, and nothing takes long', () => {
  const signs = fc.stringMatching(/^[a* `[\]()\\\n/]{0,200}$/);
  fc.assert(
    fc.property(signs, (text) => {
      const letters = (written: string) => written.replace(/[^a]/g, '').length;
      // The address of a link is no word of the message.
      expect(letters(plainText(text))).toBeLessThanOrEqual(letters(text));
      if (!text.includes('](')) expect(letters(plainText(text))).toBe(letters(text));
    }),
  );
  for (const sign of ['**a', '*a', '`a', '[a](', '[a', '\\', '**a *b ']) parseMarkdown(sign.repeat(3_000));
});
