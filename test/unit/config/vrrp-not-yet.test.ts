import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vrrpConfig, vrrpInstance } from '../../../src/config/vrrp-defaults.js';
import { vrrpNotYet } from '../../../src/config/vrrp-not-yet.js';

const instance = vrrpInstance({ name: 'VI_1', interface: 'eth0', virtualRouterId: 51 });
const without = { isExecutable: () => false };

test('no_accept on a machine without nft is said with the line of the instance', () => {
  const deaf = { ...instance, accept: false, line: 7 };
  const found = vrrpNotYet(vrrpConfig({ instances: [deaf] }), without);
  assert.deepEqual(
    found.map(({ code, line, severity }) => [code, line, severity]),
    [['nft-absent', 7, 'warning']],
  );
  const there = { isExecutable: (path: string) => path === '/usr/sbin/nft' };
  assert.deepEqual(vrrpNotYet(vrrpConfig({ instances: [deaf] }), there), []);
});

test('an owner of its addresses, and an instance that accepts, need no nft', () => {
  const owner = { ...instance, accept: false, priority: 255 };
  assert.deepEqual(vrrpNotYet(vrrpConfig({ instances: [instance, owner] }), without), []);
});
