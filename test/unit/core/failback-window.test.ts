import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshot } from '../../../src/core/snapshot.js';
import { BesideOriginal } from '../../support/beside-original.js';
import { sampleConfig } from '../../support/configuration.js';

/** node2 died, node1 took its group, and node2 is back. */
function returned(failbackWindow: string): { pair: BesideOriginal; asked: () => boolean } {
  const { settings } = sampleConfig();
  const pair = new BesideOriginal({ settings: { ...settings, failbackWindow } });
  pair.begin();
  pair.silence();
  pair.run(5000);
  assert.equal(
    pair.state.resources.groups.every(({ wanted }) => wanted),
    true,
    'everything is here',
  );
  const sinceMs = pair.nowMs;
  pair.speak('up', true);
  pair.run(400);
  pair.speak('active');
  pair.run(300);
  pair.say('starting');
  pair.say('resource', { rsc_hold: 'none', rtype: 'full', isstable: '0' });
  pair.run(1000);
  pair.say('resource', { rsc_hold: 'none', rtype: 'full', isstable: '1' });
  pair.run(8000);
  return { pair, asked: () => pair.said(sinceMs).some((words) => words.startsWith('ask_resources')) };
}

test('without a window groups go back as soon as they can', () => {
  assert.equal(returned('').asked(), true);
});

test('outside the window of [schedule] failback groups stay, which the status says, and go back when it opens', () => {
  const { pair, asked } = returned('22:00-05:00');
  assert.equal(asked(), false);
  pair.input({ kind: 'failbackWindow', open: false });
  pair.run(60_000);
  assert.equal(asked(), false);
  const says = () =>
    snapshot(pair.state, pair.nowMs).warnings.some((line) => /stay here until 22:00/.test(line));
  assert.equal(says(), true);
  pair.input({ kind: 'failbackWindow', open: true });
  pair.run(3000);
  assert.equal(asked(), true);
  assert.equal(says(), false);
});
