import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makePair } from './support/pair.js';

function run(seed: number): { digest: string; lines: readonly string[] } {
  const { sim, node1, node2 } = makePair({ seed, recordEffects: true });
  sim.network.setLink(undefined, { lossRate: 0.1, jitterMs: 50, duplicateRate: 0.1, corruptRate: 0.02 });
  node1.powerOn();
  node2.powerOn();
  sim.at(5000, () => node1.powerOff());
  sim.at(12_000, () => node1.powerOn());
  sim.at(20_000, () => node2.pause());
  sim.at(26_000, () => node2.resume('packets'));
  sim.runFor(60_000);
  return { digest: sim.effects?.digest ?? '', lines: sim.effects?.lines ?? [] };
}

describe('one seed gives one run', () => {
  it('the same seed twice gives the same effects, byte for byte', () => {
    const first = run(42);
    const second = run(42);
    assert.ok(first.lines.length > 500);
    assert.deepEqual(second.lines, first.lines);
    assert.equal(second.digest, first.digest);
  });

  it('another seed gives another run', () => {
    assert.notEqual(run(43).digest, run(42).digest);
  });
});
