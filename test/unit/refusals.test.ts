import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BelfryError } from '../../lib/belfry/protocol/errors.ts';
import { logConsole, logPageError } from '../../lib/http/next-errors.ts';
import { RefusalLog, toReadableError } from '../../lib/http/refusals.ts';
import { log } from '../../lib/telemetry/log.ts';
import { metrics } from '../../lib/telemetry/metrics.ts';

let lines: Record<string, unknown>[];
let counted: string[];
beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  counted = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function newLog(): RefusalLog {
  const log = { info: (fields: Record<string, unknown>) => void lines.push(fields) } as never;
  return new RefusalLog({ log, count: (code) => counted.push(code) });
}

async function valuesOf(name: string): Promise<Map<string, number>> {
  const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
  return new Map(values.map(({ labels, value }) => [String(labels.code), value]));
}

test('each refusal is counted, and a flood of one kind is a line a minute that says how many', () => {
  const refusals = newLog();
  for (let n = 0; n < 1_000; n += 1) refusals.note('wrong_origin', { path: `/${n}` });
  refusals.note('not_signed_in');
  expect(counted).toHaveLength(1_001);
  expect(lines).toMatchObject([
    { refused: 'wrong_origin', count: 1, path: '/0' },
    { refused: 'not_signed_in', count: 1 },
  ]);
  vi.advanceTimersByTime(60_000);
  expect(lines.slice(2)).toMatchObject([{ refused: 'wrong_origin', count: 999, path: '/999' }]);
  vi.advanceTimersByTime(60 * 60_000);
  expect(lines).toHaveLength(3);
  refusals.note('wrong_origin');
  expect(lines).toHaveLength(4);
});

test('a line is short, whatever the client asked for', () => {
  newLog().note('not_found', {
    method: 'X'.repeat(5_000),
    path: `/${'x'.repeat(5_000)}`,
    address: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
    userId: 2_147_483_647,
  });
  const around = '{"level":"info","time":"2026-11-26T16:26:25.510Z","msg":"refused"}';
  expect(JSON.stringify(lines[0]).length + around.length).toBeLessThan(300);
});

test('our own refusals are counted, and only what somebody has to look at is a failure', async () => {
  vi.spyOn(log, 'error').mockImplementation(() => {});
  const before = await valuesOf('belfry_refusals_total');
  const told = toReadableError(new BelfryError('wrong_origin', 'No.'), {}, 'internal_error');
  expect(told.message).toBe('No.');
  expect(log.error).not.toHaveBeenCalled();
  const after = await valuesOf('belfry_refusals_total');
  expect(after.get('wrong_origin')).toBe((before.get('wrong_origin') ?? 0) + 1);
  expect(toReadableError(new Error('secret'), {}, 'action_failed').message).not.toContain('secret');
  expect(log.error).toHaveBeenCalledWith(
    expect.objectContaining({ code: 'action_failed' }),
    expect.any(String),
  );
});

const FRAME =
  '    at t0 (/app/node_modules/next/dist/compiled/next-server/app-page-turbo.runtime.prod.js:17:12043)';
const TEMPLATE =
  '    at async m (/app/.next/server/chunks/ssr/node_modules_next_dist_0-amwqbrge23p._.js:1:11826)';
const OWN = '    at buildReport (/app/.next/server/chunks/ssr/_1xnadb5za_yf7._.js:1:1500)';

function errorWith(stack: string): Error {
  return Object.assign(new Error(), { stack });
}

describe('what is said on the console', () => {
  const said = { ...console };
  beforeEach(() => {
    vi.spyOn(log, 'error').mockImplementation(() => {});
    vi.spyOn(log, 'warn').mockImplementation(() => {});
    logConsole();
  });
  afterEach(() => void Object.assign(console, said));

  test.each([
    [
      '`x-forwarded-host` header with value `127.0.0.1:3000` does not match `origin` header with value `evil.example` from a forwarded Server Actions request. Aborting the action.',
      'wrong_origin',
    ],
    [
      'Error: Failed to find Server Action "00". This request might be from an older deployment.',
      'unknown_action',
    ],
    ['Error: The Server Reference ID did not match the expected format. Received "x".', 'bad_action'],
    ['Error: Invalid Server Actions request.\n    at ignore-listed frames', 'bad_action'],
  ])('is a refusal where Next refused a request: %s', async (text, code) => {
    const before = (await valuesOf('belfry_refusals_total')).get(code) ?? 0;
    console.error(text);
    console.warn(text);
    expect((await valuesOf('belfry_refusals_total')).get(code)).toBe(before + 2);
    expect(log.error).not.toHaveBeenCalled();
  });

  test('is told once when a page failed, with all that is known of it', () => {
    const failure = errorWith(`TypeError: x is not a function\n${OWN}`);
    console.error('\u001b[31m⨯\u001b[39m', failure);
    logPageError(failure, { method: 'GET', path: '/' });
    vi.advanceTimersByTime(10_000);
    expect(log.error).toHaveBeenCalledTimes(1);
    expect(log.error).toHaveBeenCalledWith(
      expect.objectContaining({ code: 'page_failed' }),
      expect.any(String),
    );
  });

  test('is a failure where nobody else tells of it', () => {
    console.error('⨯', errorWith('Error: of nobody'));
    expect(log.error).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    console.error('⨯ unhandledRejection:', errorWith('Error: aborted\n    at x'));
    console.error('a library complains');
    expect(log.error).toHaveBeenCalledTimes(3);
  });
});

test.each([
  ['Error: Body exceeded 1 MB limit.\nTo configure', 'body_too_large'],
  ['Error: aborted\n    at abortIncoming (node:_http_server:922:17)', 'request_aborted'],
  [
    `TypeError: Failed to parse body as FormData.\n    at parsingError (node:internal/deps/undici/undici:1:1)\n${FRAME}`,
    'bad_action',
  ],
  [
    `SyntaxError: Unexpected end of JSON input\n    at JSON.parse (<anonymous>)\n${FRAME}\n${TEMPLATE}`,
    'bad_action',
  ],
  [`Error: Connection closed.\n${FRAME}\n    at async Promise.all (index 0)`, 'bad_action'],
])('what an action throws because of the request alone is a refusal: %s', async (stack, code) => {
  vi.spyOn(log, 'error').mockImplementation(() => {});
  const before = (await valuesOf('belfry_refusals_total')).get(code) ?? 0;
  logPageError(errorWith(stack), { method: 'POST', path: '/page' });
  expect((await valuesOf('belfry_refusals_total')).get(code)).toBe(before + 1);
  expect(log.error).not.toHaveBeenCalled();
});

test.each([
  ['an action that fails', `TypeError: x is undefined\n${OWN}\n${FRAME}`, 'POST'],
  ['what an action causes in Next', `Error: Cookies can only be modified there.\n${FRAME}\n${OWN}`, 'POST'],
  ['a page that fails in Next alone', `Error: x\n${FRAME}`, 'GET'],
  [
    'a text that holds that of a refusal',
    `Error: it failed: Error: Failed to find Server Action "00"\n${OWN}`,
    'POST',
  ],
  ['a library', 'Error: x\n    at y (/app/node_modules/@prisma/client/runtime/client.js:1:1)', 'POST'],
  ['no stack at all', 'Error: x', 'POST'],
])('a failure of our own stays one: %s', (_, stack, method) => {
  vi.spyOn(log, 'error').mockImplementation(() => {});
  logPageError(errorWith(stack), { method, path: '/page' });
  expect(log.error).toHaveBeenCalledWith(
    expect.objectContaining({ code: 'page_failed' }),
    expect.any(String),
  );
});
