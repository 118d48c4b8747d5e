import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vrrpConfig, vrrpInstance } from '../../../src/config/vrrp-defaults.js';
import { vrrpNotYet } from '../../../src/config/vrrp-not-yet.js';

const instance = vrrpInstance({ name: 'VI_1', interface: 'eth0', virtualRouterId: 51 });

test('what the VRRP daemon does not do is said; what it does is not', () => {
  assert.deepEqual(vrrpNotYet(vrrpConfig({ instances: [instance] })), []);
  const found = vrrpNotYet(vrrpConfig({ instances: [{ ...instance, accept: false, line: 7 }] }));
  assert.deepEqual(
    found.map(({ code, line, severity }) => [code, line, severity]),
    [['no-accept-not-done', 7, 'warning']],
  );
});
