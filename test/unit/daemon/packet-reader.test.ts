/** Copies of a packet are recognised, and nothing but copies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketReader } from '../../../src/daemon/loop/packet-reader.js';
import { createSigner, createVerifier } from '../../../src/wire/auth.js';
import { encodeNetstring } from '../../../src/wire/encode.js';
import { text } from '../../../src/wire/message.js';
import { oneKey } from '../wire/vectors.js';

const keys = oneKey('sha1', 'k');
const packet = (seq: string): Buffer =>
  Buffer.from(encodeNetstring({ fields: [text('t', 'status'), text('seq', seq)] }, createSigner(keys)));

test('a copy of a packet gives the very result of the first one', () => {
  const reader = new PacketReader();
  const verifier = createVerifier(keys);
  const first = reader.read(packet('1'), verifier);
  assert.ok(first.ok);
  assert.notEqual(reader.read(packet('2'), verifier), first);
  assert.equal(reader.read(packet('1'), verifier), first);
});

test('a packet with one other bit is judged by itself', () => {
  const reader = new PacketReader();
  const verifier = createVerifier(keys);
  assert.ok(reader.read(packet('1'), verifier).ok);
  for (let at = 0; at < packet('1').length; at += 7) {
    const forged = packet('1');
    forged[at] = (forged[at] ?? 0) ^ 1;
    const result = reader.read(forged, verifier);
    assert.ok(!result.ok || forged.equals(packet('1')), `byte ${at}`);
  }
});

test('after a change of the keys a copy is judged anew', () => {
  const reader = new PacketReader();
  assert.ok(reader.read(packet('1'), createVerifier(keys)).ok);
  assert.equal(reader.read(packet('1'), createVerifier(oneKey('sha1', 'other'))).ok, false);
});

test('refused packets push out nothing', () => {
  const reader = new PacketReader();
  const verifier = createVerifier(keys);
  const first = reader.read(packet('1'), verifier);
  for (let i = 0; i < 100; i++) reader.read(Buffer.from(`###\n${i}`), verifier);
  assert.equal(reader.read(packet('1'), verifier), first);
});
