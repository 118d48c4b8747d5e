import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVerifier } from '../../../src/wire/auth.js';
import { decodePacket } from '../../../src/wire/packet.js';
import { createSerialFramer } from '../../../src/wire/serial-framer.js';
import { oneKey, positive } from './vectors.js';

const FRAMES = positive
  .filter((vector) => vector.id.startsWith('serial-classic-'))
  .map((vector) => Buffer.from(vector.hex, 'hex').toString('latin1'));
const [A = '', B = '', C = ''] = FRAMES;

/** Frames cut from `stream`, fed in pieces ending at the given offsets. */
function cut(stream: string, ...offsets: readonly number[]): string[] {
  const bytes = Buffer.from(stream, 'latin1');
  const framer = createSerialFramer();
  const ends = [...offsets, bytes.length].sort((a, b) => a - b);
  const frames: string[] = [];
  let start = 0;
  for (const end of ends) {
    for (const frame of framer.feed(bytes.subarray(start, end)))
      frames.push(Buffer.from(frame).toString('latin1'));
    start = Math.max(start, end);
  }
  return frames;
}

function authentic(frame: string): boolean {
  return decodePacket(Buffer.from(frame, 'latin1'), createVerifier(oneKey('sha1', 'secretkey'))).ok;
}

test('frames are the same wherever the stream is split in two, and byte by byte', () => {
  const stream = `${A}noise\n${B}\n${C}`;
  for (let at = 0; at <= stream.length; at++) assert.deepEqual(cut(stream, at), [A, B, C], `split at ${at}`);
  assert.deepEqual(cut(stream, ...Array.from({ length: stream.length }, (_, i) => i)), [A, B, C]);
});

test('frames are the same however a stream of frames and noise is split', () => {
  const noiseLine = fc.string({ unit: fc.constantFrom('x', '>', '<', '=', '#', '\xff'), maxLength: 6 });
  const piece = fc.oneof(
    fc.constantFrom(...FRAMES),
    noiseLine.filter((line) => !line.startsWith('>>>')).map((line) => `${line}\n`),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.array(fc.nat(1500), { maxLength: 8 }),
      (pieces, splits) => {
        const stream = pieces.join('');
        const expected = pieces.filter((text) => text.startsWith('>>>\n'));
        assert.deepEqual(cut(stream, ...splits.map((at) => Math.min(at, stream.length))), expected);
      },
    ),
  );
});

test('noise on a line of its own is skipped', () => {
  assert.deepEqual(cut(`garbage\n<<<\n>>\n###\n11:(0)t=status,%%%\n${A}`), [A]);
});

test('noise glued in front of the start marker loses that frame only', () => {
  assert.deepEqual(cut(`x${A}${B}`), [B]);
});

test('a frame whose end was lost costs itself only: the next one is whole', () => {
  const frames = cut(A.slice(0, A.indexOf('<<<')) + B + C);
  assert.deepEqual(frames, [B, C]);
  assert.equal(authentic(B), true);
});

test('a frame that broke off in the middle of a line swallows the next one, is rejected, and the one after is whole', () => {
  const frames = cut(A.slice(0, A.indexOf('srcuuid') + 5) + B + C);
  assert.equal(frames.length, 2);
  assert.equal(authentic(frames[0] ?? ''), false);
  assert.equal(frames[1], C);
});

test('carriage returns, and NULs read from a break, do no harm', () => {
  assert.deepEqual(cut(`\0${A.replaceAll('\n', '\r\n')}\0\0${B}`), [A, B]);
});

test('a frame without end is given up at the limit and the line is in step again at the next frame', () => {
  const framer = createSerialFramer(1000);
  assert.deepEqual(framer.feed(Buffer.from(`>>>\n${'x=1\n'.repeat(500)}>>>`)), []);
  assert.equal(framer.counters.oversizedFrames, 1);
  const frames = framer.feed(Buffer.from(`x=2\n<<<\n${A}`, 'latin1'));
  assert.equal(frames.length, 2);
  assert.equal(Buffer.from(frames[1] ?? []).toString('latin1'), A);
  assert.equal(framer.counters.frames, 2);
});

test('one endless line neither grows memory nor makes a frame', () => {
  const framer = createSerialFramer(1000);
  for (let i = 0; i < 100; i++) assert.deepEqual(framer.feed(Buffer.alloc(10_000, '>')), []);
  assert.equal(framer.counters.oversizedFrames, 1);
  assert.equal(framer.counters.noiseBytes, 1_000_000);
  assert.equal(framer.feed(Buffer.from(`\n${A}`, 'latin1')).length, 1);
});

test('noise is counted', () => {
  const framer = createSerialFramer();
  framer.feed(Buffer.from(`abc\n>>x\n${A}`, 'latin1'));
  assert.deepEqual(framer.counters, { frames: 1, noiseBytes: 6, oversizedFrames: 0, brokenFrames: 0 });
});
