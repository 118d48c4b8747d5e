import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InterfaceTable } from '../../../src/system/interface-table.js';
import type { InterfaceAddress, LinkState } from '../../../src/system/network-types.js';

const ETH0: LinkState = {
  name: 'eth0',
  index: 2,
  mac: '02:00:00:00:00:01',
  mtuBytes: 1500,
  up: true,
  carrier: true,
  loopback: false,
  noArp: false,
  hardwareType: 1,
  promoteSecondaries: false,
};
const ADDRESS: InterfaceAddress = {
  family: 4,
  address: '10.0.0.1',
  prefixLength: 24,
  flags: 0x80,
  scope: 0,
  validS: Number.POSITIVE_INFINITY,
};

function tableOfEth0(): InterfaceTable {
  const table = new InterfaceTable();
  assert.deepEqual(table.applyLink({ removed: false, link: ETH0 }), ['eth0']);
  assert.equal(table.applyAddress({ removed: false, interfaceIndex: 2, address: ADDRESS }), 'eth0');
  return table;
}

test('a message that tells nothing new changes nothing', () => {
  const table = tableOfEth0();
  assert.deepEqual(table.applyLink({ removed: false, link: { ...ETH0 } }), []);
  assert.equal(table.applyAddress({ removed: false, interfaceIndex: 2, address: { ...ADDRESS } }), undefined);
});

test('a renewed lifetime is kept, but is no change', () => {
  const table = tableOfEth0();
  const renewed = { ...ADDRESS, validS: 9 };
  assert.equal(table.applyAddress({ removed: false, interfaceIndex: 2, address: renewed }), undefined);
  assert.equal(table.find('eth0')?.addresses[0]?.validS, 9);
});

test('an interface that is deleted takes its addresses along, and a new one of that name has none', () => {
  const table = tableOfEth0();
  assert.deepEqual(table.applyLink({ removed: true, link: ETH0 }), ['eth0']);
  assert.equal(table.find('eth0'), undefined);
  assert.deepEqual(table.applyLink({ removed: false, link: { ...ETH0, index: 7 } }), ['eth0']);
  assert.deepEqual(table.find('eth0')?.addresses, []);
  assert.equal(table.byIndex(2), undefined);
});

test('a renamed interface is a change of both names', () => {
  const table = tableOfEth0();
  assert.deepEqual(table.applyLink({ removed: false, link: { ...ETH0, name: 'lan0' } }), ['eth0', 'lan0']);
  assert.equal(table.find('lan0')?.addresses.length, 1);
});

test('a removed address is gone, and an unknown one is no change', () => {
  const table = tableOfEth0();
  const other = { ...ADDRESS, address: '10.0.0.9' };
  assert.equal(table.applyAddress({ removed: true, interfaceIndex: 2, address: other }), undefined);
  assert.equal(table.applyAddress({ removed: true, interfaceIndex: 2, address: ADDRESS }), 'eth0');
  assert.deepEqual(table.find('eth0')?.addresses, []);
});
