import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createLineReader, openChannel } from '../../../src/daemon/channel.js';

test('lines come out the same however the bytes are split', () => {
  const bytes = Buffer.from('{"a":1}\n\n{"b":"grün"}\n{"c":3}\n');
  const whole: string[] = [];
  createLineReader(100, (line) => whole.push(line)).push(bytes);
  assert.deepEqual(whole, ['{"a":1}', '{"b":"grün"}', '{"c":3}']);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const lines: string[] = [];
    const reader = createLineReader(100, (line) => lines.push(line));
    reader.push(bytes.subarray(0, cut));
    reader.push(bytes.subarray(cut));
    assert.deepEqual(lines, whole, `cut at ${cut}`);
  }
});

test('a line beyond the bound is refused, in one piece or in many', () => {
  const never = createLineReader(10, () => assert.fail('no line'));
  assert.equal(never.push(Buffer.from('01234567890\n')), false);
  const slow = createLineReader(10, () => assert.fail('no line'));
  assert.equal(slow.push(Buffer.from('012345')), true);
  assert.equal(slow.push(Buffer.from('67890')), false);
});

test('a channel ends once, with its reason, at the first line that is not JSON', () => {
  const stream = new PassThrough();
  const got: unknown[] = [];
  const ends: string[] = [];
  const channel = openChannel<unknown, object>(stream, {
    onMessage: (message) => got.push(message),
    onEnd: (reason) => ends.push(reason),
  });
  stream.emit('data', Buffer.from('{"x":1}\nnonsense\n{"y":2}\n'));
  assert.deepEqual(got, [{ x: 1 }]);
  assert.deepEqual(ends, ['a line was not JSON']);
  assert.equal(channel.open, false);
  assert.equal(channel.send({ z: 1 }), false);
});
