import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { looksLikeIpv4, parseAddress } from '../../../src/config/address.js';
import type { AddressSpec } from '../../../src/config/types.js';

const GOOD: readonly (readonly [string, AddressSpec])[] = [
  ['10.0.0.10', { family: 4, address: '10.0.0.10' }],
  ['10.0.0.10/24', { family: 4, address: '10.0.0.10', prefixLength: 24 }],
  ['10.0.0.10/24/eth0', { family: 4, address: '10.0.0.10', prefixLength: 24, device: 'eth0' }],
  ['10.0.0.10//eth0', { family: 4, address: '10.0.0.10', device: 'eth0' }],
  ['10.0.0.10/255.255.255.0', { family: 4, address: '10.0.0.10', prefixLength: 24 }],
  [
    '10.0.0.10/24/eth0:5',
    { family: 4, address: '10.0.0.10', prefixLength: 24, device: 'eth0', label: 'eth0:5' },
  ],
  [
    '10.0.0.10/24/eth0:5/10.0.0.255',
    {
      family: 4,
      address: '10.0.0.10',
      prefixLength: 24,
      device: 'eth0',
      label: 'eth0:5',
      broadcast: '10.0.0.255',
    },
  ],
  [
    '10.0.0.10/24/eth0/10.0.0.255',
    { family: 4, address: '10.0.0.10', prefixLength: 24, device: 'eth0', broadcast: '10.0.0.255' },
  ],
  // The walk-through's form: a second part that begins with a digit is the broadcast address.
  [
    '135.9.216.3/4/135.9.216.12',
    { family: 4, address: '135.9.216.3', prefixLength: 4, broadcast: '135.9.216.12' },
  ],
  ['2001:db8::10/64', { family: 6, address: '2001:db8::10', prefixLength: 64 }],
  ['2001:DB8:0:0:0:0:0:10/64/eth1', { family: 6, address: '2001:db8::10', prefixLength: 64, device: 'eth1' }],
  ['fe80::1', { family: 6, address: 'fe80::1' }],
];

describe('an address word', () => {
  for (const [word, expected] of GOOD) {
    it(`${word} is understood`, () => {
      assert.deepEqual(parseAddress(word), { ok: true, address: expected });
    });
  }

  const bad: readonly (readonly [string, RegExp])[] = [
    ['999.1.1.1', /"999.1.1.1" is no IP address/],
    ['10.0.0.10httpd', /is no IP address/],
    ['10.0.0.10/0', /no prefix length from 1 to 32/],
    ['10.0.0.10/33', /no prefix length from 1 to 32/],
    ['10.0.0.10/255.0.255.0', /no prefix length/],
    ['10.0.0.10/24/averyverylongname', /no interface name/],
    ['10.0.0.10/24/eth0:averylonglabel', /longer than 15/],
    ['10.0.0.10/24/eth0/banana', /no broadcast address/],
    ['10.0.0.10/24/eth0/10.0.0.255/x', /one part too many/],
    ['2001:db8::1/129', /no prefix length from 1 to 128/],
    ['2001:db8::1/64/eth0:1', /no label/],
    ['fe80::1%eth0', /no IP address/],
    ['', /no IP address/],
  ];
  for (const [word, reason] of bad) {
    it(`${JSON.stringify(word)} is refused with its reason`, () => {
      const parsed = parseAddress(word);
      assert.ok(!parsed.ok);
      assert.match(parsed.reason, reason);
    });
  }

  it('looks like IPv4 when four parts begin with a digit, whatever follows', () => {
    for (const word of ['10.0.0.1', '1a.2b.3c.4d', '10.0.0.10/24', '999.1.1.1', '1.2.3.4.5']) {
      assert.ok(looksLikeIpv4(word), word);
    }
    for (const word of ['10.0.0', '10.0.0.x', 'a.1.2.3', '10.010.1', 'httpd']) {
      assert.ok(!looksLikeIpv4(word), word);
    }
  });
});
