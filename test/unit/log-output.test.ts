import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { LogOutput } from '../../lib/telemetry/log-output.ts';

/** A stream that is written to at once, unless its disk is full or its reader stands still. */
function logTo() {
  const state = { written: '', isFull: false, isStill: false, lost: 0 };
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    // As standard output: an error does not close it.
    destroy(_error, done) {
      done(null);
      (stream as unknown as { _undestroy: () => void })._undestroy();
    },
    write(text: string, _encoding, done) {
      const write = () => {
        if (state.isFull) {
          done(Object.assign(new Error('write'), { code: 'ENOSPC' }));
          return;
        }
        state.written += text;
        done();
      };
      if (state.isStill) waiting.push(write);
      else write();
    },
  });
  const output = new LogOutput(stream, {
    onLost: () => {
      state.lost += 1;
    },
    lostLine: (count) => `lost ${count}\n`,
  });
  const goOn = () => {
    state.isStill = false;
    for (const write of waiting.splice(0)) write();
  };
  return { state, output, goOn };
}

// An error is told of in a later turn of the event loop.
const afterATurn = () => new Promise((resolve) => setImmediate(resolve));

test('a line is written as it is', () => {
  const { output, state } = logTo();
  output.write('one\n');
  output.write('two\n');
  expect(state).toMatchObject({ written: 'one\ntwo\n', lost: 0 });
});

test('what cannot be written is counted and told of once it can be, in a line of its own', async () => {
  const { output, state } = logTo();
  output.write('one\n');
  state.isFull = true;
  for (const line of ['two\n', 'three\n']) {
    output.write(line);
    await afterATurn();
  }
  expect(state.lost).toBe(2);
  state.isFull = false;
  output.write('four\n');
  await afterATurn();
  output.write('five\n');
  await afterATurn();
  expect(state.written).toBe('one\n\nfour\nlost 2\nfive\n');
});

test('a reader that stands still costs at most about a megabyte, and gets the rest later', async () => {
  const { output, state, goOn } = logTo();
  state.isStill = true;
  const line = `${'x'.repeat(99_999)}\n`;
  for (let count = 0; count < 20; count += 1) output.write(line);
  expect(state.lost).toBe(9);
  while (state.isStill || !state.written.includes('lost')) {
    goOn();
    await afterATurn();
  }
  expect(state.written).toContain('lost 9\n');
});
