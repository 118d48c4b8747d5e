/** Groups that neither a node of this program nor the original beside it is responsible for, and runs that never met. */
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { BesideOriginal } from '../../support/beside-original.js';

/** node1 has handed everything to the original, which is off for a moment and comes back with its own group only. */
function originalWasOff(afterwards: Readonly<Record<string, string>>): {
  pair: BesideOriginal;
  backMs: number;
} {
  const pair = new BesideOriginal({ autoFailback: 'off' });
  pair.begin();
  pair.command({ kind: 'standby', set: 'all' });
  pair.say('ask_resources', { rsc_hold: 'all', info: 'other' });
  pair.run(300);
  pair.say('ask_resources', { rsc_hold: 'all', info: 'done' });
  pair.say('resource', { rsc_hold: 'all', rtype: 'full', isstable: '1' });
  pair.run(300);
  assert.equal(pair.state.resources.myHold, 0);
  const backMs = pair.nowMs;
  pair.speak('up', true);
  pair.run(300);
  pair.speak('active');
  pair.run(300);
  pair.say('starting');
  pair.say('resource', { rsc_hold: 'none', rtype: 'full', isstable: '0' });
  pair.say('resource', afterwards);
  return { pair, backMs };
}

const OWN = { rsc_hold: 'local', rtype: 'full', isstable: '1' };

describe('a set that nobody holds beside an original', () => {
  it('of this node: the original is asked to stop it and to hand it over', () => {
    const { pair, backMs } = originalWasOff(OWN);
    pair.run(7000);
    const said = pair.said(backMs);
    assert.deepEqual(
      said.filter((words) => words.startsWith('hb_takeover')),
      ['hb_takeover local'],
    );
    assert.ok(
      !pair.state.resources.groups.some(({ isLocal, wanted }) => isLocal && wanted),
      'not before it was handed over',
    );
    pair.say('ask_resources', { rsc_hold: 'foreign', info: 'me' });
    pair.run(300);
    pair.say('ask_resources', { rsc_hold: 'foreign', info: 'done' });
    pair.run(1000);
    pair.say('resource', OWN);
    pair.run(30_000);
    assert.ok(pair.state.resources.groups.every(({ isLocal, wanted }) => isLocal === wanted));
    assert.equal(pair.said(backMs).filter((words) => words.startsWith('hb_takeover')).length, 1);
  });

  it('of the original: it is offered it by a standby', () => {
    const { pair, backMs } = originalWasOff({ rsc_hold: 'foreign', rtype: 'full', isstable: '1' });
    pair.run(7000);
    assert.deepEqual(
      pair.said(backMs).filter((words) => words.startsWith('ask_resources')),
      ['ask_resources foreign me'],
    );
  });

  it('that the original reports, or as long as it is not settled: nothing is asked', () => {
    for (const report of [
      { rsc_hold: 'all', rtype: 'full', isstable: '1' },
      { rsc_hold: 'none', rtype: 'full', isstable: '0' },
    ]) {
      const { pair, backMs } = originalWasOff(report);
      pair.run(30_000);
      assert.ok(!pair.said(backMs).some((words) => /^(hb_takeover|ask_resources)/.test(words)));
    }
  });
});

describe('a run of an original that was never heard before this node took over', () => {
  function met(status: 'init' | 'active'): string[] {
    const pair = new BesideOriginal({ autoFailback: 'legacy' });
    pair.input({ kind: 'boot' });
    pair.run(6000);
    assert.ok(pair.state.resources.groups.every(({ wanted }) => wanted));
    pair.speak(status);
    pair.run(3000);
    return pair.said();
  }

  it('and that is active: it has taken over too, so this node gives everything up and begins anew', () => {
    assert.ok(met('active').some((words) => words.startsWith('shutdone')));
  });

  it('and that only starts: nothing is given up', () => {
    assert.ok(!met('init').some((words) => words.startsWith('shutdone')));
  });
});

test('an original that started while this node did not run for an initdead may have taken everything', () => {
  const pair = new BesideOriginal({ autoFailback: 'legacy' });
  pair.begin();
  pair.silence();
  pair.run(6000);
  pair.nowMs += 10_000;
  pair.speak('init', true);
  pair.run(5000);
  assert.ok(pair.said().some((words) => words.startsWith('shutdone')));
});

test('an original that starts anew after it was dead asks for its groups, and nothing is given up', () => {
  const pair = new BesideOriginal();
  pair.begin();
  pair.silence();
  pair.run(6000);
  pair.speak('init', true);
  pair.run(3000);
  assert.ok(!pair.said().some((words) => words.startsWith('shutdone')));
});
