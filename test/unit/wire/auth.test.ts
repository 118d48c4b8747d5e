import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { AuthKey } from '../../../src/config/types.js';
import { createSigner, createVerifier } from '../../../src/wire/auth.js';
import { encodeClassic, encodeNetstring } from '../../../src/wire/encode.js';
import { text } from '../../../src/wire/message.js';
import { decodePacket, inspectPacket } from '../../../src/wire/packet.js';

const message = { fields: [text('t', 'status'), text('src', 'node1'), text('ts', '1')] };
const BODY = '###\n11:(0)t=status,12:(0)src=node1,7:(0)ts=1,%%%\n';

const oldKey: AuthKey = { index: 1, method: 'sha1', key: 'old' };
const newKey: AuthKey = { index: 2, method: 'sha256', key: 'new' };
const crcKey: AuthKey = { index: 3, method: 'crc', key: '' };

/** A netstring packet signed without help of the code under test. */
function signed(index: number, method: string, key: string): Buffer {
  const tag = `${index} ${createHmac(method, key).update(BODY).digest('hex')}`;
  return Buffer.from(`${BODY}${tag.length}:${tag},`, 'latin1');
}

test('an unauthentic packet is told from a foreign key index', () => {
  const verifier = createVerifier({ activeIndex: 1, keys: [oldKey] });
  assert.equal(decodePacket(signed(1, 'sha1', 'old'), verifier).ok, true);
  assert.deepEqual(decodePacket(signed(1, 'sha1', 'new'), verifier), { ok: false, reason: 'auth-wrong' });
  assert.deepEqual(decodePacket(signed(2, 'sha1', 'old'), verifier), { ok: false, reason: 'auth-no-key' });
});

test('a key change is seamless: each node accepts the other whichever of the two keys is active', () => {
  const keys = [oldKey, newKey];
  for (const sender of [1, 2]) {
    for (const receiver of [1, 2]) {
      const signer = createSigner({ activeIndex: sender, keys });
      const verifier = createVerifier({ activeIndex: receiver, keys });
      assert.equal(decodePacket(encodeNetstring(message, signer), verifier).ok, true);
      assert.equal(decodePacket(encodeClassic(message, signer), verifier).ok, true);
    }
  }
});

test('our active key is tried with the named method, as Heartbeat 3.0.6 does', () => {
  const verifier = createVerifier({ activeIndex: 2, keys: [oldKey, newKey] });
  assert.equal(decodePacket(signed(1, 'sha1', 'new'), verifier).ok, true);
  assert.deepEqual(decodePacket(signed(1, 'sha256', 'new'), verifier), { ok: false, reason: 'auth-wrong' });
  assert.deepEqual(decodePacket(signed(2, 'sha256', 'old'), verifier), { ok: false, reason: 'auth-wrong' });
});

test('a stray crc line does not let anybody forge packets', () => {
  const keys = [oldKey, crcKey];
  const forged = encodeNetstring(message, createSigner({ activeIndex: 3, keys }));
  assert.deepEqual(decodePacket(forged, createVerifier({ activeIndex: 1, keys })), {
    ok: false,
    reason: 'auth-method-refused',
  });
  assert.equal(decodePacket(forged, createVerifier({ activeIndex: 3, keys })).ok, true);
  const inspected = inspectPacket(forged, createVerifier({ activeIndex: 1, keys }, { judgeAnyCrc: true }));
  assert.ok(inspected.ok);
  assert.deepEqual(inspected.auth, { index: 3, method: 'crc', valid: true });
});

test('with crc active, a packet signed with a real key is still accepted', () => {
  const keys = [oldKey, crcKey];
  assert.equal(decodePacket(signed(1, 'sha1', 'old'), createVerifier({ activeIndex: 3, keys })).ok, true);
  assert.equal(decodePacket(signed(1, 'sha1', ''), createVerifier({ activeIndex: 3, keys })).ok, false);
});

test('the auth tag has one form: index, one blank, lower-case token', () => {
  const verifier = createVerifier({ activeIndex: 1, keys: [oldKey] });
  const token = createHmac('sha1', 'old').update(BODY).digest('hex');
  const packet = (tag: string): Buffer => Buffer.from(`${BODY}${tag.length}:${tag},`, 'latin1');
  assert.equal(decodePacket(packet(`1 ${token}`), verifier).ok, true);
  for (const tag of [
    `01 ${token}`,
    `1  ${token}`,
    ` 1 ${token}`,
    `1 ${token.toUpperCase()}`,
    `1 ${token} `,
    '1 ',
    '1',
    '',
  ]) {
    assert.equal(decodePacket(packet(tag), verifier).ok, false, JSON.stringify(tag));
  }
});

test('bytes after the end and a trailing NUL are ignored', () => {
  const verifier = createVerifier({ activeIndex: 1, keys: [oldKey] });
  const netstring = signed(1, 'sha1', 'old');
  const classic = encodeClassic(message, createSigner({ activeIndex: 1, keys: [oldKey] }));
  for (const packet of [netstring, classic]) {
    for (const [tail, count] of [
      ['\0', 0],
      ['\0\0', 1],
      ['more', 4],
    ] as const) {
      const longer = Buffer.concat([packet, Buffer.from(tail, 'latin1')]);
      assert.equal(decodePacket(longer, verifier).ok, true);
      const inspected = inspectPacket(longer, verifier);
      assert.ok(inspected.ok);
      assert.equal(inspected.trailingBytes, count);
    }
  }
});

test('the auth line of a classic packet may stand anywhere, but only once', () => {
  const verifier = createVerifier({ activeIndex: 1, keys: [oldKey] });
  const lines = ['t=status\n', 'src=node1\n', 'ts=1\n'];
  const auth = `auth=1 ${createHmac('sha1', 'old').update(lines.join('')).digest('hex')}\n`;
  for (let place = 0; place <= lines.length; place++) {
    const all = lines.toSpliced(place, 0, auth);
    const packet = Buffer.from(`>>>\n${all.join('')}<<<\n`, 'latin1');
    const result = decodePacket(packet, verifier);
    assert.ok(result.ok, `auth at line ${place}`);
    assert.deepEqual(result.message, message);
    const twice = Buffer.from(`>>>\n${all.join('')}${auth}<<<\n`, 'latin1');
    assert.deepEqual(decodePacket(twice, verifier), { ok: false, reason: 'auth-duplicate' });
  }
});
