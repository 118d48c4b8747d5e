import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checkpoint } from '../../../src/core/checkpoint.js';
import { restoreState } from '../../../src/core/checkpoint.js';
import { step } from '../../../src/core/step.js';
import { textOf } from '../../../src/wire/message.js';
import { BesideOriginal } from '../../support/beside-original.js';

function newest(pair: BesideOriginal): Checkpoint {
  const found = pair.effects.map(({ effect }) => effect).findLast((effect) => effect.kind === 'checkpoint');
  assert.ok(found?.kind === 'checkpoint');
  return found.checkpoint;
}

test('the newest checkpoint knows what the original said last: a new loop process can hand over at once', () => {
  const pair = new BesideOriginal();
  pair.begin();
  const { otherHold, otherStable } = newest(pair).resources;
  assert.deepEqual([otherHold, otherStable], [pair.state.resources.otherHold, true]);

  const state = restoreState(pair.state.config, pair.state.identity, newest(pair), pair.nowMs);
  const effects = step(state, {
    kind: 'command',
    commandId: 1,
    command: { kind: 'standby', set: 'all' },
    nowMs: pair.nowMs + 10,
    wallS: 1_700_000_000,
  });
  const said = effects.flatMap((effect) => (effect.kind === 'send' ? [textOf(effect.message, 't')] : []));
  assert.ok(said.includes('ask_resources'), said.join(' '));
});

test('a handshake that has begun is in the checkpoint', () => {
  const pair = new BesideOriginal();
  pair.begin();
  pair.command({ kind: 'standby', set: 'all' });
  assert.deepEqual(newest(pair).resources.standby, { phase: 'me', set: 'all', role: 'giver' });
  const other = new BesideOriginal();
  other.begin();
  other.say('ask_resources', { rsc_hold: 'all', info: 'me' });
  assert.equal(newest(other).resources.standby?.role, 'taker');
});
