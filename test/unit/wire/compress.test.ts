import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { createSigner, createVerifier } from '../../../src/wire/auth.js';
import { bunzip2 } from '../../../src/wire/bunzip2.js';
import { inflate, wrapCompressed } from '../../../src/wire/compress.js';
import { encodeClassic, encodeNetstring } from '../../../src/wire/encode.js';
import { binary, type Message, text } from '../../../src/wire/message.js';
import { decodePacket } from '../../../src/wire/packet.js';
import { oneKey } from './vectors.js';

const keys = oneKey('sha1', 'k');
const signer = createSigner(keys);
const verifier = createVerifier(keys);
const message: Message = {
  fields: [text('t', 'bigtest'), text('data', 'x'.repeat(3000)), text('src', 'node1')],
};

/** Made by another implementation of bzip2. */
const BZIP2 = {
  empty: Buffer.from('425a683917724538509000000000', 'hex'),
  /** `message` in netstring encoding. */
  message: Buffer.from(
    'QlpoOTFBWSZTWb8X/IcAAAJZiIAQCmR4Uj6hnEAAAIAIIABIhT9U2ptJo0PKD0gNKMAAmATADAJKnM19vQ9Edc1IStYqNwHaHiSedzi6sBW/CIK4AAXRdyRThQkL8X/IcA==',
    'base64',
  ),
  /** 2 MiB + 1 byte of zeros. */
  tooLarge: Buffer.from('QlpoOTFBWSZTWYxcTKYAEBBgAMAAAAIACCAAMMwFKaYEA2IIB4u5IpwoSEYuJlMA', 'base64'),
  /** The numbers 0..119999 modulo 7, each followed by a blank: three blocks. */
  blocks: Buffer.from(
    'QlpoMTFBWSZTWcPg7f8AYaMYAEAAfwAgAHBDAgTVTSHqalAmRQJ2KBPIoE9SgT5KBNSgTNipFU/MUFZJlNZYFASmQBFvRgAQAB/ACAAcEMCB' +
      'NVAHooEylAmkoE2lAnEoE52KBPRQJmKkVT5igrJMprPhTyciAFleMACAAP4AQADkQwIClRHqeptJFN8KRT0pFMKRT4pFNKRTKSKbRQqPF3JF' +
      'OFCQP4QBXA==',
    'base64',
  ),
};

test('bzip2 streams of another implementation are decompressed', () => {
  assert.deepEqual(bunzip2(BZIP2.empty, 100), { ok: true, bytes: Buffer.alloc(0) });
  const result = bunzip2(BZIP2.blocks, 300_000);
  assert.ok(result.ok);
  assert.equal(
    createHash('sha256').update(result.bytes).digest('hex'),
    'e8c1e4072170f84046de7eb96f93f1944abf108dd79ad2e8dd2fcef8cdd2a5fa',
  );
});

test('a truncated bzip2 stream is refused, and a damaged one never gives other bytes', () => {
  const whole = bunzip2(BZIP2.blocks, 300_000);
  assert.ok(whole.ok);
  let unnoticed = 0;
  for (let i = 0; i < BZIP2.blocks.length; i++) {
    assert.equal(bunzip2(BZIP2.blocks.subarray(0, i), 300_000).ok, false, `cut at ${i}`);
    const damaged = Buffer.from(BZIP2.blocks);
    damaged[i] = (damaged[i] ?? 0) ^ 0x10;
    const result = bunzip2(damaged, 300_000);
    if (!result.ok) continue;
    // Code lengths of symbols that do not occur may change without effect.
    assert.ok(result.bytes.equals(whole.bytes), `damaged at ${i}`);
    unnoticed++;
  }
  assert.ok(unnoticed < BZIP2.blocks.length / 4);
});

test('decompression stops at 2 MiB', () => {
  assert.deepEqual(inflate(BZIP2.tooLarge.toString('hex'), 'bz2'), {
    ok: false,
    reason: 'inflated-too-large',
  });
  const limit = 2 * 1024 * 1024;
  const zeros = (count: number): string => deflateSync(Buffer.alloc(count)).toString('hex');
  assert.equal(inflate(zeros(limit), 'zlib').ok, true);
  assert.deepEqual(inflate(zeros(limit + 1), 'zlib'), { ok: false, reason: 'inflated-too-large' });
});

test('a wrapped message is unwrapped from zlib and bz2, netstring and classic inside', () => {
  const packed = (payload: Buffer, algorithm: string): Message => ({
    fields: [
      binary('_compressed_payload', payload.toString('hex')),
      text('_compression_algorithm', algorithm),
    ],
  });
  const expected = { ok: true, format: 'netstring', message, authIndex: 1 };
  const decode = (wrapper: Message): unknown => decodePacket(encodeNetstring(wrapper, signer), verifier);
  assert.deepEqual(decode(wrapCompressed(message)), expected);
  assert.deepEqual(decode(packed(deflateSync(encodeNetstring(message, undefined)), 'zlib')), expected);
  assert.deepEqual(decode(packed(deflateSync(encodeClassic(message, undefined)), 'zlib')), expected);
  assert.deepEqual(decode(packed(deflateSync(encodeClassic(message, signer)), 'zlib')), expected);
  assert.deepEqual(decode(packed(BZIP2.message, 'bz2')), expected);
  assert.deepEqual(decode(packed(BZIP2.empty, 'bz2')), { ok: false, reason: 'unknown-format' });
  assert.deepEqual(decode(packed(Buffer.from('no zlib'), 'zlib')), { ok: false, reason: 'bad-compression' });
  assert.deepEqual(decode(packed(Buffer.alloc(4), 'lzma')), { ok: false, reason: 'unsupported-compression' });
  assert.deepEqual(decode(wrapCompressed(wrapCompressed(message))), {
    ok: false,
    reason: 'nested-compression',
  });
});

test('a field marked for compression travels as type 4 with its algorithm', () => {
  const outer: Message = { fields: [text('t', 'x'), { name: 'big', type: 5, message }] };
  const result = decodePacket(encodeNetstring(outer, signer), verifier);
  assert.ok(result.ok);
  const [, big, algorithm] = result.message.fields;
  assert.deepEqual(algorithm, text('_compression_algorithm', 'zlib'));
  assert.ok(big?.type === 4);
  const inner = inflate(big.hex, 'zlib');
  assert.ok(inner.ok);
  assert.deepEqual(inner.bytes, encodeNetstring(message, undefined));
});
