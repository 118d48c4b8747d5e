import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultVrrpGlobal, vrrpConfig, vrrpInstance } from '../../../src/config/vrrp-defaults.js';
import { vrrpNotYet } from '../../../src/config/vrrp-not-yet.js';

const instance = vrrpInstance({ name: 'VI_1', interface: 'eth0', virtualRouterId: 51 });

test('what the VRRP daemon does not do is said; what it does is not', () => {
  assert.deepEqual(vrrpNotYet(vrrpConfig({ instances: [instance] })), []);
  const global = {
    ...defaultVrrpGlobal('node1'),
    notifyFifo: '/run/fifo',
    startupScript: { words: ['/bin/true'] },
  };
  const found = vrrpNotYet(vrrpConfig({ instances: [{ ...instance, accept: false, line: 7 }], global }));
  assert.deepEqual(
    found.map(({ code, line, severity }) => [code, line, severity]),
    [
      ['startup-script-not-done', 0, 'warning'],
      ['no-accept-not-done', 7, 'warning'],
    ],
  );
});
