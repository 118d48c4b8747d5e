import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzVrrp } from '../../../nightly/vrrp-fuzzer.js';

test('100,000 mutated adverts neither throw nor change a role without fitting', () => {
  const summary = fuzzVrrp(100_000, 20_260_101);
  assert.equal(summary.packets, 100_000);
  assert.ok(summary.whole > 20_000, `whole ${summary.whole}`);
  assert.ok(
    summary.authentic > 10_000 && summary.authentic < summary.whole,
    `authentic ${summary.authentic}`,
  );
  for (const reason of [
    'ip-header',
    'fragment',
    'not-vrrp',
    'too-short',
    'length',
    'version',
    'type',
    'checksum',
  ]) {
    assert.ok((summary.refused[reason] ?? 0) > 20, `${reason} ${summary.refused[reason]}`);
  }
});
