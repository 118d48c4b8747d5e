/** A node that stopped everything (suspended) beside an original, and beside groups that the cluster does not decide about. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainVrrpAddress, vrrpConfig, vrrpInstance } from '../../src/config/vrrp-defaults.js';
import { group, KEYS, PAIR, type PairOptions, pairConfig } from '../../src/sim/cluster.js';
import { Simulation } from '../../src/sim/simulation.js';
import { MAIL_KEY, ownersOf, story, WEB_KEY } from './support/pair.js';

/** node1 is of this program, node2 plays an original. */
function besideOriginal(options: PairOptions): Simulation {
  const nodes = ['node1', 'node2'].map((name) => ({
    config: pairConfig(name, options),
    authKeys: KEYS,
    original: name === 'node2',
  }));
  const sim = new Simulation({ nodes, links: ['eth1'], seed: 1 });
  for (const node of sim.nodes) node.powerOn();
  sim.runFor(30_000);
  assert.deepEqual(ownersOf(sim), { web: 'node1', mail: 'node2' }, story(sim));
  return sim;
}

describe('a node with isolated = stop that was cut off from an original', () => {
  for (const autoFailback of ['legacy', 'off', 'on'] as const) {
    it(`serves again when the network is back, auto_failback ${autoFailback}`, () => {
      const sim = besideOriginal({ ...PAIR, autoFailback, isolated: 'stop' });
      sim.network.setLink(undefined, { cut: true });
      sim.runFor(20_000);
      assert.deepEqual(ownersOf(sim), { web: '', mail: '' }, story(sim));
      sim.network.heal();
      sim.runFor(40_000);
      assert.equal(sim.node('node1').state?.resources.suspended, false, story(sim));
      assert.equal(sim.owners(WEB_KEY).length, 1, story(sim));
      assert.equal(sim.owners(MAIL_KEY).length, 1, story(sim));
    });
  }
});

it('a group that follows a VRRP instance does not keep a suspended node from feeding its watchdog', () => {
  const options: PairOptions = {
    ...PAIR,
    groups: [group('vrrp:VI_1', 1, 'proxy'), group('node1', 2, 'web')],
    deadtimeMs: 5000,
    watchdog: true,
  };
  const nodes = ['node1', 'node2'].map((name, index) => {
    const instance = vrrpInstance({
      name: 'VI_1',
      interface: 'eth0',
      virtualRouterId: 51,
      priority: 100 - index,
      addresses: [plainVrrpAddress('10.77.0.100', 'eth0', 24)],
    });
    const vrrp = vrrpConfig({ instances: [instance] });
    return { config: { ...pairConfig(name, options), vrrp }, authKeys: KEYS };
  });
  const sim = new Simulation({ nodes, links: ['eth0'], seed: 1 });
  for (const node of sim.nodes) node.powerOn();
  sim.runFor(20_000);
  assert.deepEqual([sim.owners('proxy'), sim.owners('web')], [['node1'], ['node1']], story(sim));
  sim.network.setDirection('node1', 'node2', { cut: true });
  sim.runFor(20_000);
  assert.ok(sim.hasSaid('one-way-loss', 'node1'), story(sim));
  assert.deepEqual(sim.owners('web'), ['node2'], story(sim));
  assert.equal(sim.node('node1').watchdog.resets, 0, story(sim));
  assert.ok(sim.owners('proxy').includes('node1'), story(sim));
});
