/** What a definition says of a notification, what the compiler holds it to, and what becomes of rows that are older than it. */
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEventType } from '../../lib/belfry/definitions/event-type.ts';
import { defineNotification, type NotificationType } from '../../lib/belfry/definitions/notification-type.ts';
import { defineProgress } from '../../lib/belfry/definitions/progress-type.ts';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';
import { Languages } from '../../lib/belfry/language/languages.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import { type BelfryError, errorBody } from '../../lib/belfry/protocol/errors.ts';

const CommentAdded = defineNotification({
  name: 'CommentAdded',
  payload: z.object({
    author: z.string(),
    post: z.string(),
    count: z.int().default(1),
    at: z.int().default(0),
  }),
  category: 'comments',
  priority: 'LOW',
  expiresIn: 3_600,
  group: ({ post }) => `post:${post}`,
  messages: {
    en: {
      title: '{author} {count, plural, one {commented} other {commented # times}}',
      when: 'On {at, date, medium} at {at, time, short}',
    },
    'zh-TW': { title: '{author} 留言 {count, number} 次', when: '{at, date, medium} {at, time, short}' },
  },
  render: ({ payload, t }) => ({
    title: t('title', payload),
    message: t('when', { at: new Date(payload.at) }),
    link: `/posts/${payload.post}`,
    linkLabel: payload.post,
  }),
});

const languages = new Languages({ en: {}, 'zh-TW': {} });
const told: object[] = [];
const log = { info: () => {}, warn: () => {}, error: (fields: object) => void told.push(fields) };
const registry = new EventTypeRegistry({ languages, log });
registry.registerAll([SystemNotification, CommentAdded]);
afterEach(() => {
  told.length = 0;
});

const english = languages.readerOf({});
const chinese = languages.readerOf({ locale: 'zh-TW', timeZone: 'Asia/Taipei' });
const AT = Date.UTC(2030, 0, 31, 23, 30);

function stored(
  payload: unknown,
  { eventType = 'CommentAdded', payloadVersion = 1, content = null as never } = {},
) {
  return { eventType, payload, payloadVersion, content };
}

test('it reads in the language, the numbers and the time zone of whoever reads it', () => {
  const event = stored({ author: 'Ben', post: '7', count: 1_234, at: AT });
  expect(registry.show(event, english)).toEqual({
    category: 'comments',
    payload: { author: 'Ben', post: '7', count: 1_234, at: AT },
    content: {
      title: 'Ben commented 1,234 times',
      message: 'On 31 Jan 2030 at 23:30',
      link: '/posts/7',
      linkLabel: '7',
    },
    actions: [],
  });
  const { title, message } = registry.show(event, chinese).content;
  // Which word there is for that part of the morning depends on the version of the locale's data.
  expect([title, message]).toEqual(['Ben 留言 1,234 次', expect.stringMatching(/^2030年2月1日 .+7:30$/)]);
  expect(
    registry.show(event, languages.readerOf({ locale: 'en-US', timeZone: 'Asia/Taipei' })).content.message,
  ).toBe('On Feb 1, 2030 at 7:30 AM');
});

test('what is kept of it is what its schema gives back, its group, its version, and how it reads in English', () => {
  expect(registry.keep('CommentAdded', { author: 'Ben', post: '7' })).toEqual({
    payload: { author: 'Ben', post: '7', count: 1, at: 0 },
    payloadVersion: 1,
    groupKey: 'CommentAdded/post:7',
    content: expect.objectContaining({ title: 'Ben commented', link: '/posts/7' }),
  });
});

test('what the payload says by itself is not kept twice', () => {
  const payload = { title: 'Tea', message: 'At four.', link: '/tea', linkLabel: 'Menu' };
  expect(registry.keep('SystemNotification', payload)).toMatchObject({
    payload,
    content: null,
    groupKey: null,
  });
});

test('a row of an older version is brought up to date; what cannot be shows what was stored with it', () => {
  const upgraded = defineNotification({
    name: 'CommentAdded',
    payload: z.object({ authors: z.array(z.string()) }),
    version: 2,
    upgrade: (payload) => ({ authors: [(payload as { author: string }).author.trim()] }),
    render: ({ payload }) => ({ title: payload.authors.join(' and ') }),
  });
  const now = new EventTypeRegistry({ log });
  now.registerAll([upgraded]);
  const content = { title: 'Ben commented', message: '', link: null };
  const older = { ...stored({ author: ' Ben ' }), content };
  expect(now.show(older, english)).toMatchObject({
    payload: { authors: ['Ben'] },
    content: { title: 'Ben' },
  });
  for (const payload of [{}, null, { author: 7 }, 'text', []]) {
    expect(now.show({ ...older, payload }, english)).toEqual({
      category: 'general',
      payload: null,
      content,
      actions: [],
    });
  }
  // Of the version of today, and yet it does not fit.
  expect(now.show({ ...older, payloadVersion: 2 }, english)).toMatchObject({ payload: null, content });
  expect(told).toEqual([expect.objectContaining({ code: 'upgrade_failed', eventType: 'CommentAdded' })]);
});

test('what was stored may hold more than may be sent, where the definition says so', () => {
  const payload = { title: 'A\u202eB', message: '\u0000 and \r\n' };
  expect(() => registry.keep('SystemNotification', payload)).toThrow();
  expect(registry.show(stored(payload, { eventType: 'SystemNotification' }), english)).toMatchObject({
    payload,
    content: payload,
  });
});

test('a row whose type is gone shows what was stored with it, or what its payload says, or its name', () => {
  const gone = { eventType: 'Gone', payloadVersion: 3 };
  const content = { title: 'It was so', message: '', link: '/a' };
  const titleOf = (kept: object) =>
    registry.show({ ...gone, payload: null, content: null, ...kept }, chinese).content.title;
  expect(titleOf({ content })).toBe('It was so');
  expect(titleOf({ payload: { title: 'Said so', message: 7, link: 'javascript:alert(1)' } })).toBe('Said so');
  for (const payload of [null, 7, 'text', {}, { title: '' }, { title: 7 }])
    expect(titleOf({ payload })).toBe('Gone');
  expect(registry.show({ ...gone, payload: { a: 1 }, content: null }, english)).toMatchObject({
    category: 'general',
    payload: { a: 1 },
  });
});

test('an item whose renderer fails reads as it was stored, and the log says so once a minute', () => {
  const renderers: NotificationType['render'][] = [
    () => {
      throw new Error('No.');
    },
    () => ({ title: '' }),
    () => ({ title: 7 as never }),
    () => null as never,
  ];
  for (const render of renderers) {
    const broken = new EventTypeRegistry({ log });
    broken.registerAll([defineNotification({ name: 'Broken', payload: z.unknown(), render })]);
    const event = stored({ title: 'As it is' }, { eventType: 'Broken' });
    expect(broken.show(event, english).content.title).toBe('As it is');
    expect(broken.show(event, english).content.title).toBe('As it is');
    expect(told).toEqual([expect.objectContaining({ code: 'render_failed', eventType: 'Broken' })]);
    // It is stored all the same: nothing is lost, and it reads when its renderer is mended.
    expect(broken.keep('Broken', 7)).toMatchObject({ payload: 7, content: null });
    told.length = 0;
  }
});

test('addresses that could run as a script, or lead nowhere, are left out', () => {
  const links = new EventTypeRegistry({ log });
  const payload = z.string();
  links.registerAll([
    defineNotification({
      name: 'Linked',
      payload,
      render: ({ payload: address }) => ({
        title: 'T',
        link: address,
        linkLabel: 'L',
        icon: address,
        avatar: address,
        image: address,
      }),
    }),
  ]);
  const contentOf = (address: string) =>
    links.show(stored(address, { eventType: 'Linked' }), english).content;
  for (const bad of ['javascript:alert(1)', '//evil.example', 'data:image/png;base64,', 'a b', '']) {
    expect(contentOf(bad)).toEqual({ title: 'T', message: '', link: null });
  }
  for (const good of ['/a.png', 'https://example.com/a.png']) {
    expect(contentOf(good)).toMatchObject({
      link: good,
      linkLabel: 'L',
      icon: good,
      avatar: good,
      image: good,
    });
  }
});

test('a definition that cannot work is refused where it is made, or where it is listed, by its name', () => {
  const payload = z.object({});
  const render = () => ({ title: 'T' });
  for (const wrong of [
    { name: 'lower' },
    { category: 'Not a word' },
    { version: 0 },
    { version: 1.5 },
    { expiresIn: 0 },
    { expiresIn: Number.NaN },
  ]) {
    expect(() => defineNotification({ name: 'Right', payload, render, ...wrong })).toThrow(TypeError);
  }
  const list = (...types: NotificationType[]) => new EventTypeRegistry({ languages, log }).registerAll(types);
  const english = defineNotification({ name: 'English', payload, render, messages: { en: { title: 'T' } } });
  expect(() => list(english)).toThrow(/English does not say "title" in zh-TW/);
  const broken = defineNotification({
    name: 'Torn',
    payload,
    render,
    messages: { en: { title: '{a, plural}' }, 'zh-TW': { title: '{a' } },
  });
  expect(() => list(broken)).toThrow(/Torn says "title" with what is no ICU message/);
  expect(() => list(SystemNotification, { ...SystemNotification })).toThrow(/named "SystemNotification"/);
});

test('the catalogue of another language may hold what a definition does not', () => {
  const german = new Languages({
    en: {},
    de: { 'CommentAdded.title': '{author} hat kommentiert', 'CommentAdded.when': '' },
  });
  const more = new EventTypeRegistry({ languages: german, log });
  more.registerAll([CommentAdded]);
  const event = stored({ author: 'Ben', post: '7', count: 1, at: AT });
  expect(more.show(event, german.readerOf({ acceptLanguage: 'de-AT' })).content.title).toBe(
    'Ben hat kommentiert',
  );
});

test('only notifications are stored, and only by a name that is listed', () => {
  const Progress = defineEventType({ name: 'Progress', payload: z.object({ done: z.number() }) });
  const some = new EventTypeRegistry();
  const Job = defineProgress({ name: 'Job', payload: z.object({}), render: () => ({ title: 'T' }) });
  some.registerAll([Progress, Job, SystemNotification]);
  expect(some.notification('SystemNotification')).toBe(SystemNotification);
  for (const name of ['Progress', 'Job', 'Nothing', 'toString', '']) {
    expect(() => some.notification(name)).toThrow(expect.objectContaining({ code: 'unknown_event_type' }));
  }
  expect(some.job('Job')).toBe(Job);
  expect(() => some.job('Progress')).toThrow(expect.objectContaining({ code: 'unknown_event_type' }));
  expect([some.namesIn('system'), some.namesIn('general')]).toEqual([['SystemNotification'], ['Job']]);
});

test('one whose group cannot be made stands by itself, and is sent all the same; a long key is cut', () => {
  const define = (name: string, group: () => string) =>
    defineNotification({ name, payload: z.object({}), group, render: () => ({ title: 'T' }) });
  const some = new EventTypeRegistry({ languages, log });
  some.registerAll([
    define('Throws', () => {
      throw new Error('A defect.');
    }),
    define('Nothing', () => undefined as unknown as string),
    define('Number', () => 7 as unknown as string),
    define('Long', () => 'x'.repeat(1_000)),
    define('Unstorable', () => `a\0${'x'.repeat(197)}😀`),
  ]);
  const keyOf = (name: string) => some.keep(name, {}).groupKey;
  expect(['Throws', 'Nothing', 'Number'].map(keyOf)).toEqual([null, null, null]);
  expect(keyOf('Unstorable')).toBe(`Unstorable/a\ufffd${'x'.repeat(197)}\ufffd`);
  expect(keyOf('Long')).toBe(`Long/${'x'.repeat(200)}`);
});

test('a long job reads as it stands, is grouped by its own payload, and what is older fits by its upgrade', () => {
  const ReportBuilt = defineProgress({
    name: 'ReportBuilt',
    payload: z.object({ month: z.string() }),
    result: z.object({ pages: z.int() }),
    group: ({ month }) => month,
    render: ({ payload, progress }) => ({
      title: `${payload.month} ${progress.state}`,
      message: progress.state === 'done' ? String(progress.result.pages) : '',
    }),
    version: 2,
    upgrade: (payload) => ({ month: (payload as { name: string }).name }),
  });
  const ofJobs = new EventTypeRegistry({ languages, log });
  ofJobs.registerAll([ReportBuilt]);
  const job = { key: 'may', startedAt: new Date(AT).toISOString(), payload: { month: 'May' } };
  const done = { ...job, progress: { state: 'done', result: { pages: 3 } } };
  expect(ofJobs.keep('ReportBuilt', done)).toMatchObject({
    payload: done,
    payloadVersion: 2,
    groupKey: 'ReportBuilt/May',
    content: { title: 'May done', message: '3' },
  });
  const older = { ...done, payload: { name: 'May' } };
  expect(ofJobs.show(stored(older, { eventType: 'ReportBuilt' }), english)).toMatchObject({ payload: done });
  const running = { ...job, progress: { state: 'running', fraction: 0.5, note: null } };
  const fleeting = stored(running, { eventType: 'ReportBuilt', payloadVersion: 2 });
  expect(ofJobs.running(fleeting, english)).toEqual({
    key: 'may',
    title: 'May running',
    message: '',
    fraction: 0.5,
    startedAt: job.startedAt,
  });
  expect(ofJobs.running(stored({}), english)).toBeNull();
});

test("what is refused reads in the reader's language, also what a schema of the definition says itself", () => {
  const some = new EventTypeRegistry({ languages: new Languages({ en: {}, 'zh-TW': {} }), log });
  some.registerAll([
    defineNotification({
      name: 'Invited',
      payload: z.object({ team: z.string().min(1, 'team-missing') }),
      messages: {
        en: {
          'team-missing': 'Name the team.',
          why: 'ToMessage why in {maximum, number} letters.',
          no: 'No',
        },
        'zh-TW': { 'team-missing': '請填寫團隊。', why: '請用 {maximum, number} 個字說明。', no: '不要' },
      },
      render: ({ payload }) => ({ title: payload.team }),
      actions: { no: { label: 'no', input: { label: 'why', schema: z.string().max(5, 'why') } } },
    }),
  ]);
  const translate = some.languages.translate(some.languages.readerOf({ locale: 'zh-TW' }));
  const refusalOf = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return [errorBody(error as BelfryError), errorBody(error as BelfryError, translate)].map(
        (body) => body.error.fieldErrors,
      );
    }
  };
  expect(refusalOf(() => some.parsePayload('Invited', { team: '' }, 'payload'))).toEqual([
    { 'payload.team': ['Name the team.'] },
    { 'payload.team': ['請填寫團隊。'] },
  ]);
  const event = stored({ team: 'red' }, { eventType: 'Invited' });
  expect(refusalOf(() => some.toTake(event, 'no', 'too long'))).toEqual([
    { input: ['ToMessage why in 5 letters.'] },
    { input: ['請用 5 個字說明。'] },
  ]);
  // Pages have the words of pages alone.
  const { messages } = some.languages.languageOf(some.languages.readerOf({}));
  expect(Object.keys(messages).filter((key) => key.startsWith('Invited'))).toEqual([]);
});
