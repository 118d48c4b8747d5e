import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../src/wire/message.js';
import { BesideOriginal } from '../../support/beside-original.js';

test('the cluster is told of each attempt: done, failed, or the device does not know the node', () => {
  for (const [result, word] of [
    [{ ok: true }, 'OK'],
    [{ ok: false, detail: 'no answer', certain: true }, 'bad'],
    [{ ok: false, detail: 'no slot', certain: true, badHost: true }, 'badhost'],
  ] as const) {
    const pair = new BesideOriginal({ stonith: [{ type: 'null', parameters: 'node2', line: 1 }] });
    pair.input({ kind: 'boot' });
    pair.run(4000);
    const asked = pair.effects.find(({ effect }) => effect.kind === 'fence')?.effect;
    assert.ok(asked?.kind === 'fence', 'node2, never heard, is to be fenced');
    pair.input({ kind: 'fenceDone', commandId: asked.command.id, result });
    const told = pair.sent.filter(({ message }) => textOf(message, 't') === 'stonith').at(-1);
    assert.equal(told === undefined ? '' : textOf(told.message, 'result'), word);
  }
});
