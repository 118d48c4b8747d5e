/** VRRP instances on the virtual network: who is master when, and for how long two may be (vrrp-lvs.md 2.5, 4.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainVrrpAddress, vrrpConfig, vrrpInstance } from '../../src/config/vrrp-defaults.js';
import { vrrpOnlyConfig } from '../../src/config/vrrp-only.js';
import type { VrrpInstance } from '../../src/config/vrrp-types.js';
import { KEYS } from '../../src/sim/cluster.js';
import type { SimNode } from '../../src/sim/node.js';
import { Dice } from '../../src/sim/random.js';
import { Simulation } from '../../src/sim/simulation.js';
import { story } from './support/pair.js';

const VIP = '10.77.0.100';
const PRIORITIES = [100, 98, 96] as const;

interface Router {
  readonly sim: Simulation;
  readonly nodes: readonly SimNode[];
  readonly announced: { readonly atMs: number; readonly node: string }[];
}

function routers(count: 2 | 3, seed: number, given: Partial<VrrpInstance> = {}): Router {
  const announced: { atMs: number; node: string }[] = [];
  const sim: Simulation = new Simulation({
    nodes: PRIORITIES.slice(0, count).map((priority, index) => {
      const instance = vrrpInstance({
        name: 'VI_1',
        interface: 'eth0',
        virtualRouterId: 51,
        priority,
        authentication: { kind: 'password', password: '1234' },
        addresses: [plainVrrpAddress(VIP, 'eth0', 24)],
        ...given,
      });
      const name = `node${index + 1}`;
      return { config: vrrpOnlyConfig(vrrpConfig({ instances: [instance] }), name), authKeys: KEYS };
    }),
    links: ['eth0'],
    seed,
    onEffect: (node, effect) => {
      if (effect.kind === 'vrrpAnnounce') announced.push({ atMs: sim.nowMs, node: node.name });
    },
  });
  return { sim, nodes: sim.nodes, announced };
}

const masters = (sim: Simulation): string => sim.owners('VI_1').join(' ');

function running(count: 2 | 3, seed: number, given: Partial<VrrpInstance> = {}): Router {
  const made = routers(count, seed, given);
  for (const node of made.nodes) node.powerOn();
  made.sim.runFor(10 * (given.advertIntervalMs ?? 1000));
  assert.equal(masters(made.sim), 'node1');
  // At 10 ms the priorities lie closer together than a packet takes to travel: two may begin, for that long.
  for (const { fromMs, untilMs } of made.sim.ledger.overlaps())
    assert.ok((untilMs ?? Number.NaN) - fromMs < 1);
  return made;
}

const FAST = { version: 3, advertIntervalMs: 100, authentication: { kind: 'none' } } as const;

for (const [name, given, intervalMs, skewMs] of [
  ['version 2, 1 s', {}, 1000, (158 * 1000) / 256],
  ['version 3, 0.1 s', FAST, 100, (158 * 100) / 256],
  ['version 3, 0.01 s', { ...FAST, advertIntervalMs: 10 }, 10, (158 * 10) / 256],
] as const) {
  test(`a lost master is followed between two and three intervals and the skew later: ${name}`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { sim, nodes } = running(2, seed, given);
      sim.runFor((seed * intervalMs) / 20);
      const offMs = sim.nowMs;
      nodes[0]?.powerOff();
      assert.ok(sim.runUntil(() => masters(sim) === 'node2', 10 * intervalMs));
      const tookMs = sim.nowMs - offMs;
      assert.ok(
        tookMs >= 2 * intervalMs + skewMs - 1 && tookMs <= 3 * intervalMs + skewMs + 2,
        `${tookMs} ms`,
      );
    }
  });

  test(`after a silent partition hosts are told within one and a half intervals: ${name}`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { sim, announced } = running(2, seed, given);
      sim.network.setLink('eth0', { cut: true });
      assert.ok(sim.runUntil(() => masters(sim) === 'node1 node2', 10 * intervalMs));
      sim.runFor(20 * intervalMs + (seed * intervalMs) / 20);
      sim.network.heal();
      const healedMs = sim.nowMs;
      assert.ok(
        sim.runUntil(() => masters(sim) === 'node1', 1.5 * intervalMs),
        `seed ${seed}\n${story(sim)}`,
      );
      sim.runFor(intervalMs / 2);
      const told = announced.find(({ node, atMs }) => node === 'node1' && atMs >= healedMs);
      assert.ok(told !== undefined && told.atMs - healedMs <= 1.5 * intervalMs, `seed ${seed}`);
    }
  });
}

test('an orderly stop is followed after the skew, and never are there two', () => {
  const { sim, nodes } = running(2, 1);
  const offMs = sim.nowMs;
  nodes[0]?.command({ kind: 'shutdown' });
  assert.ok(sim.runUntil(() => masters(sim) === 'node2', 700));
  assert.ok(sim.nowMs - offMs >= 617);
  assert.deepEqual(sim.ledger.overlaps(), []);
});

test('a loop process that dies and comes back keeps its address; nobody else takes it', () => {
  const { sim, nodes } = running(2, 1);
  nodes[0]?.restartLoop(300);
  sim.runFor(10_000);
  assert.equal(masters(sim), 'node1');
  assert.deepEqual(
    sim.ledger.changes.filter(({ atMs }) => atMs > 9000),
    [],
  );
});

test('a paused master yields as soon as it runs again, whatever it gets to do first', () => {
  for (const first of ['packets', 'timers'] as const) {
    const { sim, nodes } = running(2, 3);
    nodes[0]?.pause();
    sim.runFor(20_000);
    assert.equal(masters(sim), 'node1 node2');
    const wokeMs = sim.nowMs;
    nodes[0]?.resume(first);
    assert.ok(
      sim.runUntil(() => masters(sim).split(' ').length === 1, 1100),
      story(sim),
    );
    assert.ok(sim.nowMs - wokeMs <= 1002);
    sim.runFor(10_000);
    assert.equal(masters(sim), 'node1');
  }
});

test('with a tenth of all packets lost, a late backup is never master for longer than an interval', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const { sim } = running(3, seed, FAST);
    sim.network.setLink('eth0', { lossRate: 0.1 });
    sim.runFor(60_000);
    sim.network.heal();
    sim.runFor(1000);
    assert.equal(masters(sim), 'node1', `seed ${seed}`);
    for (const { fromMs, untilMs } of sim.ledger.overlaps()) {
      // Each advert that would end it is lost one time in ten.
      assert.ok(untilMs !== null && untilMs - fromMs <= 500, `seed ${seed}: ${fromMs} to ${untilMs}`);
    }
  }
});

test('whatever happens, soon after the last fault there is one master, and it is the highest', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { sim, nodes } = running(3, seed, FAST);
    const dice = new Dice(seed * 7919);
    for (let i = 0; i < 30; i++) {
      const [node, other] = [nodes[dice.between(0, 2)], nodes[dice.between(0, 2)]];
      if (node === undefined || other === undefined) continue;
      switch (dice.between(0, 7)) {
        case 0:
          node.powerOff();
          break;
        case 1:
          node.powerOn();
          break;
        case 2:
          sim.network.setDirection(node.name, other.name, { cut: true });
          break;
        case 3:
          sim.network.setLink('eth0', { lossRate: 0.3, corruptRate: 0.05, duplicateRate: 0.1, jitterMs: 30 });
          break;
        case 4:
          sim.network.heal();
          break;
        case 5:
          node.pause();
          break;
        case 6:
          node.resume(dice.chance(0.5) ? 'packets' : 'timers');
          break;
        default:
          node.restartLoop(dice.between(1, 400));
      }
      sim.runFor(dice.between(1, 800));
    }
    sim.network.heal();
    for (const node of nodes) {
      node.resume('packets');
      node.powerOn();
    }
    sim.runFor(1500);
    const settledMs = sim.nowMs;
    sim.runFor(10_000);
    assert.equal(masters(sim), 'node1', `seed ${seed}\n${story(sim)}`);
    assert.deepEqual(
      sim.ledger.changes.filter(({ atMs }) => atMs > settledMs),
      [],
      `seed ${seed}`,
    );
  }
});
