/** How many fencings of a node an hour may have, by the record on the disk and the wall clock (src/core/fencing/limit.ts). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  block,
  clearBlock,
  countShot,
  followWallClock,
  limitReached,
  uncountShot,
} from '../../../src/core/fencing/limit.js';
import { createState } from '../../../src/core/state.js';
import type { Turn } from '../../../src/core/turn.js';
import { sampleConfig } from '../../support/configuration.js';

const BOOT_WALL_S = 1_700_000_000;
const IDENTITY = { program: 't', generation: 1, uuid: '0'.repeat(32), nonce: '0'.repeat(16), seed: 1 };

/** A node whose wall clock begins at `BOOT_WALL_S`; `at(seconds, set)`: a turn so long after, the wall clock set by `set`. */
function nodeAt(): (seconds: number, setS?: number) => Turn {
  const state = createState(sampleConfig(), { ...IDENTITY, peerGenerations: {}, maintenanceEpoch: 0 });
  return (seconds, setS = 0) => ({
    state,
    effects: [],
    nowMs: seconds * 1000,
    wallS: BOOT_WALL_S + seconds + setS,
  });
}

describe('the limit of fencings', () => {
  it('is three within an hour; a fencing counts for an hour and not a second longer', () => {
    const at = nodeAt();
    for (const seconds of [0, 1000, 2000]) {
      assert.equal(limitReached(at(seconds), 'node2'), false, `after ${seconds} s`);
      countShot(at(seconds), 'node2');
    }
    assert.equal(limitReached(at(2001), 'node2'), true);
    assert.equal(limitReached(at(3599), 'node2'), true);
    assert.equal(limitReached(at(3600), 'node2'), false);
    countShot(at(3600), 'node2');
    assert.equal(limitReached(at(4599), 'node2'), true);
    assert.equal(limitReached(at(4600), 'node2'), false);
    assert.equal(limitReached(at(2001), 'node3'), false);
  });

  it('does not count the newest one where it surely did nothing', () => {
    const at = nodeAt();
    for (const seconds of [0, 1800, 1900]) countShot(at(seconds), 'node2');
    uncountShot(at(2000), 'node2');
    assert.equal(limitReached(at(2000), 'node2'), false);
    countShot(at(2000), 'node2');
    assert.equal(limitReached(at(2000), 'node2'), true);
    assert.equal(limitReached(at(3600), 'node2'), false, 'the one that was taken back was the newest');
  });

  it('once reached stays, however long it is, until the node was heard or looked after; it is written down', () => {
    const at = nodeAt();
    const reached = at(0);
    block(reached, 'node2');
    const [written] = reached.effects;
    assert.deepEqual(written?.kind === 'fencingRecord' && written.record.node2?.blocked, true);
    assert.equal(limitReached(at(100_000), 'node2'), true);
    const again = at(100_001);
    block(again, 'node2');
    assert.deepEqual(again.effects, [], 'written once');
    clearBlock(at(100_002), 'node2');
    assert.equal(limitReached(at(100_003), 'node2'), false);
  });

  it('is not made younger or older by a wall clock that is set by half a minute or more', () => {
    for (const setS of [100_000, -100_000, 30, -30]) {
      const at = nodeAt();
      for (const seconds of [0, 1, 2]) countShot(at(seconds), 'node2');
      followWallClock(at(10, setS));
      assert.equal(limitReached(at(3599, setS), 'node2'), true, `set by ${setS} s`);
      assert.equal(limitReached(at(3600, setS), 'node2'), false, `set by ${setS} s`);
    }
  });

  it('leaves alone what a clock that is disciplined by seconds says', () => {
    const at = nodeAt();
    countShot(at(0), 'node2');
    const turn = at(10, 29);
    followWallClock(turn);
    assert.deepEqual(turn.effects, []);
  });
});
