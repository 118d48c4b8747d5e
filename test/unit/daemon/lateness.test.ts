import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lateness } from '../../../src/daemon/loop/lateness.js';

test('lateness: the worst and the 99th of a hundred, since the start and in the last minute', () => {
  const lateness = new Lateness();
  for (let turn = 0; turn < 1000; turn++) lateness.note(turn < 995 ? 0.5 : 40, turn * 10);
  const { turns, maxMs, p99Ms, over10ms, lastMinute } = lateness.snapshot(10_000);
  assert.deepEqual([turns, maxMs, over10ms, lastMinute.turns], [1000, 40, 5, 1000]);
  assert.ok(p99Ms >= 0.5 && p99Ms < 0.5 * 1.27, `${p99Ms} is the bound of 0.5 ms`);
  lateness.note(-1, 65_000);
  lateness.note(3, 100_000);
  const later = lateness.snapshot(100_000);
  assert.deepEqual([later.turns, later.maxMs], [1002, 40]);
  assert.deepEqual([later.lastMinute.turns, later.lastMinute.maxMs], [2, 3]);
  assert.deepEqual(lateness.snapshot(1_000_000).lastMinute, { turns: 0, maxMs: 0, p99Ms: 0 });
  lateness.note(1e12, 1_000_000);
  assert.equal(lateness.snapshot(1_000_000).maxMs, 1e12);
});
