// @module-tag once
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/engine.ts';
import { createToken, sendNotification, sendWith } from '../support/http-sender.ts';
import { type HttpStream, openHttpStream } from '../support/http-stream.ts';
import type { SignedIn, TestServer } from '../support/server.ts';
import { decodeSse } from '../support/sse.ts';
import { startTestServer } from '../support/test-server.ts';

const MAX_STREAMS = 3;

// Both ways in which a stream's bytes reach the network make the same promises: lib/belfry/http/stream-handover.ts.
describe.each(['handover', 'plain'])('GET /sse by the path %s', (STREAM_PATH) => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;

  beforeAll(async () => {
    server = await startTestServer({
      env: {
        MAX_STREAMS_PER_USER: String(MAX_STREAMS),
        CONNECT_LIMIT_PER_MINUTE: '100000',
        STREAM_PATH,
        LOG_LEVEL: 'warn',
      },
    });
    ada = await server.signIn('ada@belfry.test');
    ben = await server.signIn('ben@belfry.test');
  }, 60_000);
  afterAll(() => server?.remove());

  const send = (overrides: Record<string, unknown> = {}) => sendNotification(server, overrides);

  async function streamCount(): Promise<number> {
    return ((await (await fetch(`${server.url}/api/health`)).json()) as { streams: number }).streams;
  }

  const open: HttpStream[] = [];
  const openFor = async (user: SignedIn, options?: Parameters<typeof openHttpStream>[1]) => {
    const stream = await openHttpStream(user, options);
    open.push(stream);
    return stream;
  };
  const closeAll = async () => {
    for (const stream of open.splice(0)) stream.close();
    await until(async () => (await streamCount()) === 0);
  };

  test('the headers keep caches, proxies and compression off, and a send arrives live', async () => {
    await ben.post('/notifications/clear');
    const stream = await openFor(ben, { headers: { 'Accept-Encoding': 'gzip, br' } });
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    expect(stream.response.headers.get('cache-control')).toBe('private, no-store, no-transform');
    expect(stream.response.headers.get('content-encoding')).toBeNull();
    expect(stream.response.headers.get('x-accel-buffering')).toBe('no');
    const id = await send({
      title: 'data: x 🔔',
      message: 'cr \r lf \n crlf \r\n ls \u2028 🔔\n\nevent: inbox\n\n',
    });
    await until(() => stream.ids.length > 0);
    expect(stream.events).toMatchObject([
      {
        id,
        isRecovered: false,
        payload: { title: 'data: x 🔔', message: 'cr \n lf \n crlf \n ls \n 🔔\n\nevent: inbox' },
      },
    ]);
    await closeAll();
  });

  test.each([',', '%2C'])(
    'several types go in one stream with %s between; one named twice counts once',
    async (comma) => {
      const types = ['SystemNotification', 'ReportBuilt', 'SystemNotification'];
      const stream = await openFor(ben, { path: `/sse/${types.join(comma)}` });
      const id = await send();
      await until(() => stream.ids.includes(id));
      expect(stream.ids.filter((one) => one === id)).toEqual([id]);
      await closeAll();
    },
  );

  test('a dismissal on one device reaches the other, and a clear too', async () => {
    await ben.post('/notifications/clear');
    const [one, two] = [await openFor(ben), await openFor(ben)];
    const id = await send();
    await until(() => one.ids.includes(id) && two.ids.includes(id));
    await ben.post('/notifications/dismiss', { ids: [id] });
    await until(() => one.inbox.length > 1 && two.inbox.length > 1);
    expect(one.inbox[1]).toMatchObject({ kind: 'changes', changed: [{ id }], unreadTotal: 0 });
    await ben.post('/notifications/clear');
    await until(() => two.inbox.length > 2);
    expect(two.inbox[2]).toMatchObject({ unreadTotal: 0 });
    await closeAll();
  });

  test('over the limit of streams it answers 429 in JSON; others, and later ones, get theirs', async () => {
    for (let n = 0; n < MAX_STREAMS; n += 1) await openFor(ben);
    const refused = await ben.fetch('/sse/SystemNotification');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: 'too_many_streams' } });
    expect(refused.status).toBe(429);
    await openFor(ada);
    expect(await streamCount()).toBe(MAX_STREAMS + 1);
    open[0]?.close();
    await until(async () => (await streamCount()) === MAX_STREAMS);
    await openFor(ben);
    await closeAll();
  });

  test('clients that leave at any moment leave no stream behind', async () => {
    const { port, hostname } = new URL(server.url);
    const request = `GET /sse/SystemNotification HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${ada.cookie}\r\n\r\n`;
    for (let round = 0; round < 30; round += 1) {
      const sockets = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const socket = connect(Number(port), hostname);
          socket.on('error', () => {});
          await once(socket, 'connect');
          socket.write(request);
          return socket;
        }),
      );
      // From at once to some milliseconds later, so that every stage of opening is hit.
      await sleep(round / 4);
      for (const socket of sockets) socket.destroy();
    }
    await until(async () => (await streamCount()) === 0);
    await openFor(ada);
    await closeAll();
  });

  test('a client that never reads is dropped, and those that read get everything', async () => {
    const { port, hostname } = new URL(server.url);
    await Promise.all([ada.post('/notifications/clear'), ben.post('/notifications/clear')]);
    const stalled = connect(Number(port), hostname);
    stalled.on('error', () => {});
    await once(stalled, 'connect');
    stalled.pause();
    stalled.write(
      `GET /sse/SystemNotification HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${ada.cookie}\r\n\r\n`,
    );
    await until(async () => (await streamCount()) === 1);
    const reading = await openFor(ben);
    let sent = 0;
    for (; sent < 600 && (await streamCount()) > 1; sent += 25) {
      const token = await createToken(server);
      await Promise.all(
        Array.from({ length: 25 }, () =>
          sendWith(server, token, { title: 'x', message: '🔔'.repeat(5_000), audience: 'all' }),
        ),
      );
    }
    expect(await streamCount()).toBe(1);
    await until(() => reading.ids.length === sent);
    expect(new Set(reading.ids).size).toBe(sent);
    stalled.destroy();
    await Promise.all([ada.post('/notifications/clear'), ben.post('/notifications/clear')]);
    await closeAll();
  });

  /** Sends requests of Ben's in one packet, by their first lines, and keeps the text of what comes back. */
  async function openRaw(requestLines: string[]): Promise<{ text: () => string; close: () => void }> {
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('utf8').on('data', (some: string) => {
      text += some;
    });
    await once(socket, 'connect');
    socket.write(
      requestLines
        .map((line) => `${line}\r\nHost: ${hostname}:${port}\r\nCookie: ${ben.cookie}\r\n\r\n`)
        .join(''),
    );
    return { text: () => text, close: () => socket.destroy() };
  }

  test('a client of HTTP/1.0 gets its events too, without the framing that it does not know', async () => {
    await ben.post('/notifications/clear');
    const answer = await openRaw([`GET /sse/SystemNotification HTTP/1.0`]);
    await until(() => answer.text().includes('event: inbox'));
    const ids = [await send(), await send()];
    await until(() => answer.text().includes(`id: ${ids[1]}\n`));
    answer.close();
    const body = answer.text().slice(answer.text().indexOf('\r\n\r\n') + 4);
    const { messages, errors } = decodeSse(body);
    expect(errors).toEqual([]);
    expect(
      messages.filter(({ event }) => event === 'SystemNotification').map(({ id }) => Number(id)),
    ).toEqual(ids);
    await closeAll();
  });

  test('a stream that was asked for behind another request on one connection (pipelining) gets its events', async () => {
    await ben.post('/notifications/clear');
    const answers = await openRaw([
      'GET /notifications/poll HTTP/1.1',
      'GET /sse/SystemNotification HTTP/1.1',
    ]);
    await until(() => answers.text().includes('event: inbox'));
    const id = await send();
    await until(() => answers.text().includes(`id: ${id}\n`));
    answers.close();
    await closeAll();
  });

  test('nobody gets into a stream of somebody else by naming its connection', async () => {
    const victim = await openFor(ada);
    for (let number = 1; number <= 40; number += 1) {
      const stream = await openFor(ben, { headers: { 'X-Belfry-Connection': String(number) } });
      stream.close();
      await until(async () => (await streamCount()) === 1);
    }
    const id = await send();
    await until(() => victim.ids.includes(id));
    expect(victim.ended).toBe(false);
    await closeAll();
  });

  test('signing out ends the streams of that user', async () => {
    const user = await server.signIn('ben@belfry.test');
    const stream = await openFor(user);
    const csrf = await user.fetch('/api/auth/csrf');
    const { csrfToken } = (await csrf.json()) as { csrfToken: string };
    const cookie = [user.cookie, ...csrf.headers.getSetCookie().map((one) => one.split(';')[0])].join('; ');
    const answer = await fetch(`${server.url}/api/auth/signout`, {
      method: 'POST',
      headers: { Cookie: cookie, Origin: server.url },
      body: new URLSearchParams({ csrfToken, json: 'true' }),
    });
    expect(answer.status).toBe(200);
    await until(() => stream.ended);
    await closeAll();
  });

  test.each(['../../etc/passwd', '%00', '1e9', '-1', '9'.repeat(30)])(
    'a Last-Event-ID or a state that is not ours makes the client start afresh, and breaks nothing: %s',
    async (lastEventId) => {
      const path = `/sse/SystemNotification?since=${encodeURIComponent(lastEventId)}`;
      const stream = await openFor(ben, { path, headers: { 'Last-Event-ID': lastEventId } });
      expect(stream.inbox[0]?.kind).toBe('snapshot');
      await closeAll();
    },
  );

  test('nothing of all this was an error of the server', () => {
    const lines = server
      .log()
      .split('\n')
      .filter((line) => /"level":"(error|fatal)"|unhandled|Error:/i.test(line));
    expect(lines).toEqual([]);
  });
});
