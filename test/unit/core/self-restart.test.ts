import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../src/wire/message.js';
import { BesideOriginal } from '../../support/beside-original.js';
import { sampleConfig } from '../../support/configuration.js';

const DEADTIME_MS = 2000;

/** Both serve everything: the original was silent for its deadtime of 3 s, and is heard again. */
function healed(): { pair: BesideOriginal; healedMs: number } {
  const pair = new BesideOriginal();
  pair.begin();
  pair.silence();
  pair.run(6000);
  assert.ok(pair.said().includes('stonith node2 n_stnth'));
  const healedMs = pair.nowMs;
  pair.speak('active');
  return { pair, healedMs };
}

test('an original that was taken for dead returns in the same run: this node gives up, is silent and begins a new run', () => {
  const { pair, healedMs } = healed();
  pair.run(1900);
  assert.deepEqual(pair.said(healedMs), ['stonith node2 unneeded']);
  pair.run(300);
  assert.deepEqual(pair.said(healedMs).slice(1), ['resource none 0 shutdown', 'shutdone dead']);
  pair.run(10_000);
  const restart = pair.effects.find(({ effect }) => effect.kind === 'restartSelf');
  assert.ok(restart !== undefined);
  const last = pair.sent.at(-1);
  assert.ok(last !== undefined);
  assert.equal(textOf(last.message, 't'), 'status');
  assert.equal(Number.parseInt(textOf(last.message, 'dt') ?? '', 16), DEADTIME_MS + 30_000);
  assert.ok(restart.atMs - last.atMs >= DEADTIME_MS + 1000, 'longer than the deadtime');
});

test('a node that gave everything up when it was alone has nothing to restart for', () => {
  const pair = new BesideOriginal({ settings: { ...sampleConfig().settings, isolated: 'stop' } });
  pair.begin();
  pair.silence();
  pair.run(6000);
  pair.speak('active');
  pair.run(12_000);
  assert.ok(!pair.effects.some(({ effect }) => effect.kind === 'restartSelf'));
  assert.equal(pair.state.shutdown, null);
});

test('a shutdown that is asked for during the restart ends the daemon', () => {
  for (const afterMs of [2100, 2900, 3500]) {
    const { pair } = healed();
    pair.run(afterMs);
    const command = pair.command({ kind: 'shutdown' });
    pair.run(5000);
    const kinds = pair.effects.map(({ effect }) => effect.kind);
    assert.ok(
      kinds.includes('exit') && !kinds.includes('restartSelf'),
      `asked ${afterMs} ms after the return`,
    );
    assert.ok(
      pair.effects.some(({ effect }) => effect.kind === 'reply' && effect.commandId === command && effect.ok),
    );
  }
});

test('nothing is sent between the last word and the new run', () => {
  const { pair, healedMs } = healed();
  pair.run(12_000);
  const last = pair.sent.at(-1);
  const restart = pair.effects.find(({ effect }) => effect.kind === 'restartSelf');
  assert.ok(last !== undefined && restart !== undefined && last.atMs < healedMs + 4000);
});
