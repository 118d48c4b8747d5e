/** Version 3: whose interval counts (vrrp-lvs.md 2.5), and what one forged advert can do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, brief, instance } from './support/bench.js';

const fast = instance({ version: 3, advertIntervalMs: 100 });

test('sub-second intervals: silence and skew follow the interval', () => {
  const bench = new Bench(fast).boot();
  assert.deepEqual(brief(bench.pass(360)), []);
  assert.equal(brief(bench.pass(1))[0], 'advert 100');
  const adverts = brief(bench.pass(1000)).filter((word) => word === 'advert 100');
  assert.equal(adverts.length, 10);
});

test('a backup takes the interval of its master over when a second advert confirms it', () => {
  const bench = new Bench(fast).boot();
  for (const _ of [1, 2, 3]) {
    bench.hear({ priority: 200, intervalMs: 200 });
    bench.pass(200);
  }
  bench.hear({ priority: 200, intervalMs: 200 });
  assert.deepEqual(brief(bench.pass(721)), []);
  assert.equal(brief(bench.pass(2))[0], 'advert 100');
});

test('one forged advert of a long interval delays no takeover', () => {
  const bench = new Bench(fast).boot();
  for (let i = 0; i < 5; i++) {
    bench.hear({ priority: 200 });
    bench.pass(100);
  }
  bench.hear({ priority: 200, intervalMs: 40_000 });
  assert.equal(brief(bench.pass(362))[0], 'advert 100');
});

test('one forged advert of a short interval makes no second master', () => {
  const bench = new Bench(instance({ version: 3 })).boot();
  for (let i = 0; i < 5; i++) {
    bench.hear({ priority: 200 });
    bench.pass(1000);
  }
  bench.hear({ priority: 200, intervalMs: 10 });
  assert.deepEqual(brief(bench.pass(1000)), []);
});

test('two forged adverts at once do not confirm each other', () => {
  const bench = new Bench(fast).boot();
  bench.hear({ priority: 200 });
  bench.hear({ priority: 200, intervalMs: 40_000 });
  bench.hear({ priority: 200, intervalMs: 40_000 });
  assert.equal(brief(bench.pass(362))[0], 'advert 100');
});

test('a master that yields to a forged advert is back after its own silence', () => {
  const bench = new Bench(fast).boot();
  bench.pass(1000);
  bench.hear({ priority: 200, intervalMs: 3000 });
  assert.equal(bench.see().state, 'backup');
  bench.pass(362);
  assert.equal(bench.see().state, 'master');
});

test('version 2: the interval in the packet is compared, never learned', () => {
  const bench = new Bench(instance()).boot();
  for (let i = 0; i < 4; i++) bench.hear({ priority: 200, intervalMs: 3000 });
  assert.equal(brief(bench.pass(3610))[0], 'advert 100');
});

test('adverts keep their rhythm when turns come a little late', () => {
  const bench = new Bench(fast).boot();
  bench.pass(361);
  const firstMs = bench.nowMs;
  for (let i = 0; i < 50; i++) {
    const dueMs = bench.state.timers.nextDueMs() ?? 0;
    bench.nowMs = dueMs + 1;
    bench.input({ kind: 'tick' });
  }
  const adverts = bench.all.filter(({ effect, atMs }) => effect.kind === 'advert' && atMs > firstMs);
  assert.ok(Math.abs((adverts.at(-1)?.atMs ?? 0) - firstMs - adverts.length * 100) < 5);
});
