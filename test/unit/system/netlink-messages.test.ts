import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  deleteAddressMessage,
  dumpAddressesMessage,
  linkUpMessage,
  promoteSecondariesMessage,
  routeMessage,
  setAddressMessage,
} from '../../../src/system/netlink-messages.js';

/** Bytes written down by hand from linux/netlink.h, if_addr.h and rtnetlink.h: one line for each header or attribute. */
function bytes(...lines: string[]): string {
  return lines.join('').replaceAll(' ', '');
}

function hex(message: Uint8Array): string {
  return Buffer.from(message).toString('hex');
}

test('an IPv4 address is set with its label, broadcast address and lifetime', () => {
  const message = setAddressMessage({
    interfaceIndex: 3,
    address: '10.0.0.10',
    prefixLength: 24,
    broadcast: '10.0.0.255',
    label: 'eth0:5',
    lifetimeS: 10,
  });
  assert.equal(
    hex(message),
    bytes(
      '50000000 1400 0105 00000000 00000000', // 80 bytes, RTM_NEWADDR, REQUEST | REPLACE | CREATE
      '02 18 00 00 03000000', // AF_INET, /24, no flags, global scope, interface 3
      '0800 0200 0a00000a', // IFA_LOCAL
      '0800 0100 0a00000a', // IFA_ADDRESS
      '0800 0400 0a0000ff', // IFA_BROADCAST
      '0b00 0300 657468303a3500 00', // IFA_LABEL with its NUL, padded
      '1400 0600 0a000000 0a000000 00000000 00000000', // IFA_CACHEINFO: preferred, valid
    ),
  );
});

test('an address without a lifetime stays: both lifetimes are infinite', () => {
  const message = setAddressMessage({ interfaceIndex: 1, address: '192.0.2.1', prefixLength: 32 });
  assert.match(hex(message), /14000600ffffffffffffffff0000000000000000$/);
});

test('an IPv6 address carries its flags in the header and, as they exceed a byte, in an attribute', () => {
  const message = setAddressMessage({
    interfaceIndex: 258,
    address: 'fd00::10',
    prefixLength: 64,
    flags: 0x202,
    lifetimeS: 5,
  });
  assert.equal(
    hex(message),
    bytes(
      '5c000000 1400 0105 00000000 00000000',
      '0a 40 02 00 02010000',
      '1400 0200 fd000000000000000000000000000010',
      '1400 0100 fd000000000000000000000000000010',
      '1400 0600 05000000 05000000 00000000 00000000',
      '0800 0800 02020000',
    ),
  );
});

test('an address is removed by interface, address and prefix', () => {
  assert.equal(
    hex(deleteAddressMessage({ interfaceIndex: 3, address: '10.0.0.10', prefixLength: 24 })),
    bytes(
      '28000000 1500 0100 00000000 00000000',
      '02 18 00 00 03000000',
      '0800 0200 0a00000a',
      '0800 0100 0a00000a',
    ),
  );
});

test('a dump of addresses asks for both families', () => {
  assert.equal(
    hex(dumpAddressesMessage()),
    bytes('18000000 1600 0103 00000000 00000000', '00 00 00 00 00000000'),
  );
});

test('a route is asked for with the matching entry of the table', () => {
  assert.equal(
    hex(routeMessage('10.0.0.10')),
    bytes(
      '24000000 1a00 0100 00000000 00000000',
      '02 20 00 00 00 00 00 00 00200000', // AF_INET, 32 bits, RTM_F_FIB_MATCH
      '0800 0100 0a00000a', // RTA_DST
    ),
  );
});

test('an interface is brought up without touching its other flags', () => {
  assert.equal(
    hex(linkUpMessage(7)),
    bytes('20000000 1300 0100 00000000 00000000', '00 00 0000 07000000 01000000 01000000'),
  );
});

test('promote_secondaries is set as the IPv4 setting number 20 of the interface', () => {
  assert.equal(
    hex(promoteSecondariesMessage(7)),
    bytes(
      '34000000 1300 0100 00000000 00000000',
      '00 00 0000 07000000 00000000 00000000',
      '1400 1a00', // IFLA_AF_SPEC
      '1000 0200', // AF_INET
      '0c00 0100', // IFLA_INET_CONF
      '0800 1400 01000000',
    ),
  );
});
