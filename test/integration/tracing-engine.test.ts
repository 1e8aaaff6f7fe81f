import { SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { NOBODY_WATCHES } from '../../lib/belfry/engine/engine-observer.ts';
import { traced } from '../../lib/telemetry/tracing.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { createEngine, portOf, type TestEngine } from '../support/engine.ts';

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
);

let database: TestDatabase;
let engine: TestEngine;

beforeAll(async () => {
  database = await freshDatabase();
  engine = createEngine(database.db, { observer: traced(NOBODY_WATCHES) });
  await engine.manager.start();
});
beforeEach(() => exporter.reset());
afterAll(async () => {
  await engine.manager.shutdown();
  await database.remove();
});

const draft = { eventType: 'Note', payload: { text: 'private' } };
const ada = { targetUserId: 1, target: 'ada', topicId: null };
const spans = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);

test('a send inside a transaction is a span without an id, which it gets after the commit', async () => {
  const { within } = portOf(database.db);
  await database.db.$transaction((tx) => engine.manager.createWithin(within(tx), draft, { user: 'ada' }));
  expect(spans('belfry.send').map(({ attributes }) => attributes)).toEqual([
    { 'belfry.event.type': 'Note', 'belfry.audience': 'user' },
  ]);
});

test('a send that fails says what kind of failure it was, and nothing of what was sent', async () => {
  await expect(engine.manager.create({ ...draft, payload: { text: 5 } }, ada)).rejects.toThrow();
  const [{ attributes, status, events } = {}] = spans('belfry.send');
  expect(attributes).toMatchObject({ 'error.type': 'invalid_input' });
  expect(status).toEqual({ code: SpanStatusCode.ERROR });
  expect(events).toEqual([]);
});

test('a send that was sent before is stored and announced once', async () => {
  const once = { ...draft, idempotencyKey: 'once' };
  const { id } = await engine.manager.create(once, ada);
  await engine.manager.create(once, ada);
  expect(spans('belfry.store').map(({ attributes }) => attributes)).toMatchObject([
    { 'belfry.event.id': id, 'belfry.event.is_new': true },
    { 'belfry.event.id': id, 'belfry.event.is_new': false },
  ]);
  expect(
    spans('belfry.publish').filter(({ attributes }) => attributes['belfry.event.id'] === id),
  ).toHaveLength(1);
});
