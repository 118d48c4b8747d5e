import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addressBytes,
  addressText,
  broadcastAddress,
  canonicalAddress,
  inSameNetwork,
  isLinkLocal6,
} from '../../../src/system/ip-address.js';

test('IPv6 text becomes canonical as RFC 5952 says', () => {
  assert.equal(canonicalAddress('2001:DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
  assert.equal(canonicalAddress('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1');
  assert.equal(canonicalAddress('0:0:0:0:0:0:0:0'), '::');
  assert.equal(canonicalAddress('::ffff:10.0.0.1'), '::ffff:a00:1');
  assert.equal(canonicalAddress('fe80::1%eth0'), undefined);
  assert.equal(canonicalAddress('10.0.0.256'), undefined);
  assert.equal(canonicalAddress('010.0.0.1'), undefined);
});

test('every sixteen bytes survive the way through text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const text = addressText(bytes);
      assert.equal(isIPv6(text), true);
      assert.deepEqual(addressBytes(text), bytes);
    }),
  );
});

test('a network is compared by its prefix, also within a byte, and never across families', () => {
  assert.equal(inSameNetwork('10.0.0.1', '10.0.0.200', 24), true);
  assert.equal(inSameNetwork('10.0.0.1', '10.0.1.1', 24), false);
  assert.equal(inSameNetwork('10.0.0.1', '10.0.1.1', 23), true);
  assert.equal(inSameNetwork('10.0.0.1', '10.0.0.2', 32), false);
  assert.equal(inSameNetwork('10.0.0.1', '192.0.2.1', 0), true);
  assert.equal(inSameNetwork('fd00::1', 'fd00:0:0:1::1', 64), false);
  assert.equal(inSameNetwork('fd00::1', '10.0.0.1', 0), false);
  assert.equal(isLinkLocal6('febf::1'), true);
  assert.equal(isLinkLocal6('fec0::1'), false);
});

test('the broadcast address is the last of the network, and absent in /31 and /32', () => {
  assert.equal(broadcastAddress('135.9.216.3', 4), '143.255.255.255');
  assert.equal(broadcastAddress('10.0.0.10', 24), '10.0.0.255');
  assert.equal(broadcastAddress('10.0.0.10', 30), '10.0.0.11');
  assert.equal(broadcastAddress('10.0.0.10', 31), undefined);
  assert.equal(broadcastAddress('fd00::1', 64), undefined);
});
