/** Machines that slept, and clocks that differ. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { group } from '../../src/sim/cluster.js';
import { FAULTS, tellFault } from '../../src/sim/faults/table.js';
import { makePair, runningPair, story } from './support/pair.js';

describe('a machine that slept', () => {
  it('does not take over from a peer that hears it and has not been given the time to step down', () => {
    const { sim, node1, node2 } = makePair({
      keepaliveMs: 2000,
      deadtimeMs: 10_000,
      initdeadMs: 20_000,
      groups: [group('node2', 1, '10.0.3.1')],
      watchdog: true,
      links: ['eth1'],
    });
    node1.powerOn();
    node2.powerOn();
    sim.at(200, () => node2.suspend());
    sim.at(200, () => sim.network.setDirection('node1', 'node2', { cut: true }));
    sim.at(10_008, () => node2.wake());
    sim.runFor(40_000);
    const twice = sim.ledger.overlaps().filter(({ fromMs, untilMs }) => untilMs !== fromMs);
    assert.deepEqual(twice, [], story(sim));
    assert.deepEqual(sim.owners('10.0.3.1'), ['node2'], story(sim));
  });

  it('serves nothing while it sleeps, and its addresses are as old as before when it wakes', () => {
    const { sim, node1 } = runningPair();
    node1.suspend();
    assert.deepEqual(sim.owners('10.0.0.10'), []);
    sim.runFor(1000);
    node1.wake();
    assert.deepEqual(sim.owners('10.0.0.10'), ['node1']);
  });
});

describe('clocks', () => {
  it('that run 300 ppm apart and are set by a day move nothing', () => {
    const { sim, node1, node2 } = runningPair();
    node1.clock.drift(300);
    node2.clock.drift(-300);
    node1.clock.stepWall(-86_400);
    const { length } = sim.ledger.changes;
    sim.runFor(3_600_000);
    assert.equal(sim.ledger.changes.length, length, story(sim));
  });
});

describe('the table of faults', () => {
  it('names every fault once, and tells it in words', () => {
    assert.equal(new Set(FAULTS.map(({ kind }) => kind)).size, FAULTS.length);
    for (const { kind } of FAULTS) {
      const args = { node: 'node1', resource: 'web', amount: 5, forMs: 1500 };
      for (const line of tellFault({ atMs: 250, kind, args }))
        assert.match(line, /^(# )?at (0\.25|1\.75)s \S+ .+/);
    }
  });
});
