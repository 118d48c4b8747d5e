import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createThrottle } from '../../../src/log/throttle.js';

test('one line per cause and window, with a count of what was held back', () => {
  let nowMs = 0;
  const throttle = createThrottle({ windowMs: 60_000, nowMs: () => nowMs });
  const rows: readonly (readonly [number, string, string, string | undefined])[] = [
    [0, 'a', 'bad packet', 'bad packet'],
    [1, 'a', 'bad packet', undefined],
    [2, 'b', 'disk full', 'disk full'],
    [59_999, 'a', 'bad packet', undefined],
    [60_000, 'a', 'bad packet again', 'bad packet again (2 more in the last minute)'],
    [60_001, 'b', 'disk full', undefined],
    [119_999, 'a', 'bad packet', undefined],
    [120_000, 'a', 'bad packet', 'bad packet (1 more in the last minute)'],
    [300_000, 'a', 'bad packet', 'bad packet'],
  ];
  for (const [atMs, cause, text, expected] of rows) {
    nowMs = atMs;
    assert.equal(throttle.line(cause, text), expected, `${cause} at ${atMs}`);
  }
});

test('what was held back before a cause fell silent is told by flush', () => {
  let nowMs = 0;
  const throttle = createThrottle({ windowMs: 1000, nowMs: () => nowMs });
  throttle.line('a', 'x');
  throttle.line('a', 'y');
  throttle.line('b', 'z');
  nowMs = 999;
  assert.deepEqual(throttle.flush(), []);
  nowMs = 1000;
  assert.deepEqual(throttle.flush(), ['y (1 more in the last 1 s)']);
  assert.deepEqual(throttle.flush(), []);
});

test('the number of causes is bounded: the oldest is forgotten', () => {
  const throttle = createThrottle({ windowMs: 1000, nowMs: () => 0, maxCauses: 2 });
  assert.equal(throttle.line('a', 'x'), 'x');
  assert.equal(throttle.line('b', 'x'), 'x');
  assert.equal(throttle.line('c', 'x'), 'x');
  assert.equal(throttle.line('b', 'x'), undefined);
  assert.equal(throttle.line('a', 'x'), 'x');
});
