/** The lease in numbers, worked out by hand from the rule at the head of src/core/guard/budget.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterConfig, ResourceGroup, Settings } from '../../../src/config/types.js';
import { feedIntervalMs, leaseBudget, watchdogTimeoutS } from '../../../src/core/guard/budget.js';
import { group, PAIR, pairConfig } from '../../../src/sim/cluster.js';

interface Asked {
  readonly keepaliveMs?: number;
  readonly deadtimeMs?: number;
  readonly groups?: readonly ResourceGroup[];
  readonly parallelGroups?: number;
  readonly settings?: Partial<Settings>;
}

function configOf(asked: Asked): ClusterConfig {
  return pairConfig('node1', { ...PAIR, keepaliveMs: 1000, deadtimeMs: 10_000, groups: [], ...asked });
}

const SCRIPTS = [
  group('node1', 1, 'one', 'two'),
  group('node2', 2, '10.0.0.1', 'three'),
  group('node2', 3, 'four'),
];

describe('the lease budget', () => {
  it('keeps margin, watchdog and lease within the silence; a lease of less than three keepalives makes it longer', () => {
    for (const [keepaliveMs, deadtimeMs, watchdogMs, silenceMs, marginMs, leaseMs] of [
      [1000, 10_000, null, 10_000, 1000, 9000],
      [1000, 10_000, 4000, 10_000, 1000, 5000],
      [1000, 10_000, 6000, 12_000, 1000, 5000],
      [200, 2000, null, 2000, 500, 1500],
      [200, 2000, 1000, 2100, 500, 600],
      [1000, 3000, 1000, 4000, 750, 2250],
      [200, 2400, 1000, 2400, 600, 800],
    ] as const) {
      const budget = leaseBudget(configOf({ keepaliveMs, deadtimeMs }), watchdogMs);
      const seen = [budget.silenceMs, budget.marginMs, budget.leaseMs];
      assert.deepEqual(
        seen,
        [silenceMs, marginMs, leaseMs],
        `${keepaliveMs} ${deadtimeMs} ${watchdogMs ?? 'none'}`,
      );
      assert.equal(budget.excessMs, 0);
    }
  });

  it('counts the stop deadline of each script of a group, none for addresses, and groups that wait for one another', () => {
    for (const [count, parallelGroups, stopMs] of [
      [1, 1, 40_000],
      [2, 2, 40_000],
      [2, 1, 100_000],
      [3, 3, 40_000],
      [3, 2, 80_000],
    ] as const) {
      const settings = { stopDeadlineMs: 20_000 };
      const budget = leaseBudget(
        configOf({ groups: SCRIPTS.slice(0, count), parallelGroups, settings }),
        4000,
      );
      assert.equal(budget.stopMs, stopMs, `${count} groups, ${parallelGroups} at once`);
      assert.equal(budget.excessMs, stopMs);
      assert.equal(budget.silenceMs, 10_000);
    }
  });

  it('announces the stops where that is wanted, so that nothing is missing', () => {
    const settings = { stopDeadlineMs: 20_000, announcedSilence: 'stops' } as const;
    const budget = leaseBudget(configOf({ groups: SCRIPTS.slice(0, 1), settings }), 4000);
    assert.deepEqual([budget.silenceMs, budget.leaseMs, budget.excessMs], [50_000, 5000, 0]);
  });

  it('has a kernel lifetime where any group has an address and the deadtime is long enough for whole seconds', () => {
    for (const [groups, deadtimeMs, addressLifetimeMs] of [
      [SCRIPTS, 10_000, 8000],
      [SCRIPTS, 3000, null],
      [[group('node1', 1, 'one'), group('node1', 2, 'two')], 10_000, null],
      [[group('node1', 1, '10.0.0.1')], 5400, 3000],
    ] as const) {
      assert.equal(leaseBudget(configOf({ groups, deadtimeMs }), null).addressLifetimeMs, addressLifetimeMs);
    }
  });
});

describe('the watchdog of a configuration', () => {
  it('has the timeout that is given, in whole seconds upwards, or the longest that fits, but at least a second', () => {
    for (const [keepaliveMs, deadtimeMs, watchdogTimeoutMs, wantedS] of [
      [1000, 10_000, 0, 4],
      [1000, 10_000, 2100, 3],
      [200, 2000, 0, 1],
      [1000, 60_000, 0, 29],
    ] as const) {
      const config = configOf({ keepaliveMs, deadtimeMs, settings: { watchdogTimeoutMs } });
      assert.equal(watchdogTimeoutS(config), wantedS);
    }
  });

  it('is fed each keepalive, and three times within its timeout at least', () => {
    assert.equal(feedIntervalMs(configOf({ keepaliveMs: 1000 }), 4000), 1000);
    assert.equal(feedIntervalMs(configOf({ keepaliveMs: 2000 }), 3000), 1000);
  });
});
