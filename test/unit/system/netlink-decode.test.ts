import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeAck,
  decodeAddress,
  decodeLink,
  decodeRoute,
  splitMessages,
} from '../../../src/system/netlink-decode.js';

function first(...lines: string[]) {
  const [message] = splitMessages(Buffer.from(lines.join('').replaceAll(' ', ''), 'hex'));
  assert.ok(message);
  return message;
}

test('an address message gives address, label, broadcast, wide flags and the seconds left', () => {
  assert.deepEqual(
    decodeAddress(
      first(
        '58000000 1400 0000 00000000 00000000',
        '02 18 80 00 03000000',
        '0800 0100 0a00000a',
        '0800 0200 0a00000a',
        '0800 0400 0a0000ff',
        '0b00 0300 657468303a3500 00',
        '0800 0800 80020000',
        '1400 0600 05000000 07000000 00000000 00000000',
      ),
    ),
    {
      removed: false,
      interfaceIndex: 3,
      address: {
        family: 4,
        address: '10.0.0.10',
        prefixLength: 24,
        broadcast: '10.0.0.255',
        label: 'eth0:5',
        flags: 0x280,
        scope: 0,
        validS: 7,
      },
    },
  );
});

test('on a point-to-point interface the local address counts, not the peer', () => {
  const message = first(
    '28000000 1400 0000 00000000 00000000',
    '02 20 80 00 03000000',
    '0800 0100 0a000002',
    '0800 0200 0a000001',
  );
  assert.equal(decodeAddress(message)?.address.address, '10.0.0.1');
  assert.equal(decodeAddress(message)?.address.validS, Number.POSITIVE_INFINITY);
});

const LINK = [
  '00 00 0100 02000000 43100100 00000000', // Ethernet, index 2, UP|BROADCAST|RUNNING|MULTICAST|LOWER_UP
  '0900 0300 6574683000 000000',
  '0a00 0100 02fc00000001 0000',
  '0800 0400 dc050000',
];

test('a link message gives name, MAC address, and whether it is up with a carrier', () => {
  const message = first('40000000 1000 0000 00000000 00000000', ...LINK);
  assert.deepEqual(decodeLink(message), {
    removed: false,
    link: {
      name: 'eth0',
      index: 2,
      mac: '02:fc:00:00:00:01',
      mtuBytes: 1500,
      up: true,
      carrier: true,
      loopback: false,
      noArp: false,
      hardwareType: 1,
      promoteSecondaries: false,
    },
  });
});

test('a bridge port that leaves its bridge is no interface that disappears', () => {
  const [head = '', ...rest] = LINK;
  const message = first('40000000 1100 0000 00000000 00000000', head.replace(/^00/, '07'), ...rest);
  assert.equal(decodeLink(message), undefined);
});

test('a route through a gateway is not on-link; of several next hops the first counts', () => {
  const plain = first(
    '2c000000 1800 0000 00000000 00000000',
    '02 10 00 00 fe 02 fd 01 00000000',
    '0800 0100 0a000000',
    '0800 0400 02000000',
  );
  assert.deepEqual(decodeRoute(plain), { interfaceIndex: 2, prefixLength: 16, onLink: true, type: 1 });
  const multipath = first(
    '30000000 1800 0000 00000000 00000000',
    '02 00 00 00 fe 02 fd 01 00000000',
    '1400 0900 1000 00 00 05000000 0800 0500 0a0000fe',
  );
  assert.deepEqual(decodeRoute(multipath), { interfaceIndex: 5, prefixLength: 0, onLink: false, type: 1 });
});

test('a refusal carries the errno and the words of the kernel', () => {
  const message = first(
    '3c000000 0200 0003 05000000 00000000', // CAPPED | ACK_TLVS
    'edffffff', // -ENODEV
    '28000000 1400 0500 05000000 00000000',
    '1500 0100 446576696365206e6f7420666f756e6400 000000',
  );
  assert.deepEqual(decodeAck(message), { errno: 19, words: 'Device not found' });
});

test('no bytes whatever make the decoders throw', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.uint8Array({ maxLength: 120 }), (type, payload) => {
      const header = Buffer.alloc(16);
      header.writeUInt32LE(16 + payload.length, 0);
      header.writeUInt16LE(type, 4);
      header.writeUInt16LE(0x300, 6);
      for (const message of splitMessages(Buffer.concat([header, payload]))) {
        decodeAck(message);
        decodeAddress(message);
        decodeLink(message);
        decodeRoute(message);
      }
      splitMessages(Buffer.from(payload));
    }),
  );
});
