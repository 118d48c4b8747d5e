/** Fencings of the last hour are counted by the wall clock on the disk: what setting that clock cannot do. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertPeace, fencedPair, MINUTE_MS, PER_HOUR, shotsAt } from './support/fencing.js';
import { story } from './support/pair.js';

for (const [title, stepS] of [
  ['forward by two hours', 7200],
  ['back by two hours', -7200],
] as const) {
  it(`a clock that is set ${title} while the daemon does not run makes no fencing of the hour old`, () => {
    const { sim, node1 } = fencedPair();
    sim.network.setLink(undefined, { cut: true });
    assert.ok(
      sim.runUntil(() => shotsAt(sim, 'node2') === PER_HOUR, 30 * MINUTE_MS),
      story(sim),
    );
    sim.runFor(5000);
    node1.killDaemon();
    node1.clock.stepWall(stepS);
    node1.powerOn();
    sim.runFor(20 * MINUTE_MS);
    assert.equal(shotsAt(sim, 'node2'), PER_HOUR, story(sim));
    assertPeace(sim);
    // An hour later by the other clock they are over, wherever the wall clock stands.
    sim.network.heal();
    sim.runFor(50 * MINUTE_MS);
    sim.network.setLink(undefined, { cut: true });
    sim.runFor(10 * MINUTE_MS);
    assert.ok(shotsAt(sim, 'node2') + shotsAt(sim, 'node1') > PER_HOUR, story(sim));
    assertPeace(sim);
  });
}
