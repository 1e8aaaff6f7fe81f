import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  checkPageBody,
  MAX_PAGE_BODY_BYTES,
  MAX_PAGE_FIELDS,
  ROUTE_FOLDERS,
} from '../../lib/http/posts-to-pages.ts';
import { sourceFiles } from '../support/source-files.ts';

async function check(form: FormData): Promise<void> {
  const encoded = new Response(form);
  const body = new Uint8Array(await encoded.arrayBuffer());
  checkPageBody(body, encoded.headers.get('Content-Type'));
}

function formOf(fields: Record<string, string | Blob>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

const TYPE = 'multipart/form-data; boundary=b';
const PART = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n';
const refused = (code: string) => expect.objectContaining({ code });

test('a form with text in any alphabet, line breaks and what looks like its own boundary is let in', async () => {
  await check(
    formOf({ title: 'Grüße 🔔 שלום', message: 'one\r\n--b--\r\n\r\n--\r\ntwo', $ACTION_REF_1: '' }),
  );
  checkPageBody(Buffer.from('["$K1",null]'), 'text/plain;charset=UTF-8');
  checkPageBody(Buffer.alloc(0), null);
});

test('a file in a form may be any bytes; its name may not', async () => {
  const file = new Blob([Buffer.from([0xff, 0xfe, 0x00])]);
  await check(formOf({ file }));
  const named = `--b\r\nContent-Disposition: form-data; name="f"; filename="\xe9"\r\n\r\nx\r\n--b--\r\n`;
  expect(() => checkPageBody(Buffer.from(named, 'latin1'), TYPE)).toThrow(refused('bad_encoding'));
});

test.each([
  ['a field in Windows-1252', `${PART}caf\xe9\r\n--b--`, TYPE],
  ['a name in Windows-1252', '--b\r\nContent-Disposition: form-data; name="caf\xe9"\r\n\r\nx\r\n--b--', TYPE],
  ['an argument in Windows-1252', '["caf\xe9"]', 'text/plain;charset=UTF-8'],
])('%s is refused', (_, body, type) => {
  expect(() => checkPageBody(Buffer.from(body, 'latin1'), type)).toThrow(refused('bad_encoding'));
});

test.each([
  ['no boundary in its type', `${PART}x\r\n--b--`, 'multipart/form-data'],
  ['another boundary', `${PART}x\r\n--b--`, 'multipart/form-data; boundary=c'],
  ['nothing', '', TYPE],
  ['no end', `${PART}x`, TYPE],
  ['an end in the middle of a part', '--b\r\nContent-Disposition: form-data; name="a"\r\n--b--', TYPE],
])('a form with %s is refused', (_, body, type) => {
  expect(() => checkPageBody(Buffer.from(body), type)).toThrow(refused('bad_request'));
});

test('what is too large, or has too many fields, is refused, and the rest is not', async () => {
  const fields = (count: number) =>
    formOf(Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, ''])));
  await check(fields(MAX_PAGE_FIELDS));
  await expect(check(fields(MAX_PAGE_FIELDS + 1))).rejects.toThrow(refused('body_too_large'));
  checkPageBody(Buffer.alloc(MAX_PAGE_BODY_BYTES, ' '), 'text/plain');
  expect(() => checkPageBody(Buffer.alloc(MAX_PAGE_BODY_BYTES + 1, ' '), 'text/plain')).toThrow(
    refused('body_too_large'),
  );
});

test('what the proxy leaves out is what holds routes alone', () => {
  const [, matcher] = /matcher: \['([^']+)'\]/.exec(readFileSync('proxy.ts', 'utf8')) ?? [];
  const left = ROUTE_FOLDERS.map((folder) => folder.slice(1));
  expect(matcher).toBe(`/((?!${left.join('|')}|_next/static/).*)`);
  const pages = sourceFiles(['app'], 'page.tsx').map((file) => file.slice('app/'.length));
  expect(pages.filter((page) => left.some((folder) => page.startsWith(folder)))).toEqual([]);
  // Whatever else is asked for there is answered by a route as well, and never by Next's page for what is not there.
  const routes = sourceFiles(['app'], 'route.ts');
  for (const folder of left) {
    expect(routes).toContainEqual(
      expect.stringMatching(new RegExp(`^app/${folder}\\[\\.{3}\\w+\\]/route\\.ts$`)),
    );
  }
});
