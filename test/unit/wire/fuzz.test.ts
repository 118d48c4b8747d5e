import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzWire } from '../../nightly/wire-fuzzer.js';

test('100,000 random and mutated datagrams neither throw nor pass without a signature', () => {
  const summary = fuzzWire(100_000, 20_260_101);
  assert.equal(summary.datagrams, 100_000);
  // The mutations reach every stage: some leave the covered bytes alone, some stop at each check.
  assert.ok(summary.accepted > 300, `accepted ${summary.accepted}`);
  assert.ok(summary.sound > summary.accepted, `sound ${summary.sound}`);
  for (const reason of [
    'unknown-format',
    'bad-length',
    'truncated',
    'no-end-marker',
    'auth-malformed',
    'auth-wrong',
  ]) {
    assert.ok((summary.refused[reason] ?? 0) > 100, `${reason} ${summary.refused[reason]}`);
  }
});
