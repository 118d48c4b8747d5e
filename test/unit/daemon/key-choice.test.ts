import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthKeys } from '../../../src/config/types.js';
import { MessageEncoder } from '../../../src/daemon/loop/encoder.js';
import { keyFor } from '../../../src/daemon/loop/key-choice.js';
import { createVerifier } from '../../../src/wire/auth.js';
import { type Message, text } from '../../../src/wire/message.js';
import { type Decoded, decodePacket } from '../../../src/wire/packet.js';
import { BesideOriginal } from '../../support/beside-original.js';

const KEYS: AuthKeys = {
  activeIndex: 1,
  keys: [
    { index: 1, method: 'sha1', key: 'old' },
    { index: 2, method: 'sha1', key: 'new' },
  ],
};
const message: Message = { fields: [text('t', 'status'), text('src', 'node1')] };
const indexOf = (encoder: MessageEncoder): number | undefined => {
  const decoded = decodePacket(encoder.encode(message, 'netstring'), createVerifier(KEYS));
  return decoded.ok ? decoded.authIndex : undefined;
};

test('what is sent is signed with the followed key, as long as there is one of that index', () => {
  const encoder = new MessageEncoder(KEYS);
  assert.equal(indexOf(encoder), 1);
  assert.equal(encoder.follow(2), true);
  assert.equal(indexOf(encoder), 2);
  assert.equal(encoder.follow(7), false);
  assert.equal(indexOf(encoder), 2);
  // The keys are read again and the active one is another now: the original has not changed yet.
  encoder.rekey({ ...KEYS, activeIndex: 2 });
  assert.equal(indexOf(encoder), 2);
  assert.equal(encoder.follow(1), true);
  assert.equal(indexOf(encoder), 1);
  assert.equal(encoder.follow(undefined), true);
  assert.equal(indexOf(encoder), 2);
});

test("an original's newest status says with which key it is spoken to; an old packet of it does not", () => {
  const pair = new BesideOriginal();
  pair.begin();
  const peer = pair.state.peers.get('node2');
  assert.ok(peer !== undefined);
  const status = (seq: number, generation = peer.tracking.generation): Decoded => ({
    ok: true,
    format: 'netstring',
    authIndex: 2,
    message: {
      fields: [
        text('t', 'status'),
        text('src', 'node2'),
        text('seq', seq.toString(16)),
        text('hg', generation.toString(16)),
      ],
    },
  });
  assert.equal(keyFor(pair.state, status(peer.lastStatusSeq)), 2);
  assert.equal(keyFor(pair.state, status(peer.lastStatusSeq - 3)), null);
  assert.equal(keyFor(pair.state, status(peer.lastStatusSeq, peer.tracking.generation - 1)), null);
  peer.extra = {
    version: 1,
    program: '4.0.0',
    capabilities: [],
    nonce: '0'.repeat(16),
    heard: [],
    groupsDigest: '',
    claims: [],
  };
  assert.equal(keyFor(pair.state, status(peer.lastStatusSeq)), undefined);
});
