import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gratuitousArp } from '../../../src/wire/arp.js';
import { ipv6Bytes } from '../../../src/wire/ip-text.js';
import { unsolicitedNeighbourAdvertisement } from '../../../src/wire/neighbour.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('a gratuitous ARP request has the bytes of RFC 5227', () => {
  assert.equal(
    hex(gratuitousArp('02:00:00:AA:bb:01', '10.0.0.10')),
    'ffffffffffff' +
      '020000aabb01' +
      '0806' +
      '0001080006040001' +
      '020000aabb01' +
      '0a00000a' +
      '000000000000' +
      '0a00000a',
  );
});

test('a gratuitous ARP reply names the sender as target too', () => {
  assert.equal(
    hex(gratuitousArp('02:00:00:aa:bb:01', '192.168.255.1', 'reply')),
    'ffffffffffff' +
      '020000aabb01' +
      '0806' +
      '0001080006040002' +
      '020000aabb01' +
      'c0a8ff01' +
      '020000aabb01' +
      'c0a8ff01',
  );
});

test('an unsolicited neighbour advertisement has the bytes of RFC 4861, override flag and checksum included', () => {
  const ethernet = '333300000001' + '020000aabb01' + '86dd';
  const ip = '6000000000203aff' + '20010db8000000000000000000100024' + 'ff020000000000000000000000000001';
  const target = '20010db8000000000000000000100024' + '0201020000aabb01';
  assert.equal(
    hex(unsolicitedNeighbourAdvertisement('02:00:00:aa:bb:01', '2001:db8::10:24')),
    `${ethernet}${ip}88003d1a20000000${target}`,
  );
  // Flags 0xa0 instead of 0x20: the word grows by 0x8000, so the checksum shrinks by it (one's complement).
  assert.equal(
    hex(unsolicitedNeighbourAdvertisement('02:00:00:aa:bb:01', '2001:db8::10:24', { router: true })),
    `${ethernet}${ip}8800bd19a0000000${target}`,
  );
  assert.equal(
    hex(unsolicitedNeighbourAdvertisement('02:00:00:aa:bb:01', '2001:db8::10:24', { override: false })),
    `${ethernet}${ip}88005d1a00000000${target}`,
  );
});

test('addresses that are none are broken invariants', () => {
  for (const mac of ['', '02:00:00:aa:bb', '02:00:00:aa:bb:0g', '02-00-00-aa-bb-01']) {
    assert.throws(() => gratuitousArp(mac, '10.0.0.1'), { name: 'BrokenInvariant' });
  }
  for (const address of ['', '10.0.0', '10.0.0.256', '10.0.0.01', '::1']) {
    assert.throws(() => gratuitousArp('02:00:00:aa:bb:01', address), { name: 'BrokenInvariant' });
  }
});

test('IPv6 text is read in every form of RFC 4291', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['::', '00'.repeat(16)],
    ['::1', `${'00'.repeat(15)}01`],
    ['fe80::', `fe80${'00'.repeat(14)}`],
    ['2001:DB8:0:0:8:800:200C:417A', '20010db80000000000080800200c417a'],
    ['2001:db8::8:800:200c:417a', '20010db80000000000080800200c417a'],
    ['::ffff:129.144.52.38', '00000000000000000000ffff81903426'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ];
  for (const [address, expected] of cases) {
    const bytes = ipv6Bytes(address);
    assert.ok(bytes, address);
    assert.equal(hex(bytes), expected, address);
  }
  for (const address of [
    '',
    ':',
    ':::',
    '1',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    'g::',
    '12345::',
    '1.2.3.4::',
    '::1.2.3',
    ':1::',
    '::%eth0',
  ]) {
    assert.equal(ipv6Bytes(address), undefined, address);
  }
});
