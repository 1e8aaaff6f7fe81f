/** Messages with tags, whose elements come from a component of the server. */
import { createElement, type FunctionComponent, lazy, type ReactElement } from 'react';
import { renderToReadableStream } from 'react-dom/server';
import { expect, test } from 'vitest';
import { compileAll } from '../../lib/belfry/language/languages.ts';
import type { Language } from '../../lib/belfry/language/translate.ts';
import { LanguageProvider, useTranslateRich } from '../../lib/belfry/react/language.tsx';

const Provider = LanguageProvider as FunctionComponent<{ language: Language }>;

const language = {
  locale: 'en',
  direction: 'ltr' as const,
  messages: compileAll({ hello: 'Hello, <who>{name}</who>.' }),
};

function Hello({ who }: { who: ReactElement<object> }) {
  return createElement('h1', null, useTranslateRich<{ hello: string }>()('hello', { name: 'Ada', who }));
}

async function htmlOf(who: ReactElement<object>): Promise<string> {
  const page = createElement(Provider, { language }, createElement(Hello, { who }));
  const stream = await renderToReadableStream(page);
  await stream.allReady;
  return new Response(stream).text();
}

test('an element of the server gets what stands between the tags, though it be on its way yet', async () => {
  const here = createElement('bdi');
  // What React makes of it while `npm run dev` runs: it resolves to the element, not to a component.
  const onItsWay = lazy(async () => ({ default: here as never })) as unknown as ReactElement<object>;
  const html = '<h1><span>Hello, </span><bdi>Ada</bdi><span>.</span></h1>';
  expect(await htmlOf(here)).toContain(html);
  expect(await htmlOf(onItsWay)).toContain(html);
});
