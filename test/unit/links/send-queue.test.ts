import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendQueue } from '../../../src/links/send-queue.js';

const frame = (length: number, fill: number) => new Uint8Array(length).fill(fill);

test('frames leave in the order in which they came', () => {
  const queue = new SendQueue(100);
  queue.push(frame(10, 1));
  queue.push(frame(10, 2));
  assert.equal(queue.bytes, 20);
  assert.deepEqual([queue.shift()?.[0], queue.shift()?.[0], queue.shift()], [1, 2, undefined]);
  assert.equal(queue.bytes, 0);
});

test('beyond the bound the oldest frames make room for the newest', () => {
  const queue = new SendQueue(100);
  assert.equal(queue.push(frame(40, 1)), 0);
  assert.equal(queue.push(frame(40, 2)), 0);
  assert.equal(queue.push(frame(90, 3)), 2);
  assert.equal(queue.shift()?.[0], 3);
});

test('a frame larger than the bound may wait alone', () => {
  const queue = new SendQueue(100);
  queue.push(frame(10, 1));
  assert.equal(queue.push(frame(500, 2)), 1);
  assert.equal(queue.bytes, 500);
  assert.equal(queue.push(frame(10, 3)), 1);
  assert.equal(queue.clear(), 1);
});

test('what is queued is a copy', () => {
  const queue = new SendQueue(100);
  const bytes = frame(4, 1);
  queue.push(bytes);
  bytes.fill(9);
  assert.deepEqual(queue.shift(), frame(4, 1));
});
