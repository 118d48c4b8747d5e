import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AutoFailback } from '../../src/config/types.js';
import { snapshot } from '../../src/core/snapshot.js';
import type { SimNode } from '../../src/sim/node.js';
import type { Simulation } from '../../src/sim/simulation.js';
import {
  assertNeverTwo,
  assertOwners,
  makePair,
  ownersOf,
  type Pair,
  type PairSetup,
  runningPair,
  story,
} from './support/pair.js';

const BOTH_HOME = { web: 'node1', mail: 'node2' };
const ALL_ON_2 = { web: 'node2', mail: 'node2' };
/** The default of [groups] carrier_wait, the hold-down, and a moment for what follows. */
const LOST_MS = 2000;
const BACK_MS = 10_000;
const MOMENT_MS = 1000;
const SETTINGS = { carrierWaitMs: LOST_MS };
const MODES: readonly AutoFailback[] = ['on', 'off', 'legacy'];

/** The cable of the services only: heartbeats go on other links. */
function plug(sim: Simulation, node: string, isIn: boolean): void {
  sim.node(node).setCarriers(['eth0'], isIn);
}

const running = (setup: PairSetup = {}): Pair => runningPair({ settings: SETTINGS, ...setup });

function movesOf(sim: Simulation, group: string): number {
  return sim.ledger.changes.filter((change) => change.group === group && change.owners.length > 0).length;
}

function warningsOf(sim: Simulation, node: SimNode): string[] {
  assert.ok(node.state);
  return snapshot(node.state, sim.queue.nowMs).warnings.filter((line) =>
    line.includes('has no carrier here'),
  );
}

const said = (sim: Simulation, code: string): string[] =>
  sim.said.filter((line) => line.code === code).map(({ node }) => node);

describe('a carrier lost on the interface of a group', () => {
  for (const autoFailback of MODES) {
    it(`moves the group once, and back only with failback (${autoFailback})`, () => {
      const { sim } = running({ autoFailback });
      plug(sim, 'node1', false);
      sim.runFor(LOST_MS - 100);
      assertOwners(sim, BOTH_HOME);
      sim.runFor(MOMENT_MS);
      assertOwners(sim, ALL_ON_2);
      sim.runFor(120_000);
      assertOwners(sim, ALL_ON_2);
      assert.equal(movesOf(sim, '10.0.0.10'), 2, story(sim));
      plug(sim, 'node1', true);
      sim.runFor(BACK_MS - 500);
      assertOwners(sim, ALL_ON_2);
      sim.runFor(5000);
      assertOwners(sim, autoFailback === 'off' ? ALL_ON_2 : BOTH_HOME);
      sim.runFor(60_000);
      assert.equal(movesOf(sim, '10.0.0.10'), autoFailback === 'off' ? 2 : 3, story(sim));
      assertNeverTwo(sim);
    });
  }

  it('that comes back at once, again and again, moves nothing', () => {
    const { sim } = running();
    for (let count = 0; count < 40; count++) {
      plug(sim, 'node1', false);
      sim.runFor(LOST_MS / 2);
      plug(sim, 'node1', true);
      sim.runFor(LOST_MS / 2);
    }
    assertOwners(sim, BOTH_HOME);
    assert.equal(movesOf(sim, '10.0.0.10'), 1);
  });

  it('that flaps slowly moves the group once and does not let it come back in between', () => {
    const { sim } = running();
    for (let count = 0; count < 20; count++) {
      plug(sim, 'node1', false);
      sim.runFor(2 * LOST_MS);
      plug(sim, 'node1', true);
      sim.runFor(BACK_MS / 2);
    }
    assertOwners(sim, ALL_ON_2);
    assert.equal(movesOf(sim, '10.0.0.10'), 2, story(sim));
  });

  it('on both nodes at the same moment moves nothing, and both say why', () => {
    const { sim, node1, node2 } = running();
    plug(sim, 'node1', false);
    plug(sim, 'node2', false);
    sim.runFor(30_000);
    assertOwners(sim, BOTH_HOME);
    for (const node of [node1, node2]) {
      const lines = warningsOf(sim, node).filter((line) => line.includes('but it stays'));
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /has none either\.$/);
    }
    assert.deepEqual(said(sim, 'carrier-stays').sort(), ['node1', 'node2']);
    plug(sim, 'node2', true);
    sim.runFor(BACK_MS + MOMENT_MS);
    assertOwners(sim, ALL_ON_2);
    assertNeverTwo(sim);
  });

  it('on both, one after the other, leaves the groups where one has been the longest', () => {
    const { sim } = running();
    plug(sim, 'node1', false);
    sim.runFor(10_000);
    plug(sim, 'node2', false);
    sim.runFor(60_000);
    assertOwners(sim, ALL_ON_2);
    plug(sim, 'node1', true);
    sim.runFor(BACK_MS + MOMENT_MS);
    assertOwners(sim, { web: 'node1', mail: 'node1' });
    assertNeverTwo(sim);
  });

  it('is no reason against serving when the other node dies', () => {
    const { sim, node2 } = running();
    plug(sim, 'node1', false);
    sim.runFor(5000);
    assertOwners(sim, ALL_ON_2);
    sim.bootMs = Number.POSITIVE_INFINITY;
    node2.powerOff();
    sim.runFor(10_000);
    assertOwners(sim, { web: 'node1', mail: 'node1' });
    node2.powerOn();
    sim.runFor(20_000);
    assertOwners(sim, ALL_ON_2);
    assertNeverTwo(sim);
  });

  it('gives nothing up while the other node cannot have heard of it', () => {
    const { sim } = running({ settings: { carrierWaitMs: 500 } });
    sim.network.setLink(undefined, { cut: true });
    plug(sim, 'node1', false);
    sim.runFor(1500);
    assertOwners(sim, BOTH_HOME);
  });

  it('keeps a node from taking its group at its start, until it has one', () => {
    const { sim, node1, node2 } = makePair({ settings: SETTINGS });
    plug(sim, 'node1', false);
    node1.powerOn();
    node2.powerOn();
    sim.runFor(10_000);
    assertOwners(sim, ALL_ON_2);
    assert.match(warningsOf(sim, node1)[0] ?? '', /so it is left to node2\.$/);
    plug(sim, 'node1', true);
    sim.runFor(BACK_MS + 5000);
    assertOwners(sim, BOTH_HOME);
    assertNeverTwo(sim);
  });

  it('outlives a restart of the loop process on either node', () => {
    const { sim, node1, node2 } = running();
    plug(sim, 'node1', false);
    sim.runFor(5000);
    for (const node of [node1, node2]) {
      node.restartLoop(300);
      sim.runFor(10_000);
      assertOwners(sim, ALL_ON_2);
    }
    plug(sim, 'node1', true);
    sim.runFor(BACK_MS + 5000);
    assertOwners(sim, BOTH_HOME);
    assertNeverTwo(sim);
  });

  it('waits for the end of maintenance', () => {
    const { sim, node1 } = running();
    node1.command({ kind: 'maintenance', on: true, force: false });
    plug(sim, 'node1', false);
    sim.runFor(30_000);
    assertOwners(sim, BOTH_HOME);
    node1.command({ kind: 'maintenance', on: false, force: false });
    sim.runFor(5000);
    assertOwners(sim, ALL_ON_2);
  });

  it('moves nothing with carrier_wait = 0, and the status says so', () => {
    const { sim, node1 } = running({ settings: { carrierWaitMs: 0 } });
    plug(sim, 'node1', false);
    sim.runFor(30_000);
    assertOwners(sim, BOTH_HOME);
    assert.match(warningsOf(sim, node1)[0] ?? '', /carrier_wait is 0/);
  });

  it('does not make hb_standby hand the group to the node without one', () => {
    const { sim, node2 } = running({ autoFailback: 'off' });
    plug(sim, 'node1', false);
    sim.runFor(5000);
    node2.command({ kind: 'standby', set: 'all' });
    sim.runFor(20_000);
    assert.equal(ownersOf(sim).web, 'node2');
    assert.equal(ownersOf(sim).mail, 'node2');
  });

  it('does not forget a failure of the resources themselves when it is back', () => {
    const { sim, node1, node2 } = running({ autoFailback: 'off' });
    node2.runner.behave('start', 'web', { outcome: 'fail' });
    plug(sim, 'node1', false);
    sim.runFor(20_000);
    // It cannot run there: without a carrier is better than nowhere.
    assertOwners(sim, BOTH_HOME);
    assert.ok(node1.state && node2.state);
    assert.deepEqual(snapshot(node1.state, sim.queue.nowMs).groups[0]?.failedOn, ['node2']);
    plug(sim, 'node1', true);
    sim.runFor(30_000);
    assertOwners(sim, BOTH_HOME);
    assert.deepEqual(snapshot(node1.state, sim.queue.nowMs).groups[0]?.failedOn, ['node2']);
    assert.equal(movesOf(sim, '10.0.0.10') <= 4, true, story(sim));
  });
});
