/** Each check finds what it is there to find: worlds broken on purpose. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHECKS } from '../../src/sim/checks/table.js';

import { group, KEYS, pairConfig } from '../../src/sim/cluster.js';
import { EXCUSES, Excuses } from '../../src/sim/excuses.js';
import type { PlannedFault } from '../../src/sim/faults/types.js';
import { drawPlan, type Plan } from '../../src/sim/search/plan.js';
import { runPlan } from '../../src/sim/search/run.js';
import { Simulation } from '../../src/sim/simulation.js';
import { text } from '../../src/wire/message.js';

const GROUP = '10.0.0.1';

function plan(...faults: PlannedFault[]): Plan {
  const drawn = drawPlan(1, { standard: true });
  const pair = {
    ...drawn.pair,
    groups: [group('node1', 1, GROUP, 'web')],
    isolated: 'serve',
    watchdog: false,
  } as const;
  const starts = drawn.nodes.map(() => ({ atMs: 0, maxTurnDelayMs: 0 }));
  return { ...drawn, pair, starts, faults, healMs: 200_000, quietMs: pair.initdeadMs + 60_000 };
}

/** A run of that plan, broken by `harm` after 100 s, as the checks see it. Returns the names of those that object. */
function objections(
  one: Plan,
  harm: (sim: Simulation) => void,
  afterwards: (sim: Simulation) => void = () => {},
): string[] {
  const sim = new Simulation({
    nodes: one.nodes.map((name) => ({ config: pairConfig(name, one.pair), authKeys: KEYS })),
    links: one.links,
    seed: 1,
  });
  const excuses = new Excuses(sim);
  for (const node of sim.nodes) node.powerOn();
  sim.at(100_000, () => harm(sim));
  sim.runFor(one.healMs + one.quietMs);
  afterwards(sim);
  return CHECKS.filter(({ judge }) => judge({ sim, plan: one, excuses }).length > 0).map(({ name }) => name);
}

/** The world gives a resource to a node, or takes it, behind the back of every core. */
const put =
  (node: string, word: string, active: boolean) =>
  (sim: Simulation): void => {
    sim.ledger.set(sim.nowMs, GROUP, node, word, active);
    if (word === GROUP) sim.addresses.set(sim.nowMs, GROUP, node, word, active);
  };

describe('checks of the simulator', () => {
  it('none objects to a quiet pair', () => {
    assert.deepEqual(
      objections(plan(), () => {}),
      [],
    );
  });

  it('ownership: a second owner out of the blue', () => {
    assert.deepEqual(
      objections(plan(), (sim) => {
        put('node2', GROUP, true)(sim);
        sim.queue.after(500, () => put('node2', GROUP, false)(sim));
      }),
      ['ownership'],
    );
  });

  it('ownership: a second owner that outlasts the partition that excused it', () => {
    const cut: PlannedFault = { atMs: 90_000, kind: 'cut', args: { forMs: 20_000 } };
    const outlasting = (lastsMs: number): string[] =>
      objections(plan(cut), (sim) => {
        const heal = sim.network.impair({}, { cut: true });
        put('node2', 'other', true)(sim);
        sim.queue.after(5000, heal);
        sim.queue.after(lastsMs, () => put('node2', 'other', false)(sim));
      });
    assert.ok(!outlasting(6000).includes('ownership'));
    assert.ok(outlasting(12_000).includes('ownership'));
  });

  it('healing: a group that is down in the end, one that is on both, one that lacks a part', () => {
    assert.ok(objections(plan(), put('node1', 'web', false)).includes('healing'));
    assert.ok(objections(plan(), put('node2', 'web', true)).includes('healing'));
    const both = (sim: Simulation): void => {
      put('node1', GROUP, false)(sim);
      put('node1', 'web', false)(sim);
    };
    assert.ok(objections(plan(), both).includes('healing'));
  });

  it('order: a start before what stands before it', () => {
    const wrong = (sim: Simulation): void => {
      const [node] = sim.nodes;
      const resource = node?.config.groups[0]?.resources[1];
      if (node === undefined || resource === undefined) return;
      put('node1', GROUP, false)(sim);
      sim.order.see(sim.nowMs, node, {
        id: 999,
        group: GROUP,
        groupLine: '',
        verb: 'start',
        target: { kind: 'script', resource },
        deadlineMs: 1,
        environment: {},
      });
      put('node1', GROUP, true)(sim);
    };
    assert.ok(objections(plan(), wrong).includes('order'));
  });

  it('moves: a group that goes back and forth', () => {
    const pingPong = (sim: Simulation): void => {
      for (let turn = 0; turn < 20; turn++) {
        sim.queue.after(turn * 10, () => put('node1', 'flap', turn % 2 === 0)(sim));
        sim.queue.after(turn * 10, () => put('node1', 'web', turn % 2 === 1)(sim));
        sim.queue.after(turn * 10, () => put('node1', GROUP, turn % 2 === 1)(sim));
        sim.queue.after(turn * 10 + 1, () => put('node1', 'flap', false)(sim));
      }
    };
    assert.ok(objections(plan(), pingPong).includes('moves'));
  });

  it('availability: a group that is down although nothing has changed for long', () => {
    const down = (sim: Simulation): void => {
      put('node1', GROUP, false)(sim);
      put('node1', 'web', false)(sim);
    };
    assert.ok(objections(plan(), down).includes('availability'));
  });

  it('idle-loss: a service that ends when an idle node is lost', () => {
    const off: PlannedFault = { atMs: 100_000, kind: 'power-off', args: { node: 'node2', forMs: 20_000 } };
    const interrupted = (sim: Simulation): void => {
      sim.queue.after(11_000, () => {
        put('node1', GROUP, false)(sim);
        put('node1', 'web', false)(sim);
      });
    };
    assert.ok(objections(plan(off), interrupted).includes('idle-loss'));
  });

  it('delivery: a message that never came', () => {
    const lost = (sim: Simulation): void => {
      const seq = ((sim.node('node1').state?.outgoing.seq ?? 0) + 1000).toString(16);
      sim.post.sent(sim.nowMs, 'node1', {
        fields: [text('t', 'resource'), text('src', 'node1'), text('seq', seq)],
      });
    };
    assert.deepEqual(objections(plan(), lost), ['delivery']);
  });

  it('memory: a node that talks without end, and one that keeps too much', () => {
    assert.deepEqual(
      objections(
        plan(),
        () => {},
        (sim) => sim.lines.set('node1', 1_000_000),
      ),
      ['memory'],
    );
    const hoard = (sim: Simulation): void => {
      for (let at = 0; at < 1000; at++)
        sim.node('node1').state?.timers.set(`hoard/${at}`, Number.MAX_SAFE_INTEGER);
    };
    assert.deepEqual(objections(plan(), hoard), ['memory']);
  });

  it('fencing-war: a node that is reset again and again', () => {
    const war = (sim: Simulation): void => {
      for (let shot = 0; shot < 4; shot++)
        sim.fencing.shots.push({ atMs: sim.nowMs + shot, by: 'node1', target: 'node2' });
    };
    assert.deepEqual(objections(plan(), war), ['fencing-war']);
  });

  it('ownership: with a watchdog, a program that stands still prolongs what a partition excuses, and begins nothing', () => {
    const cut: PlannedFault = { atMs: 90_000, kind: 'cut', args: { forMs: 20_000 } };
    const drawn = plan(cut);
    const guarded: Plan = { ...drawn, pair: { ...drawn.pair, watchdog: true } };
    const world = (cutMs: number, pauseAtMs: number, lastsMs: number): boolean =>
      objections(guarded, (sim) => {
        const node = sim.node('node2');
        if (cutMs > 0) sim.queue.after(cutMs, sim.network.impair({}, { cut: true }));
        put('node2', 'other', true)(sim);
        sim.queue.after(pauseAtMs, () => node.pause());
        sim.queue.after(pauseAtMs + 3000, () => node.resume('packets'));
        sim.queue.after(lastsMs, () => put('node2', 'other', false)(sim));
      }).includes('ownership');
    assert.equal(world(5000, 7000, 14_000), false);
    assert.equal(world(5000, 20_000, 14_000), true);
    assert.equal(world(5000, 7000, 18_000), true);
    assert.equal(world(0, 0, 2000), true);
  });

  it('every row of the excuses says why', () => {
    for (const { why } of EXCUSES) assert.match(why, /^[A-Z].*\.$/);
  });

  it('a broken invariant of the core is a violation', () => {
    const broken = { ...plan(), faults: [{ atMs: 1, kind: 'no-such-fault', args: {} }] };
    assert.deepEqual(runPlan(broken).broken, ['invariant']);
  });
});
