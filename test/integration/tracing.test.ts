import { afterEach, expect, test } from 'vitest';
import { type Collector, startCollector } from '../support/collector.ts';
import { freePort } from '../support/free-port.ts';
import { createToken, sendNotification, sendWith } from '../support/http-sender.ts';
import { startServer, type TestServer } from '../support/server.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

let collector: Collector;
let server: TestServer;

afterEach(async () => {
  await server.remove();
  collector?.close();
});

async function start(env: Record<string, string> = {}): Promise<void> {
  collector = await startCollector();
  const traced = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_SERVICE_NAME: '',
  };
  server = await startServer({ env: { LOG_LEVEL: 'warn', ...traced, ...env } });
}

const spansNamed = (name: string) => collector.spans.filter((span) => span.name === name);

test('a send is one trace, from the request to the bus, with type and id and without a word of the message', async () => {
  await start();
  const message = { title: 'Very private title', message: 'Very private words', audience: 'all' };
  const headers = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` };
  const response = await sendWith(server, await createToken(server), message, headers);
  const { id } = (await response.json()) as { id: number };
  // What is left goes out with the stop.
  expect(await server.stop()).toMatchObject({ code: 0 });

  const [send] = spansNamed('belfry.send');
  const [store] = spansNamed('belfry.store');
  const [publish] = spansNamed('belfry.publish');
  const about = { 'belfry.event.type': 'SystemNotification', 'belfry.event.id': id };
  expect(send?.attributes).toEqual({ ...about, 'belfry.audience': 'everyone' });
  expect(store?.attributes).toEqual({
    ...about,
    'belfry.audience': 'everyone',
    'belfry.event.is_new': 1,
  });
  expect(publish?.attributes).toEqual({ ...about, 'belfry.message.kind': 'events' });
  expect([store?.parentSpanId, publish?.parentSpanId]).toEqual([send?.spanId, send?.spanId]);

  // Next's own span of the request belongs to it, and so does the caller's trace.
  const [request] = spansNamed('POST /notifications/send');
  expect([request, send, store, publish].map((span) => span?.traceId)).toEqual(Array(4).fill(TRACE_ID));
  expect(send?.resource).toMatchObject({
    'service.name': 'belfry',
    'deployment.environment.name': 'test',
    'service.instance.id': expect.any(String),
  });
  for (const body of collector.bodies) expect(body.toString('latin1')).not.toMatch(/Very private/);
});

test('nothing is sent while tracing is switched off', { tags: 'long' }, async () => {
  await start({ OTEL_SDK_DISABLED: 'true' });
  await sendNotification(server);
  await server.stop();
  expect(collector.bodies).toEqual([]);
});

test('a sampler may leave every trace out, and the service may have another name', {
  tags: 'long',
}, async () => {
  await start({ OTEL_TRACES_SAMPLER: 'parentbased_always_off', OTEL_SERVICE_NAME: 'bells' });
  const body = { title: 'Title', message: 'Message', audience: 'all' };
  const token = await createToken(server);
  await sendWith(server, token, body);
  await sendWith(server, token, body, { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` });
  await server.stop();
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
  expect(collector.spans[0]?.resource).toMatchObject({ 'service.name': 'bells' });
});

test('a collector that is not there holds up neither a send nor the stop, and is told of', {
  tags: 'long',
}, async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  await start({ OTEL_EXPORTER_OTLP_ENDPOINT: nobody, OTEL_TRACES_SAMPLER: 'sometimes' });
  await sendNotification(server);
  const { milliseconds, code } = await server.stop();
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(3_000);
  expect(server.log()).toContain(
    '"code":"tracing_failed","detail":"OTEL_TRACES_SAMPLER=sometimes is not known',
  );
});
