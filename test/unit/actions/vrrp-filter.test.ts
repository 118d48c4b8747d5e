import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterRules } from '../../../src/actions/vrrp-filter.js';
import {
  defaultVrrpGlobal,
  plainVrrpAddress,
  vrrpConfig,
  vrrpInstance,
} from '../../../src/config/vrrp-defaults.js';
import type { VrrpGlobal, VrrpInstance } from '../../../src/config/vrrp-types.js';

const deaf = (given: Partial<VrrpInstance> = {}): VrrpInstance =>
  vrrpInstance({
    name: 'VI_1',
    interface: 'eth0',
    virtualRouterId: 51,
    accept: false,
    addresses: [plainVrrpAddress('10.0.0.10', 'eth0')],
    ...given,
  });

const config = (instances: readonly VrrpInstance[], global: Partial<VrrpGlobal> = {}) =>
  vrrpConfig({ instances, global: { ...defaultVrrpGlobal('node1'), ...global } });

const rulesOf = (...given: Parameters<typeof config>): string[] =>
  (filterRules(config(...given), undefined) ?? '')
    .split('; ')
    .filter((line) => line.startsWith('add rule') || line.startsWith('add set'));

test('without no_accept, and for the owner of the addresses, there is no packet filter', () => {
  assert.equal(filterRules(config([deaf({ accept: true }), deaf({ priority: 255 })]), undefined), undefined);
  assert.equal(filterRules(undefined, undefined), undefined);
});

test('no_accept drops what comes for the addresses and what would leave from them, the excluded ones too', () => {
  const more = { excludedAddresses: [plainVrrpAddress('10.0.0.11', 'eth1')] };
  assert.deepEqual(rulesOf([deaf(more)]), [
    'add set ip keepalived vips { type ipv4_addr',
    'add rule ip keepalived out ip saddr @vips drop',
    'add rule ip keepalived in ip daddr @vips drop',
  ]);
  assert.match(
    filterRules(config([deaf(more)]), undefined) ?? '',
    /elements = \{ 10\.0\.0\.10, 10\.0\.0\.11 \}/,
  );
});

test('IPv6: neighbours still find the address; a link-local one is dropped on its own interface alone', () => {
  const addresses = [plainVrrpAddress('fe80::1', 'eth0'), plainVrrpAddress('fd00::1', 'eth0')];
  const vmac = { device: 'vrrp6.51', mac: '00:00:5e:00:02:33', sendFromBase: false };
  const rules = rulesOf([deaf({ family: 6, addresses, vmac })]);
  assert.deepEqual(
    rules.filter((line) => line.includes(' in ')),
    [
      'add rule ip6 keepalived in icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
      'add rule ip6 keepalived in ip6 daddr @vips drop',
      'add rule ip6 keepalived in iifname "vrrp6.51" ip6 daddr fe80::1 drop',
    ],
  );
});

test('table, priority and counters are those of global_defs; the table before it goes in the same transaction', () => {
  const global = { nftTable: 'own', nftPriority: 5, nftCounters: true };
  const text = filterRules(config([deaf()], global), 'keepalived') ?? '';
  assert.match(text, /hook input priority 5; /);
  assert.match(text, /ip daddr @vips counter drop/);
  assert.match(text, /delete table ip6 keepalived; .*add set ip own /);
  assert.equal(
    filterRules(config([deaf({ accept: true })]), 'own'),
    'add table ip own; delete table ip own; add table ip6 own; delete table ip6 own',
  );
});
