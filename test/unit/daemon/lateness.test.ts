import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lateness } from '../../../src/daemon/loop/lateness.js';

test('lateness: the worst, the middle and the 99th of a hundred, since the start and in the last minute', () => {
  const lateness = new Lateness();
  for (let turn = 0; turn < 1000; turn++) lateness.note(turn < 995 ? 0.5 : 40, turn * 10);
  const { turns, maxMs, p50Ms, p99Ms, over10ms, lastMinute } = lateness.snapshot(10_000);
  assert.deepEqual([turns, maxMs, over10ms, lastMinute.turns], [1000, 40, 5, 1000]);
  assert.equal(p50Ms, p99Ms);
  assert.ok(p99Ms >= 0.5 && p99Ms < 0.5 * 1.27, `${p99Ms} is the bound of 0.5 ms`);
  lateness.note(-1, 65_000);
  lateness.note(3, 100_000);
  const later = lateness.snapshot(100_000);
  assert.deepEqual([later.turns, later.maxMs], [1002, 40]);
  assert.deepEqual([later.lastMinute.turns, later.lastMinute.maxMs], [2, 3]);
  assert.deepEqual(lateness.snapshot(1_000_000).lastMinute, {
    turns: 0,
    maxMs: 0,
    p50Ms: 0,
    p99Ms: 0,
  });
  for (let turn = 0; turn < 6; turn++) lateness.note(turn < 3 ? 1 : 20, 2_000_000);
  const { p50Ms: middle } = lateness.snapshot(2_000_000).lastMinute;
  assert.ok(middle >= 1 && middle < 1.27, `${middle} is the bound of 1 ms`);
  lateness.note(1e12, 3_000_000);
  assert.equal(lateness.snapshot(3_000_000).maxMs, 1e12);
});
