import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendQueue } from '../../../src/links/send-queue.js';
import type { Traffic } from '../../../src/links/traffic.js';

const frame = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const MESSAGE: Traffic = { kind: 'message', seq: 0 };
const REQUEST: Traffic = { kind: 'request' };
const ACK: Traffic = { kind: 'ack' };
const status = (seq: number): Traffic => ({ kind: 'status', seq });

/** The first byte of each frame in the order in which they leave. */
function leaving(queue: SendQueue): (number | undefined)[] {
  const order: (number | undefined)[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) order.push(next[0]);
  return order;
}

test('messages leave in the order in which they came', () => {
  const queue = new SendQueue(100);
  queue.push(frame(10, 1), MESSAGE);
  queue.push(frame(10, 2), MESSAGE);
  assert.equal(queue.bytes, 20);
  assert.deepEqual(leaving(queue), [1, 2]);
  assert.equal(queue.bytes, 0);
});

test('of several heartbeats only the newest waits, even when an old one is sent again', () => {
  const queue = new SendQueue(100);
  assert.equal(queue.push(frame(10, 1), status(7)), 'queued');
  assert.equal(queue.push(frame(10, 2), status(8)), 'thinned');
  assert.equal(queue.push(frame(10, 3), status(6)), 'thinned');
  assert.deepEqual(leaving(queue), [2]);
});

test('of several acknowledgements only the newest waits', () => {
  const queue = new SendQueue(100);
  queue.push(frame(10, 1), ACK);
  assert.equal(queue.push(frame(10, 2), ACK), 'thinned');
  assert.deepEqual(leaving(queue), [2]);
});

test('requests to send again do not pile up, and a message that waits is not queued twice', () => {
  const queue = new SendQueue(1000);
  queue.push(frame(10, 1), REQUEST);
  assert.equal(queue.push(frame(10, 2), REQUEST), 'thinned');
  queue.push(frame(10, 3), { kind: 'message', seq: 17 });
  assert.equal(queue.push(frame(10, 4), { kind: 'message', seq: 17 }), 'thinned');
  assert.deepEqual(leaving(queue), [3, 2]);
});

test('a heartbeat overtakes messages that wait, and then gives them their turn', () => {
  const queue = new SendQueue(1000);
  for (const fill of [1, 2, 3]) queue.push(frame(10, fill), MESSAGE);
  queue.push(frame(10, 9), ACK);
  queue.push(frame(10, 50), status(1));
  const order: (number | undefined)[] = [];
  for (let seq = 2; seq < 5; seq++) {
    order.push(queue.shift()?.[0]);
    order.push(queue.shift()?.[0]);
    queue.push(frame(10, 50 + seq), status(seq));
  }
  assert.deepEqual(order, [50, 1, 9, 52, 2, 53]);
  assert.deepEqual(leaving(queue), [3, 54]);
});

test('messages about resources are never left out for heartbeats, however many there are', () => {
  const queue = new SendQueue(10_000);
  for (let i = 0; i < 50; i++) queue.push(frame(10, i), MESSAGE);
  for (let seq = 0; seq < 500; seq++) queue.push(frame(10, 200), status(seq));
  assert.deepEqual(
    leaving(queue).filter((fill) => fill !== 200),
    Array.from({ length: 50 }, (_, i) => i),
  );
});

test('beyond the bound further messages are refused, and those that wait keep their order', () => {
  const queue = new SendQueue(100);
  assert.equal(queue.push(frame(40, 1), MESSAGE), 'queued');
  assert.equal(queue.push(frame(40, 2), MESSAGE), 'queued');
  assert.equal(queue.push(frame(40, 3), MESSAGE), 'refused');
  assert.equal(queue.push(frame(40, 4), status(1)), 'queued');
  assert.deepEqual(leaving(queue), [4, 1, 2]);
});

test('a message larger than the bound may wait alone', () => {
  const queue = new SendQueue(100);
  assert.equal(queue.push(frame(500, 2), MESSAGE), 'queued');
  assert.equal(queue.bytes, 500);
  assert.equal(queue.push(frame(10, 3), MESSAGE), 'refused');
  assert.equal(queue.clear(), 1);
});

test('what is queued is a copy', () => {
  const queue = new SendQueue(100);
  const bytes = frame(4, 1);
  queue.push(bytes, MESSAGE);
  bytes.fill(9);
  assert.deepEqual(queue.shift(), frame(4, 1));
});
