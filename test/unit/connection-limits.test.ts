import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Connection, ConnectionLimits, firstToGo } from '../../lib/http/connection-limits.ts';

/** A connection of an address, opened at a time; one that is answering a request unless it waits. */
function connection(address: string, askedAt: number, { waits = true } = {}): Connection {
  const made = Object.assign(new Connection(new Socket()), { address, askedAt });
  Object.defineProperty(made, 'isAnswering', { value: !waits });
  return made;
}

function limitsFor(connections: Connection[], counts: { most: number; mostWaiting: number }) {
  const limits = new ConnectionLimits(new Map(connections.map((one) => [one.socket, one])), counts);
  return { limits, closed: () => connections.filter(({ socket }) => socket.destroyed) };
}

test('whoever has the most makes room first, with the oldest', () => {
  const many = [1, 2, 3, 4].map((askedAt) => connection('203.0.113.9', askedAt));
  const one = connection('192.0.2.1', 0);
  const two = [5, 6].map((askedAt) => connection('192.0.2.2', askedAt));
  const gone = firstToGo([...two, ...many, one], 3);
  expect(gone.map(({ askedAt }) => askedAt)).toEqual([1, 2, 3]);
});

test('of one address the oldest go', () => {
  const all = [3, 1, 2].map((askedAt) => connection('127.0.0.1', askedAt));
  expect(firstToGo(all, 2).map(({ askedAt }) => askedAt)).toEqual([1, 2]);
});

test('a connection too many closes one that waits, and never one that is being answered', () => {
  const answering = [1, 2].map((askedAt) => connection('192.0.2.1', askedAt, { waits: false }));
  const waiting = [3, 4].map((askedAt) => connection('192.0.2.1', askedAt));
  const { limits, closed } = limitsFor([...answering, ...waiting], { most: 3, mostWaiting: 3 });
  limits.afterOpening();
  expect(closed()).toEqual([waiting[0]]);
});

test('up to the limit nothing is closed', () => {
  const { limits, closed } = limitsFor(
    [1, 2, 3].map((askedAt) => connection('192.0.2.1', askedAt)),
    { most: 3, mostWaiting: 3 },
  );
  limits.afterOpening();
  expect(closed()).toEqual([]);
});
