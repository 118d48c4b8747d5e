import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeEchoRequest, parseEchoReply } from '../../../src/wire/icmp.js';

test('an echo request has the bytes that ping(8) sends', () => {
  // "abcdefghijklmnop", id 0x1234, sequence 1; checksum worked out by hand (RFC 1071).
  const packet = encodeEchoRequest(4, { id: 0x1234, sequence: 1, data: Buffer.from('abcdefghijklmnop') });
  assert.equal(Buffer.from(packet).toString('hex'), '0800a27f123400016162636465666768696a6b6c6d6e6f70');
});

test('a reply is read behind an IP header of any length, and anything else is not one', () => {
  const reply = Buffer.from('0000000012340007616263', 'hex');
  const header = (words: number) => Buffer.concat([Buffer.from([0x40 | words]), Buffer.alloc(words * 4 - 1)]);
  for (const words of [5, 6, 15]) {
    const parsed = parseEchoReply(4, Buffer.concat([header(words), reply]));
    assert.deepEqual(
      [parsed?.id, parsed?.sequence, Buffer.from(parsed?.data ?? []).toString()],
      [0x1234, 7, 'abc'],
    );
  }
  assert.equal(
    parseEchoReply(4, Buffer.concat([header(5), Buffer.from('0800000012340007', 'hex')])),
    undefined,
  );
  assert.equal(parseEchoReply(6, Buffer.from('8100000012340007616263', 'hex'))?.sequence, 7);
});

test('any bytes are judged without a throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.constantFrom(4 as const, 6 as const),
      (bytes, family) => {
        parseEchoReply(family, bytes);
      },
    ),
  );
});

test('a request that is turned into a reply gives its data back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(0xffff), (data, id) => {
      const packet = Buffer.from(encodeEchoRequest(6, { id, sequence: 3, data }));
      packet[0] = 129;
      const echo = parseEchoReply(6, packet);
      assert.deepEqual([echo?.id, Buffer.from(echo?.data ?? [])], [id, Buffer.from(data)]);
    }),
  );
});
