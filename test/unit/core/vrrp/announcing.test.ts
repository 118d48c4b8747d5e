/** What a master announces again and again (vrrp-lvs.md 2.8; keepalived.conf(5), garp_extra_if). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_ANNOUNCING, plainVrrpAddress, vrrpConfig } from '../../../../src/config/vrrp-defaults.js';
import type { VrrpAddress, VrrpInstance } from '../../../../src/config/vrrp-types.js';
import type { Effect } from '../../../../src/core/effect.js';
import { Bench, instance, VIP } from './support/bench.js';

const elsewhere = (address: string, device: string): VrrpAddress => ({
  ...plainVrrpAddress(address, device),
  onInstanceInterface: false,
});

function announced(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'vrrpAnnounce'
      ? [`${effect.addresses.map(({ address }) => address).join(' ')} x${effect.repeat}`]
      : [],
  );
}

/** Master, past its first bursts. */
function master(given: Partial<VrrpInstance>, others: readonly VrrpInstance[] = []): Bench {
  const bench = new Bench(vrrpConfig({ instances: [instance(given), ...others] })).boot();
  bench.pass(4000);
  bench.pass(6000);
  return bench;
}

const addresses = [
  plainVrrpAddress(VIP, 'eth0', 24),
  elsewhere('10.78.0.1', 'eth1'),
  elsewhere('10.78.0.2', 'eth1'),
];

test('garp_extra_if all: the first address of each other interface, once in the time', () => {
  const announcing = { ...DEFAULT_ANNOUNCING, extraMs: 2000, extraEverywhere: true };
  const bench = master({ addresses, announcing });
  assert.deepEqual(announced(bench.pass(6000)), ['10.78.0.1 x1', '10.78.0.1 x1', '10.78.0.1 x1']);
  bench.hear({ priority: 200 });
  assert.deepEqual(announced(bench.pass(2500)), []);
});

test('garp_extra_if without all: on the interface of a virtual MAC address alone', () => {
  const announcing = { ...DEFAULT_ANNOUNCING, extraMs: 2000 };
  assert.deepEqual(announced(master({ addresses, announcing }).pass(6000)), []);
  const vmac = { device: 'eth1', mac: '00:00:5e:00:01:34', sendFromBase: false };
  const other = instance({ name: 'VI_2', virtualRouterId: 52, vmac, addresses: [] });
  assert.deepEqual(announced(master({ addresses, announcing }, [other]).pass(2000)), ['10.78.0.1 x1']);
});

test('a killed loop process goes on with garp_master_refresh and garp_extra_if where the one before it was', () => {
  const announcing = {
    ...DEFAULT_ANNOUNCING,
    refreshMs: 3000,
    refreshRepeat: 2,
    extraMs: 2000,
    extraEverywhere: true,
  };
  const bench = master({ addresses, announcing });
  bench.restart();
  for (const name of ['eth0', 'eth1']) bench.interface(name, true);
  bench.input({ kind: 'tick' });
  assert.equal(bench.see().state, 'master');
  assert.deepEqual(announced(bench.pass(4000)), [
    '10.78.0.1 x1',
    `${VIP} 10.78.0.1 10.78.0.2 x2`,
    '10.78.0.1 x1',
  ]);
});
